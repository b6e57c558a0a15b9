"""The figures of `/metrics` commit with what they count, and agree with the tables."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from pim.ids import Generation
from pim.vocabulary import CallKind, Drift, Outcome
from storage import Store
from storage.database.store import Transaction
from storage.figures import count_calls, count_drift
from storage.inbox.due_events import take_chunk
from storage.inbox.listed_events import discard_events, replay_events
from storage.inbox.refusals import count_refusal
from storage.inbox.settling import Settlement, settle_events
from storage.products import recount_products
from storage.products.reading import count_products
from storage.state.runs import finish_run, start_run
from storage.tables import InboxEvent, ProductChange, table_of
from storage.views.metrics import Metrics, read_metrics
from tests.integration.storage.plans import explain
from tests.store_builders import (
    NOW,
    RUN,
    absent,
    at,
    body_of,
    deliver,
    live,
    make_event,
    make_invalid,
    open_drain,
    write,
)

_EVENT = table_of(InboxEvent)
_CHANGE = table_of(ProductChange)
DRAIN = "drain-1"


def metrics(store: Store) -> Metrics:
    with store.read() as tx:
        return read_metrics(tx, now=NOW)


def figures(store: Store, name: str) -> dict[str, float]:
    return {
        labels: value
        for (figure, labels), value in metrics(store).counts.items()
        if figure == name and value
    }


def settle(store: Store, generation: Generation, settlements: list[Settlement]) -> int:
    return store.run(
        lambda tx: settle_events(
            tx, generation=generation, settlements=settlements, run_id=RUN, now=at(10)
        )
    )


def settled_in_table(store: Store) -> dict[str, int]:
    with store.read() as tx:
        rows = tx.execute(
            select(_EVENT.c.outcome, func.count().label("n"))
            .where(_EVENT.c.outcome.is_not(None))
            .group_by(_EVENT.c.outcome)
        )
        return {row.outcome: row.n for row in rows}


def test_outcomes_are_those_of_the_events_however_often_a_task_repeats(store: Store) -> None:
    deliver(store, *(make_event(n) for n in range(6)), make_invalid("bad-1"))
    drain = open_drain(store, DRAIN)
    chunk = store.run(lambda tx: take_chunk(tx, generation=drain, max_attempts=5))
    outcomes = [Outcome.APPLIED, Outcome.APPLIED, Outcome.COALESCED, Outcome.GONE, Outcome.COVERED]
    settlements = [
        Settlement(event.row_id, outcome, None, at(0) if outcome is Outcome.APPLIED else None)
        for event, outcome in zip(chunk.events, outcomes, strict=False)
    ]
    assert settle(store, drain, settlements) == 5
    assert settle(store, drain, settlements) == 0
    assert figures(store, "outcomes") == settled_in_table(store)
    assert sum(figures(store, "freshness").values()) == 2
    assert figures(store, "freshness") == {"10": 2}
    assert figures(store, "freshness_sum") == {"": 20}


def test_events_without_attempts_left_are_counted_as_dead(store: Store) -> None:
    deliver(store, make_event(1), make_event(1), make_event(2))
    drain = open_drain(store, DRAIN)
    store.run(lambda tx: take_chunk(tx, generation=drain, max_attempts=5))
    with store.transaction() as tx:
        tx.execute(_EVENT.update().values(taken_by=None))
    store.run(lambda tx: take_chunk(tx, generation=drain, max_attempts=1))
    assert figures(store, "outcomes") == {"dead": 3}
    assert metrics(store).dead == 3


def test_a_replayed_or_discarded_letter_is_counted_again(store: Store) -> None:
    deliver(store, make_event(1), make_event(2), make_invalid("bad-1"))
    drain = open_drain(store, DRAIN)
    chunk = store.run(lambda tx: take_chunk(tx, generation=drain, max_attempts=5))
    settle(store, drain, [Settlement(e.row_id, Outcome.DEAD, "no") for e in chunk.events])
    first = chunk.events[0].event_id
    assert store.run(lambda tx: replay_events(tx, event_ids=[first])) == 1
    assert store.run(lambda tx: discard_events(tx, note="old", now=NOW)) == 2
    assert figures(store, "outcomes") == {"dead": 3, "filtered": 2}
    assert figures(store, "replayed") == {"": 1}
    assert (metrics(store).dead, metrics(store).due) == (0, 1)


def _counted(store: Store) -> dict[str, int]:
    with store.read() as tx:
        living, tombstones = count_products(tx)
    there = {"live": living, "tombstone": tombstones}
    return {label: count for label, count in there.items() if count}


def test_products_are_counted_as_they_come_go_and_return(store: Store) -> None:
    bodies = [body_of(n) for n in range(4)]
    steps: list[Callable[[], object]] = [
        lambda: write(store, *(live(body, 1, 2) for body in bodies)),
        lambda: write(store, live(body_of(0, colour="red"), 3, 4), absent(1, 3, 4)),
        lambda: write(store, absent(1, 5, 6), absent(99, 5, 6)),  # one is gone already, one unknown
        lambda: write(store, live(bodies[1], 7, 8)),
        lambda: write(store, live(bodies[1], 1, 2)),  # outdated
    ]
    for step in steps:
        step()
        assert figures(store, "products") == _counted(store)
    assert _counted(store) == {"live": 4, "tombstone": 1}
    with store.read() as tx:
        ops = Counter(tx.execute(select(_CHANGE.c.op)).scalars())
    assert figures(store, "changes") == dict(ops)


def test_products_that_were_written_uncounted_are_counted_anew(store: Store) -> None:
    write(store, *(live(body_of(n), 1, 2) for n in range(3)), absent(7, 1, 2))
    with store.transaction() as tx:
        tx.count("products", "live", by=40)
        tx.count("products", "tombstone", by=-1)
    store.run(recount_products)
    assert figures(store, "products") == {"live": 3, "tombstone": 1}


def test_what_is_rolled_back_was_never_counted(store: Store) -> None:
    def fail(tx: Transaction) -> None:
        count_refusal(tx, reason="clock_off", at=NOW, count=7)
        raise RuntimeError("undo")

    with pytest.raises(RuntimeError):
        store.run(fail)
    assert figures(store, "refusals") == {}
    store.run(lambda tx: count_refusal(tx, reason="clock_off", at=NOW, count=7))
    assert figures(store, "refusals") == {"clock_off": 7}


def test_calls_and_drift_add_up_over_runs(store: Store) -> None:
    for _ in range(2):
        store.run(
            lambda tx: count_calls(tx, CallKind.PRODUCT, "200", calls=2, seconds=[0.05, 31.0])
        )
        store.run(
            lambda tx: count_drift(tx, mode="full", drift={Drift.MISSING: 3, Drift.ORPHAN: 0})
        )
    assert figures(store, "calls") == {"product,200": 4}
    assert figures(store, "call_seconds") == {"product,0.05": 2, "product,+Inf": 2}
    assert figures(store, "drift") == {"full,missing": 6}


def test_runs_are_counted_by_how_they_ended(store: Store) -> None:
    for state in ("done", "failed", "done"):
        with store.transaction() as tx:
            row_id = start_run(tx, run_id=RUN, flow="reconcile", cause="test", now=at(0))
        with store.transaction() as tx:
            finish_run(tx, row_id=row_id, state=state, report={}, now=at(2))
    assert figures(store, "runs") == {"reconcile,done": 2, "reconcile,failed": 1}
    assert figures(store, "run_seconds") == {"reconcile": 6}


def test_writers_side_by_side_lose_no_count_and_meet_in_no_ring(store: Store) -> None:
    start = Barrier(4)

    def count(names: list[str]) -> None:
        start.wait()
        for _ in range(25):
            with store.transaction() as tx:
                for name in names:
                    tx.count(name, "x")

    names = ["a", "b", "c"]
    orders = [names, names[::-1], ["b", "a", "c"], ["c", "a", "b"]]
    threads = [Thread(target=count, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [figures(store, name) for name in names] == [{"x": 100}] * 3


def test_what_is_open_is_counted_by_its_own_index(store: Store) -> None:
    deliver(store, *(make_event(n) for n in range(5)))
    plans = explain(store, lambda tx: read_metrics(tx, now=NOW))
    of_events = [line for line in plans if "inbox_event" in line.split("<=")[0]]
    assert of_events
    assert any("ix_inbox_event_due" in line for line in of_events), of_events
    assert any("ix_inbox_event_settled" in line for line in of_events), of_events
    # Of a handful of rows PostgreSQL finds those held as cheaply among all that are open.
    held = [line for line in of_events if "hold_id IS NOT NULL" in line]
    open_ones = ("ix_inbox_event_held", "ix_inbox_event_due_key")
    assert any(index in line for line in held for index in open_ones), of_events
