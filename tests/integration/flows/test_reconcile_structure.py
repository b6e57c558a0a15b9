"""Each list of the structure has a watermark of its own."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from flows.sweeps.doubts.failing_lists import LISTS_ALARM
from pim.json_types import as_object
from pim.vocabulary import CatalogKind
from storage.catalog import list_items
from storage.products import read_bounds, read_changes
from storage.state.watermarks import read_watermark
from tests.integration.flows.fault_scene import bring_on, end_faults, some, toggle
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

FAMILIES = "/api/rest/v1/families"


@pytest.fixture
def one_shop(tmp_path: Path, sqlite_url: str) -> Iterator[Shop]:
    with open_shop(tmp_path, products=20, database_url=sqlite_url) as shop:
        yield shop


def rename(shop: Shop, label: str) -> str:
    """Give a family another label."""
    family = min(str(p["family"]) for p in shop.truth().values() if p["family"])
    shop.control(f"structure/families/{family}", {"changes": {"labels": {"en_US": label}}})
    return family


def label_of(shop: Shop, family: str) -> object:
    with shop.store.read() as tx:
        return as_object(list_items(tx, CatalogKind.FAMILY)[family]["labels"]).get("en_US")


def watermark(shop: Shop, name: str = CatalogKind.FAMILY) -> datetime:
    with shop.store.read() as tx:
        found = read_watermark(tx, [name])
    assert found is not None
    return found.seen_until


async def test_a_delta_finds_a_change_of_structure_and_moves_that_lists_watermark(
    one_shop: Shop,
) -> None:
    await one_shop.reconcile()
    before = watermark(one_shop)
    with one_shop.store.read() as tx:
        _, position = read_bounds(tx)
    family = rename(one_shop, "Renamed")
    report = await one_shop.reconcile(full=False)
    assert label_of(one_shop, family) == "Renamed"
    assert report.structure[CatalogKind.FAMILY] == 1
    assert watermark(one_shop) != before  # of the same second, maybe: the PIM tells no fractions
    with one_shop.store.read() as tx:
        changes = read_changes(tx, after=position)
    users = {key for key, each in one_shop.truth().items() if each["family"] == family}
    assert {change.key for change in changes} == users
    assert {(change.op, change.cause) for change in changes} == {
        ("rendered", f"structure family:{family}")
    }
    assert {each.code for change in changes for each in change.changed} == {"family"}


async def test_a_list_that_fails_keeps_its_watermark_while_all_else_is_swept(
    one_shop: Shop,
) -> None:
    shop = one_shop
    await shop.reconcile()
    before = watermark(shop), watermark(shop, CatalogKind.CATEGORY)
    family = rename(shop, "Renamed")
    toggle(shop, some(shop, 3), silent=True)
    bring_on(shop, path=FAMILIES, status=500)
    await shop.reconcile(full=False)
    assert {each.name for each in shop.alarms()} == {LISTS_ALARM}
    assert shop.sources() == shop.truth()
    assert shop.status().breaker.failing_since is None  # the products are read
    assert watermark(shop) == before[0]
    assert watermark(shop, CatalogKind.CATEGORY) != before[1]
    end_faults(shop)
    await shop.reconcile(full=False)
    assert label_of(shop, family) == "Renamed"
    assert not shop.alarms()


async def test_a_right_that_comes_back_brings_what_changed_without_it(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    before = watermark(shop)
    bring_on(shop, path=FAMILIES, status=403)
    family = rename(shop, "Renamed")
    for _ in range(2):
        report = await shop.reconcile(full=False)
        assert any("family keeps its last state" in note for note in report.notes)
        assert {each.name for each in shop.alarms()} == {LISTS_ALARM}
    assert watermark(shop) == before
    end_faults(shop)
    await shop.reconcile(full=False)
    assert label_of(shop, family) == "Renamed"


async def test_a_pim_too_old_for_a_lists_filter_lists_all_of_it(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    family = rename(shop, "Renamed")
    shop.control("answers", {"path": FAMILIES, "status": 422})
    await shop.reconcile(full=False)
    assert label_of(shop, family) == "Renamed"
