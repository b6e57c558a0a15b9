"""A change of the structure reaches every document that shows it, and no product is read for it."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Row, select, update

from pim.json_types import JsonObject, as_list, as_object
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Transaction, migrate
from storage.catalog import list_items
from storage.products import Change, read_bounds, read_changes
from storage.references import key_of, users_of
from storage.tables import ProductContent, ReferenceName, table_of
from tests.former_schema import move_schema
from tests.integration.flows.fault_scene import asked, count_anew
from tests.rendered_anew import documents, rendered_anew
from tests.shop import APP_TOKEN, Shop, open_shop

pytestmark = pytest.mark.anyio

_NAME = table_of(ReferenceName)
LABEL: JsonObject = {"labels": {"en_US": "Renamed"}}


@pytest.fixture(scope="module")
def rich_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """An Enterprise PIM and its mirror, for the whole module: a test leaves the two equal."""
    folder = tmp_path_factory.mktemp("rich")
    with open_shop(
        folder,
        products=16,
        models=1,
        edition="EE",
        saas=True,
        records=16,
        assets=16,
        app_token=APP_TOKEN,
    ) as shop:
        asyncio.run(shop.reconcile())
        yield shop


def most_used(shop: Shop, kind: CatalogKind) -> Reference:
    """The item of a kind that the most documents show, with its codes as they are written."""
    with shop.store.read() as tx:
        named = tx.execute(select(_NAME).where(_NAME.c.kind == kind)).all()
        used = {row: count_users(tx, row) for row in named}
        row = max(used, key=lambda each: (used[each], each.code_key))
        homes = {
            str(parent).casefold(): str(parent)
            for above in (CatalogKind.ATTRIBUTE, CatalogKind.REFERENCE_ENTITY)
            for parent in [*list_items(tx, above), *list_items(tx, CatalogKind.ASSET_FAMILY)]
        }
        parent = homes.get(row.parent_key, row.parent_key)
        codes = list_items(tx, kind, parent)
    code = next((code for code in codes if code.casefold() == row.code_key), row.code_key)
    return Reference(kind, parent, code)


def count_users(tx: Transaction, name: Row[Any]) -> int:
    return len(tx.execute(users_of(name.kind, name.parent_key, name.code_key)).all())


def users(shop: Shop, item: Reference) -> set[str]:
    with shop.store.read() as tx:
        return set(tx.execute(users_of(*key_of(item))).scalars())


def changes_since(shop: Shop, position: int) -> list[Change]:
    with shop.store.read() as tx:
        return read_changes(tx, after=position)


def position_of(shop: Shop) -> int:
    with shop.store.read() as tx:
        return read_bounds(tx)[1]


def change(shop: Shop, path: str, changes: Mapping[str, object]) -> None:
    shop.control(path, {"changes": changes})


async def sweep_until(shop: Shop, kind: CatalogKind) -> None:
    """Deltas until one saw the change: lists without a filter are read in turns."""
    for _ in range(12):
        if (await shop.reconcile(full=False)).structure[kind]:
            return
    raise AssertionError(f"no delta saw the {kind}")


@dataclass(frozen=True)
class Told:
    """How the Event Platform calls a kind, and the simulated PIM its list."""

    route: str
    type: str
    names: str
    home: str | None = None


TOLD = {
    CatalogKind.ATTRIBUTE: Told("attributes", "attribute.updated", "attribute"),
    CatalogKind.OPTION: Told(
        "options", "attribute-option.updated", "attribute_option", "attribute"
    ),
    CatalogKind.FAMILY: Told("families", "family.updated", "family"),
    CatalogKind.CATEGORY: Told("categories", "category.updated", "category"),
}


async def must_follow(
    shop: Shop, shown_by: Reference, before: Mapping[str, object], at: int
) -> None:
    """All users were rendered and say why; no product was read; nothing older is left anywhere."""
    assert asked(shop, "products-uuid/") == 0
    rows = changes_since(shop, at)
    cause = f"structure {shown_by.kind}:" + "/".join(filter(None, [shown_by.parent, shown_by.code]))
    assert {row.key for row in rows} == users(shop, shown_by)
    assert {(row.op, row.cause.casefold()) for row in rows} == {("rendered", cause.casefold())}
    after = documents(shop)
    assert {key for key in after if after[key] != before[key]} == users(shop, shown_by)
    assert after == await rendered_anew(shop)


@pytest.mark.parametrize("by_event", [True, False], ids=["event", "delta"])
@pytest.mark.parametrize("kind", TOLD, ids=str)
async def test_what_an_event_tells_of_reaches_its_documents_by_event_and_by_delta(
    rich_shop: Shop,
    kind: CatalogKind,
    by_event: bool,  # noqa: FBT001
) -> None:
    shop, told, item = rich_shop, TOLD[kind], most_used(rich_shop, kind)
    before, at = documents(shop), position_of(shop)
    count_anew(shop)
    query = f"?parent={item.parent}" if item.parent else ""
    change(
        shop, f"structure/{told.route}/{item.code}{query}", {"labels": {"en_US": f"New {by_event}"}}
    )
    if by_event:
        thing = {"code": item.code} | ({told.home: {"code": item.parent}} if told.home else {})
        shop.told_by_platform(told.type, {told.names: thing})
        await shop.drain()
    else:
        await sweep_until(shop, kind)
    await must_follow(shop, item, before, at)


async def test_a_units_label_reaches_its_documents(rich_shop: Shop) -> None:
    shop, item = rich_shop, most_used(rich_shop, CatalogKind.MEASUREMENT_FAMILY)
    before, at = documents(shop), position_of(shop)
    with shop.store.read() as tx:
        units = as_object(list_items(tx, CatalogKind.MEASUREMENT_FAMILY)[item.code]["units"])
    renamed = {code: {**as_object(unit), **LABEL} for code, unit in units.items()}
    count_anew(shop)
    change(shop, f"structure/measurement-families/{item.code}", {"units": renamed})
    await sweep_until(shop, item.kind)
    await must_follow(shop, item, before, at)


@pytest.mark.parametrize("kind", [CatalogKind.RECORD, CatalogKind.ASSET], ids=str)
async def test_a_thing_reaches_its_documents(rich_shop: Shop, kind: CatalogKind) -> None:
    shop, item = rich_shop, most_used(rich_shop, kind)
    before, at = documents(shop), position_of(shop)
    count_anew(shop)
    change(shop, f"things/{kind}s/{item.parent}/{item.code}", LABEL)
    await sweep_until(shop, kind)
    await must_follow(shop, item, before, at)


OPTIONS = {
    CatalogKind.REFERENCE_ENTITY_OPTION: (
        CatalogKind.RECORD_OPTIONS,
        "reference-entity-options",
        "record",
    ),
    CatalogKind.ASSET_OPTION: (CatalogKind.ASSET_OPTIONS, "asset-options", "asset"),
}


def option_in_documents(shop: Shop, kind: CatalogKind) -> tuple[str, str]:
    """An option that a used record or asset holds, as parent and code."""
    _, _, thing = OPTIONS[kind]
    item = CatalogKind(thing)
    with shop.store.read() as tx:
        homes = list_items(tx, _home_of(kind))
        held = [
            (f"{home}/{attribute}", str(option))
            for home in homes
            for code, body in list_items(tx, item, home).items()
            if users(shop, Reference(item, home, code))
            for attribute, values in as_object(body["values"]).items()
            for data in (as_object(each).get("data") for each in as_list(values))
            for option in [data, *as_list(data)]
        ]
        known = {
            (parent, code)
            for parent in {parent for parent, _ in held}
            for code in list_items(tx, kind, parent)
        }
    return next(each for each in held if each in known)


def _home_of(kind: CatalogKind) -> CatalogKind:
    is_record = kind is CatalogKind.REFERENCE_ENTITY_OPTION
    return CatalogKind.REFERENCE_ENTITY if is_record else CatalogKind.ASSET_FAMILY


@pytest.mark.parametrize("kind", OPTIONS, ids=str)
async def test_an_option_of_records_or_assets_reaches_the_documents_that_show_it(
    rich_shop: Shop, kind: CatalogKind
) -> None:
    shop = rich_shop
    whole, route, _ = OPTIONS[kind]
    parent, code = option_in_documents(shop, kind)
    at = position_of(shop)
    count_anew(shop)
    change(shop, f"structure/{route}/{code}?parent={parent.replace('/', '.')}", LABEL)
    await sweep_until(shop, kind)
    assert asked(shop, "products-uuid/") == 0
    rows = changes_since(shop, at)
    assert {row.cause for row in rows} == {f"structure {whole}:{parent.split('/')[0].casefold()}"}
    assert rows
    assert {row.key for row in rows} <= users(shop, Reference(whole, "", parent.split("/")[0]))
    assert "'Renamed'" in str([documents(shop)[row.key] for row in rows])
    assert documents(shop) == await rendered_anew(shop)


async def test_an_ancestor_category_reaches_the_documents_below_it(rich_shop: Shop) -> None:
    shop = rich_shop
    root = Reference(CatalogKind.CATEGORY, "", "master")
    before, at = documents(shop), position_of(shop)
    count_anew(shop)
    change(shop, "structure/categories/master", {"labels": {"en_US": "The whole shop"}})
    await sweep_until(shop, CatalogKind.CATEGORY)
    await must_follow(shop, root, before, at)
    assert "The whole shop" in str(documents(shop))


async def test_a_channel_reaches_the_documents_of_its_tree_and_of_the_one_it_turns_to(
    rich_shop: Shop,
) -> None:
    shop = rich_shop
    tree = most_used(shop, CatalogKind.CATEGORY_TREE)
    before, at = documents(shop), position_of(shop)
    count_anew(shop)
    with shop.store.read() as tx:
        channels = list_items(tx, CatalogKind.CHANNEL)
    code = next(code for code, body in channels.items() if body["category_tree"] == tree.code)
    change(shop, f"structure/channels/{code}", LABEL)
    await sweep_until(shop, CatalogKind.CHANNEL)
    await must_follow(shop, tree, before, at)
    other = next(
        str(each["category_tree"])
        for each in channels.values()
        if each["category_tree"] != tree.code
    )
    at = position_of(shop)
    change(shop, f"structure/channels/{code}", {"category_tree": other})
    await sweep_until(shop, CatalogKind.CHANNEL)
    shown = documents(shop)
    assert shown == await rendered_anew(shop)
    moved = users(shop, tree) ^ users(shop, Reference(CatalogKind.CATEGORY_TREE, "", other))
    assert {row.key for row in changes_since(shop, at)} == moved
    for key, document in shown.items():
        codes = {as_object(each)["code"] for each in as_list(as_object(document)["channels"])}
        assert (code in codes) == (
            key in users(shop, Reference(CatalogKind.CATEGORY_TREE, "", other))
        )


SHOWN_BY_CODE = ["attribute-groups", "association-types", "reference-entities", "asset-families"]


@pytest.mark.parametrize("route", SHOWN_BY_CODE)
async def test_what_documents_show_by_its_code_alone_changes_none(
    rich_shop: Shop, route: str
) -> None:
    shop = rich_shop
    before, at = documents(shop), position_of(shop)
    code = str(shop.listed(route)[0]["code"])
    count_anew(shop)
    change(shop, f"structure/{route}/{code}", LABEL)
    await shop.reconcile(full=False)
    assert asked(shop, "products-uuid/") == 0
    assert changes_since(shop, at) == []
    assert documents(shop) == before


async def test_documents_of_an_older_form_are_rendered_by_the_delta_after_the_upgrade(
    rich_shop: Shop,
) -> None:
    shop = rich_shop
    before = documents(shop)
    with shop.store.transaction() as tx:
        tx.execute(update(table_of(ProductContent)).values(document='{"of":"an older form"}'))
        move_schema(command.downgrade, tx.connection, "0013_feed")
    migrate(shop.settings.database_url)
    at = position_of(shop)
    count_anew(shop)
    report = await shop.reconcile(full=False)
    assert report.rendered == len(before)
    assert asked(shop, "products-uuid/") == 0
    assert documents(shop) == before
    assert {row.cause for row in changes_since(shop, at)} == {
        "structure document:channels and ancestors"
    }
    assert (await shop.reconcile(full=False)).rendered == 0
