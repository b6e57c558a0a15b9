"""The door: one drain at a time, by a lease on the database's clock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from pim.breaker import SourceFailure
from pim.ids import Generation, RunId
from storage import Store
from storage.database.store import Transaction
from storage.inbox.door import (
    DoorAlive,
    DoorView,
    DrainNeed,
    Opened,
    close_door,
    open_door,
    raise_attempt,
    read_door,
    read_drain_need,
    renew_lease,
    reopen_door,
)
from storage.inbox.due_events import take_chunk
from storage.state.source import trip_breaker
from tests.store_builders import LEASE, NOW, deliver, make_event, open_drain

A, B, C = Generation("gen-a"), Generation("gen-b"), Generation("gen-c")


def _open(store: Store, generation: Generation) -> Opened | DoorAlive:
    run = RunId(f"run of {generation}")
    return store.run(
        lambda tx: open_door(
            tx, generation=generation, run_id=run, run_name="busy-bee", lease=LEASE
        )
    )


def _do(store: Store, work: Callable[[Transaction], bool]) -> bool:
    return store.run(work)


def _need(store: Store) -> DrainNeed:
    with store.read() as tx:
        return read_drain_need(tx)


def _door(store: Store) -> DoorView:
    with store.read() as tx:
        return read_door(tx)


def test_a_new_store_has_a_closed_door_of_its_own_generation(store: Store) -> None:
    door = _door(store)
    assert (door.open, door.alive, door.attempt) == (False, False, 0)
    assert len(door.generation) == 36


def test_an_open_door_is_alive_and_says_for_whom(store: Store) -> None:
    assert _open(store, A) == Opened(A, None)
    other = _open(store, B)
    assert isinstance(other, DoorAlive)
    assert (other.run_id, other.run_name) == ("run of gen-a", "busy-bee")
    assert other.lease_until is not None
    assert _door(store).alive


def test_a_trigger_is_told_when_the_lease_of_a_living_drain_ends(store: Store) -> None:
    assert _need(store).lease_until is None
    _open(store, A)
    assert _need(store).lease_until == _door(store).lease_until is not None
    store.clock_offset = timedelta(seconds=61)
    assert (_need(store).door_alive, _need(store).lease_until) == (False, None)


def test_only_one_of_many_opens_it(store: Store) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: _open(store, Generation(f"g{n}")), range(16)))
    assert sum(isinstance(answer, Opened) for answer in answers) == 1


def test_a_closed_door_can_be_opened_again(store: Store) -> None:
    _open(store, A)
    assert _do(store, lambda tx: close_door(tx, generation=A))
    assert not _do(store, lambda tx: close_door(tx, generation=A))
    assert _open(store, B) == Opened(B, None)


def test_a_lapsed_lease_passes_the_door_on_with_what_was_taken(store: Store) -> None:
    deliver(store, make_event(1), make_event(2))
    _open(store, A)
    store.run(lambda tx: take_chunk(tx, generation=A, max_attempts=5))
    store.clock_offset = timedelta(seconds=59)
    assert isinstance(_open(store, B), DoorAlive)
    store.clock_offset = timedelta(seconds=61)
    opened = _open(store, B)
    assert isinstance(opened, Opened)
    assert opened.predecessor is not None
    assert opened.predecessor.run_id == "run of gen-a"
    assert opened.predecessor.taken_over == 2
    assert not _do(store, lambda tx: renew_lease(tx, generation=A, lease=LEASE))
    assert not _do(store, lambda tx: close_door(tx, generation=A))
    assert _door(store).alive


def test_a_renewed_lease_lives_on(store: Store) -> None:
    _open(store, A)
    store.clock_offset = timedelta(seconds=50)
    assert _do(store, lambda tx: renew_lease(tx, generation=A, lease=LEASE))
    store.clock_offset = timedelta(seconds=100)
    assert isinstance(_open(store, B), DoorAlive)


def test_a_lapsed_lease_that_nobody_took_can_still_be_renewed(store: Store) -> None:
    _open(store, A)
    store.clock_offset = timedelta(seconds=100)
    assert not _door(store).alive
    assert _do(store, lambda tx: renew_lease(tx, generation=A, lease=LEASE))
    assert _door(store).alive


def test_it_is_reopened_if_something_is_due(store: Store) -> None:
    def reopen(successor: Generation) -> bool:
        return _do(
            store, lambda tx: reopen_door(tx, generation=A, successor=successor, lease=LEASE)
        )

    _open(store, A)
    assert not reopen(B)  # not closed
    _do(store, lambda tx: close_door(tx, generation=A))
    assert not reopen(B)  # nothing is due
    deliver(store, make_event(1))
    assert reopen(B)
    assert not reopen(C)
    door = _door(store)
    assert (door.alive, door.generation, door.run_id) == (True, B, "run of gen-a")


def test_it_is_not_reopened_while_the_source_is_left_alone(store: Store) -> None:
    deliver(store, make_event(1))
    _open(store, A)
    store.run(lambda tx: trip_breaker(tx, SourceFailure("502")))
    _do(store, lambda tx: close_door(tx, generation=A))
    assert not _do(store, lambda tx: reopen_door(tx, generation=A, successor=B, lease=LEASE))
    store.clock_offset = timedelta(seconds=16)
    assert _do(store, lambda tx: reopen_door(tx, generation=A, successor=B, lease=LEASE))


def test_the_attempt_rises_once_for_many_who_want_it(store: Store) -> None:
    generation = _need(store).generation
    with ThreadPoolExecutor(4) as threads:
        raised = list(
            threads.map(
                lambda _: _do(
                    store, lambda tx: raise_attempt(tx, generation=generation, attempt=0)
                ),
                range(8),
            )
        )
    assert sum(raised) == 1
    assert _need(store).attempt == 1
    _open(store, A)
    assert _need(store).attempt == 0


def test_need_counts_what_is_due_and_since_when(store: Store) -> None:
    assert not _need(store).wants_drain
    deliver(store, make_event(1), make_event(2))
    need = _need(store)
    assert (need.due, need.oldest_due_at, need.wants_drain) == (2, NOW, True)


def test_nobody_is_needed_while_a_drain_lives(store: Store) -> None:
    deliver(store, make_event(1))
    open_drain(store)
    assert not _need(store).wants_drain
    store.clock_offset = timedelta(seconds=61)
    assert _need(store).wants_drain


def test_nobody_is_needed_while_the_source_is_left_alone(store: Store) -> None:
    deliver(store, make_event(1))
    view = store.run(lambda tx: trip_breaker(tx, SourceFailure("502")))
    need = _need(store)
    assert (need.blocked_until, need.wants_drain) == (view.blocked_until, False)
    store.clock_offset = timedelta(seconds=16)
    assert _need(store).wants_drain


def test_counting_stops_at_plenty(store: Store) -> None:
    for start in range(0, 1200, 400):
        deliver(store, *(make_event(n, event_id=f"e{start + n}") for n in range(400)))
    assert _need(store).due == 1000
