"""Records, assets and the rest of the structure change: documents and sources follow."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from flows.sweeps.doubts.failing_lists import LISTS_ALARM
from flows.sweeps.run import ReconcileRequest, run_reconcile
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.vocabulary import CatalogKind
from storage.catalog import list_codes
from storage.state.watermarks import read_watermark
from tests.integration.flows.fault_scene import asked, bring_on, count_anew, end_faults
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def rich_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """An Enterprise PIM and its mirror, for the whole module: a test leaves the two equal."""
    folder = tmp_path_factory.mktemp("rich")
    with open_shop(
        folder,
        products=40,
        edition="EE",
        records=60,
        assets=60,
    ) as shop:
        asyncio.run(shop.reconcile())
        yield shop


def values(line: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Every entry of a document, with its attribute's type."""
    for attribute in as_object(as_object(line["document"])["attributes"]).values():
        body = as_object(attribute)
        for entry in as_list(body["values"]):
            yield str(body["type"]), as_object(entry)


def users(shop: Shop, kind: str, code: str) -> dict[str, JsonValue]:
    """What the documents show of a record or an asset, by product."""
    shown: dict[str, JsonValue] = {}
    for key, line in shop.exported().items():
        for _, entry in values(line):
            found = as_object(entry.get(kind))
            for body in [found, *map(as_object, found.values())]:
                if body.get("code") == code:
                    shown[key] = body
    return shown


def used(shop: Shop, kind: str) -> tuple[str, str]:
    """The home and code of a record or an asset that a product uses, and no other home has."""
    answer = shop.http.get(f"{shop.pim_url}/_simulator/things/{kind}s")
    listed = [json.loads(line) for line in answer.text.splitlines()]
    homes = Counter(body["code"] for body in listed)
    for body in listed:
        if homes[body["code"]] == 1 and users(shop, kind, body["code"]):
            return body["family"], body["code"]
    raise AssertionError(f"no {kind} is used")


def take_away(shop: Shop, path: str) -> None:
    shop.http.delete(f"{shop.pim_url}/_simulator/{path}").raise_for_status()


def codes(shop: Shop, kind: CatalogKind, parent: str | None = None) -> set[str]:
    with shop.store.read() as tx:
        return list_codes(tx, kind, parent)


async def test_every_record_and_asset_of_a_document_is_mirrored(rich_shop: Shop) -> None:
    kinds = {"akeneo_reference_entity": "record", "pim_catalog_asset_collection": "asset"}
    seen = set()
    for line in rich_shop.exported().values():
        for kind, entry in values(line):
            if kind in kinds and entry["data"]:
                assert as_object(entry[kinds[kind]]), entry
                seen.add(kind)
    assert seen == set(kinds)


async def test_a_renamed_record_reaches_its_products_without_reading_them(
    rich_shop: Shop,
) -> None:
    shop = rich_shop
    home, code = used(shop, "record")
    before = users(shop, "record", code)
    label: JsonObject = {"locale": "en_US", "channel": None, "data": "Renamed"}
    shop.control(f"things/records/{home}/{code}", {"changes": {"values": {"label": [label]}}})
    count_anew(shop)
    report = await shop.reconcile(full=False)
    assert report.structure == {CatalogKind.RECORD: 1}
    assert (report.products, report.rendered) == (0, len(before))
    after = users(shop, "record", code)
    assert {as_object(as_object(each)["labels"])["en_US"] for each in after.values()} == {"Renamed"}
    assert after.keys() == before.keys()
    assert asked(shop, "products-uuid/") == 0
    assert shop.sources() == shop.truth()


async def test_a_deleted_asset_leaves_the_answers_of_its_products_and_so_the_store(
    rich_shop: Shop,
) -> None:
    """No event tells of it, and no product's `updated` moves."""
    shop = rich_shop
    home, code = used(shop, "asset")
    take_away(shop, f"things/assets/{home}/{code}")
    assert shop.sources() != shop.truth()
    report = await shop.reconcile()
    assert report.structure == {CatalogKind.ASSET: 1}
    assert shop.sources() == shop.truth()
    assert not users(shop, "asset", code)


async def test_a_record_made_since_the_last_sweep_is_read_on_a_miss(rich_shop: Shop) -> None:
    shop = rich_shop
    uuid, entry = next(
        (key, entry)
        for key, line in shop.exported().items()
        for kind, entry in values(line)
        if kind == "akeneo_reference_entity"
    )
    attribute = next(
        code
        for code, body in as_object(shop.truth()[uuid]["values"]).items()
        if as_object(as_list(body)[0])["data"] == entry["data"]
    )
    home, _ = used(shop, "record")
    label: JsonObject = {"locale": "en_US", "channel": None, "data": "Brand new"}
    shop.control(f"things/records/{home}/newcomer", {"changes": {"values": {"label": [label]}}})
    value: JsonObject = {"locale": None, "scope": None, "data": "newcomer"}
    shop.control(f"products/{uuid}", {"changes": {"values": {attribute: [value]}}})
    await shop.drain()
    assert users(shop, "record", "newcomer").keys() == {uuid}
    assert shop.sources() == shop.truth()


