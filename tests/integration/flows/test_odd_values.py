"""What is odd in answers on products costs only itself; what means the same is no drift."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.views.why import Story
from cli.views.why_json import why_object
from flows.sweeps.report import ReconcileReport
from pim.json_types import JsonObject, as_list, as_object
from storage.products.changes import read_changes
from storage.views.history import read_history
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

TWO_WAY = "UPSELL"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """A mirror that is whole."""
    with open_shop(tmp_path, products=24, models=2) as running:
        await running.reconcile()
        yield running


def documents(shop: Shop) -> dict[str, JsonObject]:
    """What a shop shows."""
    return {key: as_object(line["document"]) for key, line in shop.exported().items()}


def changes(shop: Shop) -> int:
    with shop.store.read() as tx:
        return len(read_changes(tx, limit=10_000))


def told(report: ReconcileReport) -> tuple[int, int, bool]:
    """What came otherwise, and what counts as repaired or as drift."""
    return report.restated, report.repaired, report.has_drift


async def test_links_that_moved_are_shown_by_the_next_full_sweep_and_are_no_drift(
    shop: Shop,
) -> None:
    before, rows = documents(shop), changes(shop)
    linked = {key for key, each in before.items() if '"url"' in json.dumps(each)}
    assert linked
    moved = {"does": "replace", "at": "values.**.href", "text": "http://", "by": "https://cdn."}
    shop.oddly("products-uuid*", moved, items=["*"])

    dry = await shop.reconcile(dry_run=True)
    assert told(dry) == (len(linked), 0, False)
    report = await shop.reconcile()

    assert told(report) == (len(linked), 0, False)
    assert len([note for note in report.all_notes() if "other links" in note]) == 1
    assert changes(shop) == rows + len(linked)  # readers of the feed show the links
    for key, document in documents(shop).items():
        wanted = json.dumps(before[key]).replace('"url": "http://', '"url": "https://cdn.')
        assert json.dumps(document) == wanted
    assert told(await shop.reconcile()) == (0, 0, False)


async def test_a_new_key_in_each_value_is_one_note_and_no_change(shop: Shop) -> None:
    before, rows = documents(shop), changes(shop)
    shop.oddly("products-uuid*", {"does": "set", "at": "values.*.*.is_new", "to": 1}, items=["*"])

    report = await shop.reconcile()

    assert told(report) == (len(before), 0, False)
    assert len(report.all_notes()) == 1 + len(report.notes)
    assert (documents(shop), changes(shop)) == (before, rows)
    assert all('"is_new"' in json.dumps(source) for source in shop.sources().values())


async def test_lists_written_as_objects_are_the_lists_that_they_mean(shop: Shop) -> None:
    before, rows = documents(shop), changes(shop)
    places = ["categories", "groups", "values.*", "completenesses", "associations.*.*"]
    respelled = [{"does": "keyed", "at": place} for place in places]
    shop.oddly("products-uuid*", *respelled, items=["*"])

    report = await shop.reconcile()

    assert (report.repaired, report.has_drift, report.failed) == (0, False, [])
    assert (documents(shop), changes(shop)) == (before, rows)
    assert '"categories": {"0"' in json.dumps([*shop.sources().values()])


@pytest.mark.parametrize("date", ["-0001-11-30T00:00:00+00:00", None])
async def test_a_product_whose_date_cannot_be_read_is_mirrored_without_it(
    shop: Shop, date: object
) -> None:
    uuid = next(iter(shop.truth()))
    dated = {"does": "set", "at": "updated", "to": date}
    shop.oddly("products-uuid*", dated, items=[uuid])
    shop.control(f"products/{uuid}", {"changes": {"enabled": False}})

    await shop.drain()
    report = await shop.reconcile(full=False)

    assert report.failed == []
    assert documents(shop)[uuid]["enabled"] is False
    assert shop.events("dead") == []
    with shop.store.read() as tx:
        (history,) = read_history(tx, uuid)
    told = as_object(as_list(why_object(uuid, [Story(history, [])])["products"])[0])
    assert "updated: no date that can be read" in json.dumps(as_object(told["product"]))
    shop.evenly()
    await shop.reconcile()
    assert shop.sources()[uuid] == shop.truth()[uuid]


async def test_a_name_that_cannot_be_used_costs_the_name_alone(shop: Shop) -> None:
    uuid = next(key for key, each in shop.truth().items() if each["parent"] is None)
    for name in ("\u00a0", "a\0b", "x" * 300, ""):
        nameless = {"does": "set", "at": "values.sku.0.data", "to": name}
        shop.oddly("events", {**nameless, "at": "events.*.data.resource.identifier"})
        shop.oddly("products-uuid*", nameless, {**nameless, "at": "identifier"}, items=[uuid])
        is_on = shop.truth()[uuid]["enabled"]
        shop.control(f"products/{uuid}", {"changes": {"enabled": not is_on}})
        await shop.drain()
        line = documents(shop)[uuid]
        assert (line["identifier"], line["enabled"]) == (None, not is_on)
        shop.evenly()
    assert shop.events("dead") == []


async def test_the_other_end_of_a_two_way_association_is_read_in_the_same_drain(
    shop: Shop,
) -> None:
    one, other, *_ = (key for key, each in shop.truth().items() if each["parent"] is None)
    shop.control(f"structure/association-types/{TWO_WAY}", {"changes": {"is_two_way": True}})
    await shop.reconcile(full=False)

    for targets in ([other], []):
        links = {"associations": {TWO_WAY: {"products": targets}}}
        shop.control(f"products/{one}", {"changes": links})
        await shop.drain()
        truth = shop.truth()
        assert (one in json.dumps(truth[other])) is bool(targets)
        assert {key: shop.sources()[key] for key in (one, other)} == {
            key: truth[key] for key in (one, other)
        }
    assert shop.status().products.marks_open == 0
