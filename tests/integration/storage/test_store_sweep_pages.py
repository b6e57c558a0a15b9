"""A full sweep's page against the store."""

import pytest
from sqlalchemy import update

from pim.ids import OrderNumber, ProductKey
from storage import Store
from storage.products import Written, read_marks
from storage.products.compare import Compared, compare_page, list_orphans, touch_unchanged
from storage.tables import Product, table_of
from tests.store_builders import absence_of, absent, at, body_of, live, read_of, uuid_of, write

_PRODUCT = table_of(Product)


def _fill(store: Store) -> None:
    write(
        store,
        *(live(body_of(n, name="x"), 1, 2) for n in range(6)),
        absent(6, 1, 2),
        live(body_of(7, name="x"), 8, 9),
        live(body_of(8, name="x"), 4, 6),
        live(body_of(9, name="x"), 4, 6),
    )


def test_a_page_is_compared_row_by_row(store: Store) -> None:
    _fill(store)
    page = [
        read_of(body_of(0, name="x"), 5, 5),
        read_of(body_of(1, name="y"), 5, 5),
        read_of(body_of(2, name="x", updated=at(9)), 5, 5),
        read_of(body_of(3, name="y", updated=at(-9)), 5, 5),
        read_of(body_of(4, name="x", updated=at(-9)), 5, 5),
        read_of(body_of(99), 5, 5),
        read_of(body_of(6), 5, 5),
        read_of(body_of(7, name="y"), 5, 5),
        read_of(body_of(8, name="x"), 5, 5),
        read_of(body_of(9, name="y"), 5, 5),
    ]
    with store.read() as tx:
        compared = compare_page(tx, page)
    assert [compared[read.key] for read in page] == [
        Compared.UNCHANGED,
        Compared.DIFFERENT,
        Compared.MOVED,
        Compared.REWOUND,
        Compared.MOVED,  # its date alone is older
        Compared.MISSING,
        Compared.MISSING,  # a tombstone
        Compared.NEWER,
        Compared.NEWER,  # they overlap and agree
        Compared.DIFFERENT,  # they overlap and disagree: the write says `contended`
    ]


def test_an_absence_is_no_part_of_a_page(store: Store) -> None:
    with store.read() as tx, pytest.raises(ValueError, match="absence"):
        compare_page(tx, [absence_of(1, 1, 2)])


def test_touching_moves_the_read_columns_of_what_is_unchanged(store: Store) -> None:
    _fill(store)
    page = [read_of(body_of(n, name="x"), 5, 5) for n in range(10)]
    with store.transaction() as tx:
        touched = touch_unchanged(tx, page)
        marks = read_marks(tx, [ProductKey(uuid_of(n)) for n in range(10)])
    assert touched == {uuid_of(n) for n in range(6)}  # not the tombstone, not what is newer
    assert {key for key, mark in marks.items() if mark.read_from == 5} == touched


def test_touching_leaves_other_content_alone(store: Store) -> None:
    """An older read may have been written since the page was compared."""
    write(store, live(body_of(1, name="old"), 1, 2))
    with store.transaction() as tx:
        assert touch_unchanged(tx, [read_of(body_of(1, name="new"), 5, 6)]) == set()
    (result,) = write(store, live(body_of(1, name="new"), 5, 6))
    assert result.written is Written.UPDATED


def test_touching_nothing_is_nothing(store: Store) -> None:
    with store.transaction() as tx:
        assert touch_unchanged(tx, []) == set()


def test_a_read_under_way_when_the_sweep_began_does_not_vouch_for_a_product(store: Store) -> None:
    """It may have been served before a deletion that the sweep's listing then showed."""
    write(store, live(body_of(1), 4, 8))
    with store.read() as tx:
        assert list_orphans(tx, first_number=OrderNumber(5), after=None, limit=9) == [uuid_of(1)]


def test_orphans_are_live_and_unseen_since_the_sweep_began(store: Store) -> None:
    _fill(store)
    with store.transaction() as tx:
        touch_unchanged(tx, [read_of(body_of(0, name="x"), 3, 3)])
        first = OrderNumber(3)
        some = list_orphans(tx, first_number=first, after=None, limit=2)
        rest = list_orphans(tx, first_number=first, after=some[-1], limit=100)
    assert [*some, *rest] == [uuid_of(n) for n in range(1, 6)]


def test_what_is_told_otherwise_and_means_the_same_is_restated(store: Store) -> None:
    _fill(store)
    told = body_of(0, name="x") | {"metadata": {"state": "draft"}}
    with store.read() as tx:
        compared = compare_page(tx, [read_of(told, 5, 5), read_of(body_of(1, name="x"), 5, 5)])
    assert [*compared.values()] == [Compared.RESTATED, Compared.UNCHANGED]
    (result,) = write(store, live(told, 5, 5))
    assert result.written is Written.UNCHANGED


def test_a_hash_of_an_older_definition_is_no_drift_and_no_change(store: Store) -> None:
    """As after an upgrade: no row has a fingerprint of its answer yet."""
    _fill(store)
    with store.transaction() as tx:
        tx.execute(update(_PRODUCT).values(content_hash="of before", source_hash=None))
    page = [read_of(body_of(0, name="x"), 5, 5), read_of(body_of(1, name="y"), 5, 5)]
    with store.read() as tx:
        compared = compare_page(tx, page)
    assert [*compared.values()] == [Compared.RESTATED, Compared.DIFFERENT]
    results = write(store, live(body_of(0, name="x"), 5, 5), live(body_of(1, name="y"), 5, 5))
    assert [result.written for result in results] == [Written.UNCHANGED, Written.UPDATED]
