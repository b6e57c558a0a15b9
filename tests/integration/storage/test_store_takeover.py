"""What a dead run had is let go at once, and nothing of anybody else."""

from datetime import UTC, datetime, timedelta

import pytest

from pim.ids import Generation, OrderNumber, RunId
from storage import Store
from storage.database.store import Transaction
from storage.inbox.door import Opened, close_door, open_door, read_door, renew_lease
from storage.state.call_budget import CallerKind, acquire_slots, renew_slots
from storage.state.sweeps import SweepBusy, SweepStart, begin_sweep, renew_sweep
from storage.state.takeover import Freed, Leases, free_leases, read_leases
from storage.webhooks import add_webhook, claim_webhook

LEASE = timedelta(minutes=5)
DEAD, LIVING = RunId("dead"), RunId("living")
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


def opened(store: Store, run: RunId, generation: str) -> bool:
    def act(tx: Transaction) -> bool:
        made = Generation(generation)
        found = open_door(tx, generation=made, run_id=run, run_name=run, lease=LEASE)
        return isinstance(found, Opened)

    return store.run(act)


def begun(store: Store, name: str, holder: str) -> SweepStart | SweepBusy:
    return store.run(
        lambda tx: begin_sweep(
            tx, name=name, holder=holder, first_number=OrderNumber(1), source_now=NOW, lease=LEASE
        )
    )


def slots(store: Store, holder: str, kind: CallerKind) -> tuple[int, ...]:
    return store.run(lambda tx: acquire_slots(tx, holder=holder, kind=kind, want=1, lease=LEASE))


def looked(store: Store) -> Leases:
    with store.read() as tx:
        return read_leases(tx)


def freed(store: Store, seen: Leases) -> Freed:
    return store.run(lambda tx: free_leases(tx, seen, dead={DEAD}))


@pytest.fixture
def leases_of_both(store: Store) -> Leases:
    """A dead drain that also sweeps, and a living sweep beside it."""
    assert opened(store, DEAD, "first")
    begun(store, "products/full", DEAD)
    begun(store, "products/delta", LIVING)
    slots(store, DEAD, CallerKind.DRAIN)
    slots(store, LIVING, CallerKind.SWEEP)
    return looked(store)


def test_exactly_what_the_dead_one_had_is_free(store: Store, leases_of_both: Leases) -> None:
    assert freed(store, leases_of_both) == Freed(door=True, sweeps=1, slots=1)
    assert {lease.holder for lease in looked(store).sweeps + looked(store).slots} == {LIVING}
    assert isinstance(begun(store, "products/full", "next"), SweepStart)
    assert isinstance(begun(store, "products/delta", "next"), SweepBusy)
    assert opened(store, RunId("next"), "second")


def test_a_webhook_that_the_dead_one_had_is_free(store: Store) -> None:
    def add(tx: Transaction) -> None:
        for name, holder in (("theirs", LIVING), ("webshop", DEAD)):
            add_webhook(tx, name=name, url="-", position=0, documents=True, most=1, now=NOW)
            claim_webhook(tx, name, holder=holder, lease=LEASE, now=NOW)

    store.run(add)
    seen = looked(store)
    assert freed(store, seen) == Freed(door=False, sweeps=0, slots=0, webhooks=1)
    assert [(lease.what, lease.holder) for lease in looked(store).webhooks] == [("theirs", LIVING)]


def test_the_next_drain_learns_whom_it_takes_over_from(
    store: Store, leases_of_both: Leases
) -> None:
    freed(store, leases_of_both)

    def act(tx: Transaction) -> object:
        generation = Generation("second")
        return open_door(tx, generation=generation, run_id=LIVING, run_name="next", lease=LEASE)

    now_open = store.run(act)
    assert isinstance(now_open, Opened)
    assert now_open.predecessor is not None
    assert now_open.predecessor.run_id == DEAD


def test_a_run_that_was_begun_again_since_the_look_keeps_what_it_has(
    store: Store, leases_of_both: Leases
) -> None:
    """The same run id, and a new life: another generation, renewed leases."""
    store.run(lambda tx: close_door(tx, generation=Generation("first")))
    assert opened(store, DEAD, "second")
    longer = LEASE * 2
    store.run(lambda tx: renew_sweep(tx, name="products/full", holder=DEAD, lease=longer))
    store.run(lambda tx: renew_slots(tx, holder=DEAD, lease=longer))

    assert freed(store, leases_of_both) == Freed(door=False, sweeps=0, slots=0)
    with store.read() as tx:
        assert read_door(tx).alive


def test_a_holder_that_lives_after_all_has_its_lease_again_with_its_next_renewal(
    store: Store, leases_of_both: Leases
) -> None:
    freed(store, leases_of_both)
    first = Generation("first")
    assert store.run(lambda tx: renew_lease(tx, generation=first, lease=LEASE))
    assert store.run(lambda tx: renew_sweep(tx, name="products/full", holder=DEAD, lease=LEASE))
    assert not opened(store, RunId("next"), "second")


def test_with_nothing_held_nothing_is_freed(store: Store) -> None:
    assert looked(store) == Leases(None, (), ())
    assert freed(store, looked(store)) == Freed(door=False, sweeps=0, slots=0)
