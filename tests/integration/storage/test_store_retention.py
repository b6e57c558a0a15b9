"""Housekeeping takes what is old and settled, in small steps, and nothing else."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from pim.events import Batch
from pim.ids import EventId, OrderNumber, ProductKey
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Channel, Outcome
from storage import Store
from storage.catalog.marks import Mark, finish_mark, leave_marks, open_marks
from storage.database.condition import read_condition, read_size, store_folder
from storage.inbox import store_batch, store_rejected
from storage.inbox.listed_events import list_events
from storage.inbox.refusals import count_refusal, list_refusals
from storage.inbox.settling import Settlement
from storage.products import read_bounds, read_changes
from storage.products.holds import DeletionToHold, hold_deletions, list_holds, reject_holds
from storage.retention import (
    StepDone,
    drop_bodies,
    pack_bodies,
    read_raw_bodies,
    remove_batches,
    remove_changes,
    remove_events,
    remove_holds,
    remove_marks,
    remove_refusals,
    remove_runs,
    store_packed,
)
from storage.state.runs import claim_run, finish_run, list_runs, start_run
from tests.store_builders import (
    CAUSE,
    LEASE,
    NOW,
    RUN,
    at,
    body_of,
    deliver,
    live,
    make_event,
    settle_as_drain,
    uuid_of,
    write,
)

BODY = b'{"events": []}' * 500


def settle(store: Store, outcome: Outcome, *names: str, now: float = 0) -> None:
    with store.transaction() as tx:
        rows = [event for event in list_events(tx) if event.event_id in names]
        settlements = [Settlement(event.row_id, outcome, "because") for event in rows]
        settle_as_drain(tx, settlements, now=at(now))


def deliver_raw(store: Store, event_id: str) -> None:
    batch = Batch((make_event(1, event_id=event_id),), ())
    with store.transaction() as tx:
        store_batch(tx, channel=Channel.EVENTS_API, raw=BODY, batch=batch, received_at=NOW)


def compress(store: Store, older_than: float) -> StepDone:
    with store.read() as tx:
        bodies = read_raw_bodies(tx, older_than=at(older_than))
    packed = pack_bodies(bodies)
    with store.transaction() as tx:
        return store_packed(tx, packed)


def count(store: Store, table: str) -> int:
    with store.read() as tx:
        return int(tx.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_bodies_are_compressed_then_dropped_once_their_events_are_settled(store: Store) -> None:
    deliver_raw(store, "open")
    deliver_raw(store, "settled")
    with store.transaction() as tx:
        store_rejected(tx, channel=Channel.EVENTS_API, raw=BODY, reason="not JSON", received_at=NOW)
    settle(store, Outcome.APPLIED, "settled")

    assert compress(store, 0) == StepDone(0)
    compressed = compress(store, 1)
    assert compressed.rows == 2
    assert compress(store, 1) == StepDone(0)
    with store.transaction() as tx:
        dropped = drop_bodies(tx, older_than=at(1))
        assert dropped.rows == 2
        assert compressed.bytes_freed + dropped.bytes_freed == 2 * len(BODY)
        assert drop_bodies(tx, older_than=at(1)) == StepDone(0)


def test_a_body_dropped_while_it_was_compressed_stays_dropped(store: Store) -> None:
    deliver_raw(store, "settled")
    settle(store, Outcome.APPLIED, "settled")
    with store.read() as tx:
        packed = pack_bodies(read_raw_bodies(tx, older_than=at(1)))
    with store.transaction() as tx:
        drop_bodies(tx, older_than=at(1))
        assert store_packed(tx, packed) == StepDone(0)
        assert drop_bodies(tx, older_than=at(1)) == StepDone(0)


def test_old_events_go_but_dead_letters_and_open_ones_stay(store: Store) -> None:
    names = ["open", "dead", "old", "new"]
    for name in names:
        deliver(store, make_event(1, event_id=name))
    settle(store, Outcome.DEAD, "dead", now=-100)
    settle(store, Outcome.APPLIED, "old", now=-100)
    settle(store, Outcome.APPLIED, "new", now=100)
    with store.transaction() as tx:
        assert remove_events(tx, older_than=at(1)) == StepDone(1)
        left = {event.event_id for event in list_events(tx)}
        assert left == {EventId(name) for name in ("open", "dead", "new")}
    # A delivery repeated after that long is taken for new, and read once more: no harm.
    assert deliver(store, make_event(1, event_id="old")).accepted == 1


def test_deliveries_go_when_neither_body_nor_event_is_left(store: Store) -> None:
    deliver(store, make_event(1, event_id="old"))
    deliver(store, make_event(2, event_id="dead"))
    deliver(store, make_event(3, event_id="body kept"))
    with store.transaction() as tx:
        store_rejected(tx, channel=Channel.EVENTS_API, raw=BODY, reason="not JSON", received_at=NOW)
    settle(store, Outcome.APPLIED, "old")
    settle(store, Outcome.DEAD, "dead")
    with store.transaction() as tx:
        assert remove_batches(tx, older_than=at(1)) == StepDone(0)
        drop_bodies(tx, older_than=at(1))
        remove_events(tx, older_than=at(1))
        assert remove_batches(tx, older_than=at(1)).rows == 2  # of "old", and the rejected one
    assert count(store, "inbox_batch") == 2


def test_old_changes_go_a_few_at_a_time(store: Store) -> None:
    write(store, *(live(body_of(n), 1, 2) for n in range(1, 6)), now=at(-100))
    write(store, live(body_of(9), 1, 2))
    with store.transaction() as tx:
        assert remove_changes(tx, older_than=NOW, limit=3) == StepDone(3)
        assert remove_changes(tx, older_than=NOW, limit=3) == StepDone(2)
        assert remove_changes(tx, older_than=NOW, limit=3) == StepDone(0)
    with store.read() as tx:
        removed_to, _ = read_bounds(tx)
        assert [change.key for change in read_changes(tx, after=removed_to)] == [uuid_of(9)]


def test_old_refusals_and_reports_go(store: Store) -> None:
    with store.transaction() as tx:
        for seconds in (-100, 100):
            count_refusal(tx, reason="clock", at=at(seconds))
            row = start_run(tx, run_id=RUN, flow="x", cause="test", now=at(seconds))
            finish_run(tx, row_id=row, state="done", report={}, now=at(seconds))
        assert remove_refusals(tx, older_than=NOW) == StepDone(1)
        assert remove_runs(tx, older_than=NOW) == StepDone(1)
        assert [run.started_at for run in list_runs(tx)] == [at(100)]
        assert [each.count for each in list_refusals(tx, since=at(-9999))] == [1]


def test_decided_deletions_go_and_waiting_ones_stay(store: Store) -> None:
    write(store, *(live(body_of(n), 1, 2) for n in (1, 2)))
    one, two = (ProductKey(uuid_of(n)) for n in (1, 2))
    with store.transaction() as tx:
        hold_deletions(tx, [DeletionToHold(one), DeletionToHold(two)], cause=CAUSE, now=at(-100))
        reject_holds(tx, [one], run_id=RUN, now=at(-50))
        assert remove_holds(tx, older_than=at(-50)) == StepDone(0)
        assert remove_holds(tx, older_than=NOW) == StepDone(1)
        assert [hold.key for hold in list_holds(tx)] == [two]


def test_closed_marks_go_and_open_ones_stay(store: Store) -> None:
    write(store, live(body_of(1), 1, 2))
    lamps, unused = (
        Reference(CatalogKind.FAMILY, "", "lamps"),
        Reference(CatalogKind.FAMILY, "", "unused"),
    )
    with store.transaction() as tx:
        leave_marks(tx, [lamps, unused], version=1, removed=False)
        (mark,) = open_marks(tx)  # nobody uses the other
        clock = tx.execute(text("SELECT finished_at FROM catalog_mark WHERE code = 'unused'"))
        assert clock.scalar_one() is not None
        day, now = timedelta(days=1), datetime.now(UTC)  # the database stamps marks by its clock
        assert remove_marks(tx, older_than=now - day) == StepDone(0)
        assert remove_marks(tx, older_than=now + day) == StepDone(1)
        assert open_marks(tx) == [mark]
        assert not finish_mark(tx, Mark(lamps, 1, removed=False, number=OrderNumber(1)))


def test_a_run_is_not_begun_again_within_a_while(store: Store) -> None:
    def claim(seconds: float) -> object:
        return store.run(
            lambda tx: claim_run(
                tx, run_id=RUN, flow="x", cause="test", now=at(seconds), not_within=LEASE
            )
        )

    first = claim(0)
    assert isinstance(first, int)
    assert claim(30) == NOW
    second = claim(61)  # also if the first one never came to its end
    assert isinstance(second, int)
    with store.transaction() as tx:
        finish_run(tx, row_id=second, state="failed", report={}, now=at(62))
    assert isinstance(claim(63), int)  # one that failed does not count


def test_the_stores_size_tells_what_is_free_for_new_rows(sqlite_url: str, store: Store) -> None:
    assert store_folder("postgresql://host/name") is None
    folder = store_folder(sqlite_url)
    assert folder is not None
    assert (folder / "store.db").exists()
    for number in range(20):
        deliver_raw(store, f"event-{number}")
        settle(store, Outcome.APPLIED, f"event-{number}")
    with store.read() as tx:
        before = read_size(tx)
    with store.transaction() as tx:
        drop_bodies(tx, older_than=at(1))
    with store.read() as tx:
        after = read_size(tx)
    assert after.total > 0
    assert read_condition(store).size_bytes == after.total
    if store.is_sqlite:
        # What is in the write-ahead log alone is counted, and nothing twice.
        assert (folder / "store.db-wal").stat().st_size > 0
        with closing(sqlite3.connect(folder / "store.db")) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert (folder / "store.db").stat().st_size == after.total
        assert after.total == before.total
        assert after.reusable >= before.reusable + 20 * 4096  # an overflow page each
