"""The guard of the write: what was asked after the stored answer had arrived is newer."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from pim.ids import ProductKey
from storage import Store, open_store
from storage.database.store import Transaction
from storage.products import ProductWrite, WriteResult, Written, read_marks, write_products
from storage.products.changes import read_changes
from storage.products.differences import Changed
from storage.products.export import ExportedProduct, export_products
from tests.store_builders import (
    CAUSE,
    NOW,
    absent,
    at,
    body_of,
    live,
    uuid_of,
    write,
)

KEY = ProductKey(uuid_of(1))


def _stored(store: Store) -> list[ExportedProduct]:
    with store.read() as tx:
        return list(export_products(tx, tombstones=True))


def _ops(store: Store) -> list[str]:
    with store.read() as tx:
        return [change.op for change in read_changes(tx)]


def _one(store: Store, each: ProductWrite) -> WriteResult:
    (result,) = write(store, each)
    return result


def test_a_first_read_creates(store: Store) -> None:
    assert _one(store, live(body_of(1, name="Arc"), 1, 2)) == WriteResult(Written.CREATED)
    (stored,) = _stored(store)
    assert (stored.key, stored.deleted, stored.updated) == (KEY, False, NOW)


def test_a_later_read_updates_and_says_what_changed(store: Store) -> None:
    write(store, live(body_of(1, name="Arc", weight="1.20"), 1, 2))
    result = _one(store, live(body_of(1, name="Bow", weight="1.20", updated=at(9)), 3, 4))
    assert result == WriteResult(Written.UPDATED, (Changed("name"),))
    with store.read() as tx:
        change = read_changes(tx)[-1]
    assert (change.op, change.changed, change.cause) == ("updated", (Changed("name"),), "test")
    assert (change.run_id, change.at, change.key) == ("run-1", NOW, KEY)


@pytest.mark.parametrize(("read_from", "read_to"), [(1, 2), (4, 6)])
def test_an_older_or_overlapping_read_of_the_same_content_changes_nothing(
    store: Store, read_from: int, read_to: int
) -> None:
    write(store, live(body_of(1, name="Arc"), 5, 7))
    result = _one(store, live(body_of(1, name="Arc"), read_from, read_to))
    assert result.written in {Written.OUTDATED, Written.UNCHANGED}
    with store.read() as tx:
        assert read_marks(tx, [KEY])[KEY].read_from == 5
    assert _ops(store) == ["created"]


def test_a_read_answered_before_the_stored_one_was_asked_is_dropped(store: Store) -> None:
    write(store, live(body_of(1, name="New"), 5, 6))
    before = _stored(store)
    # However new its `updated` may be.
    assert _one(store, live(body_of(1, name="Old", updated=at(900)), 1, 4)).written == "outdated"
    assert _one(store, absent(1, 1, 4)).written == "outdated"
    assert _stored(store) == before


def test_reads_that_overlap_and_disagree_are_to_be_read_again(store: Store) -> None:
    write(store, live(body_of(1, name="One"), 1, 4))
    assert _one(store, live(body_of(1, name="Two"), 3, 6)).written is Written.CONTENDED
    assert _one(store, absent(1, 3, 6)).written is Written.CONTENDED
    assert _one(store, live(body_of(1, name="Two"), 7, 8)).written is Written.UPDATED


def test_an_inherited_change_is_written_although_updated_stands_still(store: Store) -> None:
    write(store, live(body_of(1, colour="red"), 1, 2))
    assert _one(store, live(body_of(1, colour="blue"), 3, 4)).written is Written.UPDATED


def test_the_same_content_moves_the_read_columns_and_updated_without_a_change_row(
    store: Store,
) -> None:
    write(store, live(body_of(1, name="Arc"), 1, 2))
    assert _one(store, live(body_of(1, name="Arc", updated=at(60)), 3, 4)).written == "unchanged"
    (stored,) = _stored(store)
    assert stored.updated == at(60)
    assert stored.source is not None
    assert '"updated":"2026-11-23T12:01:00+00:00"' in stored.source
    assert _ops(store) == ["created"]
    with store.read() as tx:
        mark = read_marks(tx, [KEY])[KEY]
    assert (mark.read_from, mark.read_to, mark.updated) == (3, 4, at(60))


def test_a_cleared_value_is_gone(store: Store) -> None:
    write(store, live(body_of(1, name="Arc", colour="red"), 1, 2))
    result = _one(store, live(body_of(1, name="Arc"), 3, 4))
    assert result.changed == (Changed("colour"),)
    (stored,) = _stored(store)
    assert stored.source is not None
    assert "colour" not in stored.source


def test_an_absence_makes_a_tombstone_that_older_reads_cannot_undo(store: Store) -> None:
    write(store, live(body_of(1), 1, 2))
    assert _one(store, absent(1, 5, 6)).written is Written.DELETED
    assert _one(store, live(body_of(1, updated=at(900)), 3, 4)).written is Written.OUTDATED
    (stored,) = _stored(store)
    assert (stored.deleted, stored.source, stored.document) == (True, None, None)
    assert _ops(store) == ["created", "deleted"]


def test_an_absence_is_kept_even_where_nothing_was_so_that_no_ghost_appears(store: Store) -> None:
    assert _one(store, absent(1, 5, 6)).written is Written.ABSENT
    assert _one(store, live(body_of(1), 3, 4)).written is Written.OUTDATED
    (stored,) = _stored(store)
    assert stored.deleted
    assert _ops(store) == []
    assert _one(store, live(body_of(1), 7, 8)).written is Written.CREATED
    assert _ops(store) == ["created"]


def test_a_tombstone_seen_again_keeps_its_date(store: Store) -> None:
    write(store, live(body_of(1), 1, 2))
    write(store, absent(1, 3, 4), now=at(1))
    (result,) = write(store, absent(1, 5, 6), now=at(100))
    assert result.written is Written.ABSENT
    with store.read() as tx:
        mark = read_marks(tx, [KEY])[KEY]
    assert (mark.deleted, mark.read_from, mark.content_hash) == (True, 5, None)
    assert _ops(store) == ["created", "deleted"]


def test_a_right_given_back_restores_with_an_old_updated(store: Store) -> None:
    write(store, live(body_of(1, name="Arc", updated=at(0)), 1, 2))
    write(store, absent(1, 3, 4))
    result = _one(store, live(body_of(1, name="Bow", updated=at(-9000)), 5, 6))
    assert result == WriteResult(Written.RESTORED, (Changed("name"),))
    assert _ops(store) == ["created", "deleted", "restored"]


def test_an_older_updated_over_a_live_row_must_be_confirmed(store: Store) -> None:
    write(store, live(body_of(1, name="New"), 1, 2))
    old = body_of(1, name="Old", updated=at(-60))
    assert _one(store, live(old, 3, 4)).written is Written.REWOUND_SUSPECT
    assert _stored(store)[0].updated == NOW
    result = _one(store, live(old, 5, 6, confirmed=True))
    assert result == WriteResult(Written.UPDATED, (Changed("name"),), rewound=True)
    assert _stored(store)[0].updated == at(-60)


def test_a_confirmed_read_is_guarded_like_any_other(store: Store) -> None:
    write(store, live(body_of(1, name="New"), 5, 6))
    old = live(body_of(1, name="Old", updated=at(-60)), 1, 2, confirmed=True)
    assert _one(store, old).written is Written.OUTDATED
    newer = live(body_of(1, name="Newer", updated=at(60)), 7, 8, confirmed=True)
    assert not _one(store, newer).rewound


def test_writing_twice_is_writing_once(store: Store) -> None:
    each = live(body_of(1, name="Arc"), 1, 2)
    write(store, each)
    before = _stored(store)
    assert _one(store, each).written is Written.UNCHANGED
    assert _stored(store) == before
    assert _ops(store) == ["created"]


def test_a_batch_is_judged_row_by_row(store: Store) -> None:
    write(store, live(body_of(1), 5, 6), live(body_of(2), 1, 2), live(body_of(3), 1, 2))
    results = write(
        store,
        live(body_of(4), 3, 4),
        live(body_of(1, name="late"), 3, 4),
        live(body_of(2, name="new"), 3, 4),
        absent(3, 3, 4),
    )
    assert [result.written for result in results] == ["created", "outdated", "updated", "deleted"]


def test_two_states_of_one_product_or_a_state_without_document_are_refused(store: Store) -> None:
    each = live(body_of(1), 1, 2)
    with pytest.raises(ValueError, match="two states"):
        write(store, each, each)
    with pytest.raises(ValueError, match="go together"):
        write(store, ProductWrite(each.read))


def test_racing_writers_leave_the_last_truth(store_url: str) -> None:
    def states(number: int) -> list[ProductWrite]:
        return [
            live(body_of(product, name=f"state {number}"), number * 10, number * 10 + 1)
            for product in range(6)
        ]

    with closing(open_store(store_url)) as store, ThreadPoolExecutor(6) as threads:

        def work(number: int) -> None:
            def write_all(tx: Transaction) -> None:
                write_products(tx, states(number), cause=CAUSE, now=NOW)

            store.run(write_all)

        list(threads.map(work, [7, 2, 9, 1, 5, 8, 3, 6, 4]))
        assert all('"state 9"' in (each.source or "") for each in _stored(store))
        with store.read() as tx:
            changes = [change for change in read_changes(tx) if change.key == KEY]
        assert changes[0].op == "created"
        assert {change.op for change in changes[1:]} <= {"updated"}