async def test_a_locale_that_is_switched_off_takes_its_values_out_within_a_delta(
    rich_shop: Shop,
) -> None:
    """Values are hidden as the PIM answers: no event, and `updated` stands still."""
    shop = rich_shop
    for enabled in (False, True):
        shop.control("structure/locales/fr_FR", {"changes": {"enabled": enabled}})
        assert shop.sources() != shop.truth()
        report = await shop.reconcile(full=False)
        assert any("every product is compared" in note for note in report.notes)
        assert shop.sources() == shop.truth()
    assert not (await shop.reconcile(full=False)).notes


async def test_what_lives_in_a_deleted_item_goes_with_it(rich_shop: Shop) -> None:
    shop = rich_shop
    assert codes(shop, CatalogKind.OPTION, "brand")
    take_away(shop, "structure/attributes/brand")
    await shop.reconcile()
    assert not codes(shop, CatalogKind.OPTION, "brand")
    assert shop.sources() == shop.truth()
    assert not (await shop.reconcile(dry_run=True)).has_drift


async def test_a_renamed_option_is_found_by_the_deltas_turn_through_the_lists(
    rich_shop: Shop,
) -> None:
    shop = rich_shop
    option = min(codes(shop, CatalogKind.OPTION, "material"))
    path = f"structure/options/{option}?parent=material"
    shop.control(path, {"changes": {"labels": {"en_US": "Renamed"}}})
    found = [(await shop.reconcile(full=False)).structure for _ in range(3)]
    assert [each for each in found if each] == [{CatalogKind.OPTION: 1}]
    await shop.reconcile()
    assert shop.sources() == shop.truth()


async def test_a_renamed_option_is_read_again_when_a_product_shows_its_new_label(
    rich_shop: Shop,
) -> None:
    shop = rich_shop
    uuid, option = next(
        (key, as_list(entry["data"])[0])
        for key, line in shop.exported().items()
        for kind, entry in values(line)
        if kind == "pim_catalog_multiselect" and entry["data"]
    )
    attribute = next(
        code
        for code, body in as_object(shop.truth()[uuid]["values"]).items()
        if option in as_list(as_object(as_list(body)[0])["data"])
    )
    path = f"structure/options/{option}?parent={attribute}"
    shop.control(path, {"changes": {"labels": {"en_US": "Shown by its product"}}})
    shop.control(f"products/{uuid}", {"changes": {"enabled": not shop.truth()[uuid]["enabled"]}})
    await shop.drain()
    shown = as_object(as_object(shop.exported()[uuid]["document"])["attributes"])[attribute]
    assert "Shown by its product" in json.dumps(shown)
    await shop.reconcile()
    assert shop.sources() == shop.truth()


async def test_one_list_that_fails_leaves_the_others_whole(rich_shop: Shop) -> None:
    shop = rich_shop
    broken, whole = "option:material", "option:color"
    with shop.store.read() as tx:
        before = {name: read_watermark(tx, [name]) for name in (broken, whole, "record")}
    bring_on(shop, path="/api/rest/v1/attributes/material/options", status=500)
    report = await shop.reconcile()
    end_faults(shop)
    assert any(note.startswith("option:material keeps its last state") for note in report.notes)
    (alarm,) = (each for each in shop.alarms() if each.name == LISTS_ALARM)
    assert "option:material since" in alarm.text
    assert "status 500" in alarm.text
    with shop.store.read() as tx:
        after = {name: read_watermark(tx, [name]) for name in before}
    assert after[broken] == before[broken]
    assert after[whole] != before[whole]
    assert after["record"] != before["record"]
    await shop.reconcile()
    assert LISTS_ALARM not in {each.name for each in shop.alarms()}


async def test_a_list_that_lacks_much_at_once_takes_nothing_out_until_a_person_says_so(
    rich_shop: Shop,
) -> None:
    """A listing that looks short is never a reason to delete, nor to ask for each item."""
    shop = rich_shop
    home = "Workshop"
    for number in range(25):
        label: JsonObject = {"locale": "en_US", "channel": None, "data": f"Extra {number}"}
        path = f"things/records/{home}/extra_{number}"
        shop.control(path, {"changes": {"values": {"label": [label]}}})
    await shop.reconcile()
    for number in range(25):
        take_away(shop, f"things/records/{home}/extra_{number}")
    count_anew(shop)
    await shop.reconcile()
    assert asked(shop, f"{home}/records/") == 0
    assert "extra_0" in codes(shop, CatalogKind.RECORD, home)
    (alarm,) = shop.status().alarms
    assert (alarm.name, "record:workshop lacks 21 or more of" in alarm.text) == ("short-list", True)
    meant = replace(shop.settings, max_delete_share=1.0)
    await run_reconcile(meant, ReconcileRequest())
    assert "extra_0" not in codes(shop, CatalogKind.RECORD, home)
    assert not shop.status().alarms


async def test_a_pim_without_entities_and_assets_is_asked_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp(f"community-{uuid4()}")
    with open_shop(folder, products=5) as shop:
        report = await shop.reconcile()
        assert any("reference entity: not in this PIM" in note for note in report.notes)
        for full in (False, True, False):
            again = await shop.reconcile(full=full)
            assert not again.notes
        assert asked(shop, "reference-entities") == asked(shop, "asset-families") == 1
        assert shop.sources() == shop.truth()
        assert not shop.status().alarms
