from dataclasses import replace

import pytest

from simulator.shop.product import Product
from simulator.store.database import Database
from simulator.store.index import SearchIndex
from simulator.store.links import list_targets
from tests.unit.simulator.small_pim import SmallPim, a_small_pim


def linked_pair(pim: SmallPim) -> tuple[Product, Product]:
    """A product, and another one that is associated with it."""
    for product in pim.products():
        for uuid in list_targets(product):
            target = pim.simulation.database.get(uuid)
            assert target is not None
            return target, product
    raise AssertionError("no product has associations")


def product(uuid: str, identifier: str | None = None) -> Product:
    return Product(
        uuid,
        identifier,
        number=0,
        family=None,
        enabled=True,
        categories=(),
        created=0,
        updated=0,
        values={},
    )


def test_an_identifier_is_unique_whatever_its_case() -> None:
    database = Database([product("a", "SKU-1")], lambda *_: None)

    with pytest.raises(ValueError, match="taken"):
        database.save(product("b", "sku-1"))
    assert database.get("b") is None


def test_a_product_is_found_by_uuid_and_identifier_in_any_case() -> None:
    database = Database([product("0a", "SKU-1")], lambda *_: None)

    assert database.get("0A") is database.by_identifier("sKu-1") is database.get("0a")


def test_an_identifier_is_free_again_after_its_product_took_another() -> None:
    database = Database([product("a", "SKU-1")], lambda *_: None)

    database.save(product("a", "SKU-2"))
    database.save(product("b", "SKU-1"))

    found = database.by_identifier("SKU-1")
    assert found is not None
    assert found.uuid == "b"


def test_a_removed_product_leaves_the_associations_of_others_and_nothing_else_moves() -> None:
    pim = a_small_pim()
    target, referrer = linked_pair(pim)
    heard: list[str] = []
    database = Database(pim.products(), lambda uuid, _: heard.append(uuid))

    database.remove(target.uuid)

    after = database.get(referrer.uuid)
    assert after is not None
    assert target.uuid not in list_targets(after)
    assert after.updated == referrer.updated
    assert heard == [target.uuid]


def test_a_product_that_comes_back_is_associated_with_nobody_anew() -> None:
    pim = a_small_pim()
    target, referrer = linked_pair(pim)

    pim.simulation.database.remove(target.uuid)
    pim.simulation.database.save(target)

    assert target.uuid not in list_targets(pim.reread(referrer))


def test_the_database_walks_in_the_order_of_uuids() -> None:
    database = Database([product("b"), product("a")], lambda *_: None)
    database.save(product("aa"))

    assert [each.uuid for each in database] == ["a", "aa", "b"]


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_index_follows_after_its_lag() -> None:
    clock = Seconds()
    first = product("a", "old")
    index = SearchIndex([first], clock, lag_seconds=2.0)

    index.note("a", replace(first, identifier="new"))
    index.note("b", product("b"))
    clock.now = 1.9
    before = index.keys().copy()
    clock.now = 2.0
    after = index.keys().copy()

    assert (before, after) == (["a"], ["a", "b"])
    entry = index.entry("a")
    assert entry is not None
    assert entry.identifier == "new"


def test_the_index_shows_a_removed_product_until_the_lag_has_passed() -> None:
    clock = Seconds()
    index = SearchIndex([product("a")], clock, lag_seconds=2.0)

    index.note("a", None)

    assert index.keys() == ["a"]
    clock.now = 2.0
    assert index.keys() == []


def test_without_a_lag_the_index_knows_at_once() -> None:
    index: SearchIndex[Product] = SearchIndex([], Seconds(), lag_seconds=0.0)

    index.note("a", product("a"))

    assert index.keys() == ["a"]


def test_an_index_without_lag_does_not_overtake_changes_that_still_wait() -> None:
    clock = Seconds()
    index = SearchIndex([product("a")], clock, lag_seconds=5.0)
    index.note("a", None)
    index.lag_seconds = 0.0
    index.note("a", product("a"))
    clock.now = 5.0

    assert index.keys() == ["a"]


def test_a_damaged_index_loses_entries_that_the_database_keeps() -> None:
    pim = a_small_pim(products=10)
    victim = pim.products()[3]

    lost = pim.simulation.index.forget([victim.uuid, "unknown"])

    assert lost == 1
    assert victim.uuid not in pim.simulation.index.keys()  # noqa: SIM118 - not a dict
    assert pim.reread(victim) is victim
