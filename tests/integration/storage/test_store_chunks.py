"""Taking chunks: oldest first, a product together, attempts counted, poison singled out."""

from datetime import timedelta

import pytest

from pim.ids import Generation, RunId
from pim.vocabulary import Outcome
from storage import FenceLost, Store
from storage.inbox.door import close_door
from storage.inbox.due_events import Chunk, DueEvent, count_due_products, take_chunk
from storage.inbox.listed_events import ListedEvent, list_events
from storage.inbox.settling import (
    Settlement,
    give_back_all,
    put_off_events,
    settle_events,
)
from tests.store_builders import NOW, RUN, deliver, make_event, open_drain, uuid_of


def _take(
    store: Store, generation: Generation, *, max_products: int = 100, max_attempts: int = 5
) -> Chunk:
    return store.run(
        lambda tx: take_chunk(
            tx, generation=generation, max_products=max_products, max_attempts=max_attempts
        )
    )


def _next_drain(store: Store, name: str) -> Generation:
    """Another drain, after the one before died."""
    store.clock_offset += timedelta(minutes=2)
    return open_drain(store, name)


def _event(store: Store, event_id: str) -> ListedEvent:
    with store.read() as tx:
        return next(event for event in list_events(tx) if event.event_id == event_id)


def _settle(
    store: Store, generation: Generation, *events: DueEvent, outcome: Outcome = Outcome.APPLIED
) -> int:
    settlements = [Settlement(event.row_id, outcome) for event in events]
    return store.run(
        lambda tx: settle_events(
            tx, generation=generation, settlements=settlements, run_id=RUN, now=NOW
        )
    )


def test_the_oldest_products_come_first_each_with_all_its_events(store: Store) -> None:
    for product in (1, 2, 3, 1, 3, 2):
        deliver(store, make_event(product))
    generation = open_drain(store)
    chunk = _take(store, generation, max_products=2)
    assert [event.uuid for event in chunk.events] == [uuid_of(n) for n in (1, 2, 1, 2)]
    assert [event.uuid for event in _take(store, generation).events] == [uuid_of(3)] * 2
    assert _take(store, generation) == Chunk(())


def test_what_is_taken_is_not_taken_again_until_it_is_given_back(store: Store) -> None:
    deliver(store, make_event(1))
    generation = open_drain(store)
    (event,) = _take(store, generation).events
    assert _take(store, generation).events == ()
    with store.read() as tx:
        assert count_due_products(tx, generation=generation) == 0
    store.run(lambda tx: give_back_all(tx, generation=generation))
    with store.read() as tx:
        assert count_due_products(tx, generation=generation) == 1
    (again,) = _take(store, generation).events
    assert (event.attempts, again.attempts) == (1, 1)


def test_giving_back_everything_leaves_settled_events_alone(store: Store) -> None:
    deliver(store, make_event(1), make_event(2))
    generation = open_drain(store)
    first, _ = _take(store, generation).events
    _settle(store, generation, first)
    assert store.run(lambda tx: give_back_all(tx, generation=generation)) == 1
    (again,) = _take(store, generation).events
    assert (again.uuid, again.attempts) == (uuid_of(2), 1)


def test_a_dead_drains_events_are_taken_again_and_their_attempt_stays_counted(
    store: Store,
) -> None:
    deliver(store, make_event(1))
    _take(store, open_drain(store))
    (event,) = _take(store, _next_drain(store, "drain-2")).events
    assert event.attempts == 2


def test_later_attempts_go_apart_and_in_ever_smaller_chunks(store: Store) -> None:
    deliver(store, *(make_event(n) for n in range(100)))
    assert len(_take(store, open_drain(store)).events) == 100
    deliver(store, make_event(100))
    second = _next_drain(store, "drain-2")
    assert len(_take(store, second).events) == 10
    assert len(_take(store, second).events) == 10
    third = _next_drain(store, "drain-3")
    assert len(_take(store, third).events) == 1
    fresh = [event for _ in range(40) for event in _take(store, third).events]
    assert {event.attempts for event in fresh} == {3, 2, 1}
    assert fresh[-1].uuid == uuid_of(100)


def test_a_chunk_that_keeps_killing_its_process_is_buried(store: Store) -> None:
    deliver(store, make_event(1, event_id="poison"))
    for life in range(3):
        assert len(_take(store, _next_drain(store, f"drain-{life}"), max_attempts=3).events) == 1
    deliver(store, make_event(2))
    last = _next_drain(store, "drain-last")
    chunk = _take(store, last, max_attempts=3)
    assert chunk.buried == 1
    assert [event.uuid for event in chunk.events] == [uuid_of(2)]
    buried = _event(store, "poison")
    assert buried.state == Outcome.DEAD
    assert buried.reason == "gave up after 3 attempts: the process ended before it was done"
    assert buried.run_id == "drain-last"


