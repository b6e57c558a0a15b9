"""Mass deletions wait for a person."""

from datetime import timedelta

from pim.ids import Generation, ProductKey
from pim.vocabulary import Outcome
from storage import Store
from storage.inbox import is_due
from storage.inbox.due_events import take_chunk
from storage.inbox.listed_events import list_events
from storage.products import Written, read_marks
from storage.products.holds import (
    DeletionToHold,
    HeldDeletion,
    approve_holds,
    count_allowed_deletions,
    hold_deletions,
    list_holds,
    reject_holds,
)
from storage.products.neighbours import list_neighbours
from tests.store_builders import (
    CAUSE,
    NOW,
    RUN,
    absent,
    at,
    body_of,
    deliver,
    live,
    make_event,
    open_drain,
    uuid_of,
    write,
)

KEY = ProductKey(uuid_of(1))


def _allowance(store: Store, *, share: float, floor: int = 0, after: float = 0) -> int:
    return store.run(
        lambda tx: count_allowed_deletions(tx, now=at(after), share=share, floor=floor)
    )


def _hold(store: Store, product: int = 1) -> HeldDeletion:
    """A live product, and an event that would delete it, held."""
    write(store, live(body_of(product, identifier="lamp"), 1, 2))
    deliver(store, make_event(product, action="product.updated"))
    generation = open_drain(store)
    with store.transaction() as tx:
        chunk = take_chunk(tx, generation=generation, max_attempts=5)
        rows = tuple(event.row_id for event in chunk.events)
        hold = DeletionToHold(ProductKey(uuid_of(product)), rows)
        assert hold_deletions(tx, [hold], cause=CAUSE, now=NOW) == 1
        (held,) = list_holds(tx)
    return held


def _states(store: Store) -> list[str]:
    with store.read() as tx:
        return [event.state for event in list_events(tx)]


def _holds(store: Store) -> list[HeldDeletion]:
    with store.read() as tx:
        return list_holds(tx)


def test_a_share_of_the_live_products_may_go_in_an_hour(store: Store) -> None:
    write(store, *(live(body_of(n), 1, 2) for n in range(50)))
    assert _allowance(store, share=0.1) == 5
    write(store, *(absent(n, 3, 4) for n in range(3)))
    assert _allowance(store, share=0.1) == 2  # of the 50 that were there an hour ago
    write(store, *(absent(n, 3, 4) for n in range(3, 9)))
    assert _allowance(store, share=0.1) == 0
    assert _allowance(store, share=0.1, floor=20) == 11
    assert _allowance(store, share=0.1, after=3601) == 4


def test_announced_deletions_and_ghosts_use_no_share(store: Store) -> None:
    write(store, *(live(body_of(n), 1, 2) for n in range(20)))
    write(store, *(absent(n, 3, 4, announced=True) for n in range(5)), absent(99, 3, 4))
    assert _allowance(store, share=0.2) == 3


def test_what_waits_for_a_person_is_not_nibbled_away_hour_by_hour(store: Store) -> None:
    write(store, *(live(body_of(n), 1, 2) for n in range(50)))
    waiting = [ProductKey(uuid_of(n)) for n in range(5)]
    with store.transaction() as tx:
        hold_deletions(tx, [DeletionToHold(key) for key in waiting], cause=CAUSE, now=NOW)
        assert count_allowed_deletions(tx, now=at(9999), share=0.1, floor=0) == 0
        # Who asks for all that waits, and for no more than an hour allows, may have it.
        assert count_allowed_deletions(tx, now=at(9999), share=0.1, floor=0, asked=waiting) == 5
        assert count_allowed_deletions(tx, now=at(9999), share=0.1, floor=0, asked=waiting[:1]) == 1


def test_neighbours_are_the_live_products_around_a_key_that_nobody_doubts(store: Store) -> None:
    write(store, *(live(body_of(n, identifier=f"SKU-{n}"), 1, 2) for n in range(10)))
    write(store, absent(4, 3, 4))
    with store.transaction() as tx:
        hold_deletions(tx, [DeletionToHold(ProductKey(uuid_of(6)))], cause=CAUSE, now=NOW)
        without = [ProductKey(uuid_of(5))]

        def around(product: int, limit: int) -> list[str]:
            key = ProductKey(uuid_of(product))
            return sorted(list_neighbours(tx, key, without=without, limit=limit).values())

        assert around(5, 4) == ["SKU-2", "SKU-3", "SKU-7", "SKU-8"]
        assert around(0, 3) == ["SKU-1", "SKU-2", "SKU-3"]
        assert around(9, 3) == ["SKU-3", "SKU-7", "SKU-8"]


def test_a_held_deletion_keeps_the_product_and_its_events_wait(store: Store) -> None:
    held = _hold(store)
    assert (held.key, held.identifier, held.cause, held.events) == (KEY, "lamp", "test", 1)
    assert _states(store) == ["held"]
    with store.read() as tx:
        assert tx.count_rows(is_due(tx)) == 0
        assert not read_marks(tx, [KEY])[KEY].deleted
        (event,) = list_events(tx, state="held")
    assert event.reason == "the deletion waits for approval"


def test_holding_again_adds_no_second_hold(store: Store) -> None:
    held = _hold(store)
    with store.transaction() as tx:
        assert hold_deletions(tx, [DeletionToHold(KEY)], cause=CAUSE, now=NOW) == 0
        assert hold_deletions(tx, [], cause=CAUSE, now=NOW) == 0
    assert _holds(store) == [held]


def test_an_approved_deletion_settles_its_events_as_gone(store: Store) -> None:
    _hold(store)
    with store.transaction() as tx:
        assert approve_holds(tx, [KEY], run_id=RUN, now=NOW) == 1
        assert approve_holds(tx, [KEY], run_id=RUN, now=NOW) == 0
    assert (_states(store), _holds(store)) == (["gone"], [])


def test_writing_the_tombstone_carries_the_deletion_out(store: Store) -> None:
    _hold(store)
    (result,) = write(store, absent(1, 3, 4, announced=True))
    assert result.written is Written.DELETED
    assert (_states(store), _holds(store)) == (["gone"], [])
    assert _allowance(store, share=0, floor=7) == 7


def test_a_rejected_deletion_keeps_the_product(store: Store) -> None:
    _hold(store)
    with store.transaction() as tx:
        assert reject_holds(tx, [KEY], run_id=RUN, now=NOW) == 1
        (event,) = list_events(tx)
        assert not read_marks(tx, [KEY])[KEY].deleted
    assert (event.state, event.reason) == (
        Outcome.FILTERED,
        "an operator rejected the deletion",
    )


def test_a_product_seen_alive_withdraws_its_deletion(store: Store) -> None:
    _hold(store)
    write(store, live(body_of(1, identifier="lamp"), 3, 4))
    assert (_states(store), _holds(store)) == (["due"], [])
    generation = open_drain_later(store)
    with store.transaction() as tx:
        assert len(take_chunk(tx, generation=generation, max_attempts=5).events) == 1


def open_drain_later(store: Store) -> Generation:
    store.clock_offset += timedelta(minutes=5)
    return open_drain(store, "drain-2")


def test_after_a_withdrawal_the_deletion_can_be_held_anew(store: Store) -> None:
    first = _hold(store)
    write(store, live(body_of(1), 3, 4))
    with store.transaction() as tx:
        assert hold_deletions(tx, [DeletionToHold(KEY)], cause=CAUSE, now=at(9)) == 1
    (second,) = _holds(store)
    assert second.id != first.id
    assert (second.held_at, second.events) == (at(9), 0)