def test_a_deferred_event_is_due_after_its_delay_with_its_attempt_counted(store: Store) -> None:
    deliver(store, make_event(1, event_id="late"))
    generation = open_drain(store)
    (event,) = _take(store, generation).events
    store.run(
        lambda tx: put_off_events(
            tx,
            generation=generation,
            row_ids=[event.row_id],
            delay=timedelta(minutes=5),
            reason="the PIM answered 422",
        )
    )
    waiting = _event(store, "late")
    assert (waiting.state, waiting.reason) == ("waiting", "the PIM answered 422")
    assert _take(store, generation).events == ()
    store.clock_offset += timedelta(minutes=5, seconds=1)
    (again,) = _take(store, generation).events
    assert again.attempts == 2
    # Once it went well, why it did not before is still told.
    done = Settlement(again.row_id, Outcome.UNCHANGED)
    store.run(
        lambda tx: settle_events(tx, generation=generation, settlements=[done], run_id=RUN, now=NOW)
    )
    assert _event(store, "late").reason == "an earlier try: the PIM answered 422"


def test_the_reason_of_the_last_failure_is_in_the_dead_letter(store: Store) -> None:
    deliver(store, make_event(1, event_id="bad"))
    generation = open_drain(store)
    (event,) = _take(store, generation, max_attempts=1).events
    store.run(
        lambda tx: put_off_events(
            tx,
            generation=generation,
            row_ids=[event.row_id],
            delay=timedelta(0),
            reason="the PIM answered 422",
        )
    )
    assert _take(store, generation, max_attempts=1) == Chunk((), buried=1)
    assert _event(store, "bad").reason == "gave up after 1 attempts: the PIM answered 422"


def test_settling_records_outcome_reason_and_run(store: Store) -> None:
    deliver(store, make_event(1, event_id="old"), make_event(1, event_id="new"))
    generation = open_drain(store)
    old, new = _take(store, generation).events
    settlements = [
        Settlement(old.row_id, Outcome.COALESCED, "one read settled both"),
        Settlement(new.row_id, Outcome.APPLIED),
    ]
    with store.transaction() as tx:
        settled = settle_events(
            tx, generation=generation, settlements=settlements, run_id=RunId("r"), now=NOW
        )
    assert settled == 2
    event = _event(store, "old")
    assert (event.state, event.reason, event.run_id) == ("coalesced", "one read settled both", "r")
    assert event.settled_at == NOW


def test_a_drain_taken_for_dead_settles_nothing_more(store: Store) -> None:
    deliver(store, make_event(1, event_id="e"))
    dead = open_drain(store, "dead")
    (event,) = _take(store, dead).events
    _next_drain(store, "heir")
    with pytest.raises(FenceLost, match="open for heir"):
        _settle(store, dead, event)
    with pytest.raises(FenceLost):
        _take(store, dead)
    with pytest.raises(FenceLost):
        store.run(
            lambda tx: put_off_events(
                tx, generation=dead, row_ids=[event.row_id], delay=timedelta(minutes=1), reason="x"
            )
        )
    with pytest.raises(FenceLost):
        store.run(lambda tx: give_back_all(tx, generation=dead))
    assert _event(store, "e").state == "due"


def test_a_drain_whose_door_is_closed_settles_nothing_more(store: Store) -> None:
    deliver(store, make_event(1))
    generation = open_drain(store)
    (event,) = _take(store, generation).events
    store.run(lambda tx: close_door(tx, generation=generation))
    with pytest.raises(FenceLost, match="it is closed"):
        _settle(store, generation, event)


def test_an_event_that_was_settled_before_is_no_lost_fence(store: Store) -> None:
    deliver(store, make_event(1), make_event(2))
    generation = open_drain(store)
    first, second = _take(store, generation).events
    assert _settle(store, generation, first, outcome=Outcome.FILTERED) == 1
    assert _settle(store, generation, first, second) == 1
    assert _event(store, first.event_id).state == "filtered"


def test_a_product_with_very_many_events_is_taken_in_parts(store: Store) -> None:
    for start in range(0, 6000, 500):
        deliver(store, *(make_event(1, event_id=f"e{start + n:05d}") for n in range(500)))
    generation = open_drain(store)
    first, second = _take(store, generation), _take(store, generation)
    assert (len(first.events), len(second.events)) == (5000, 1000)
    assert _settle(store, generation, *first.events) == 5000
