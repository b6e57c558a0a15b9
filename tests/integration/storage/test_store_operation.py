"""Breaker, call budget, alarms, refusals, facts."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from storage import Store
from storage.inbox.refusals import Refusals, count_refusal, list_refusals
from storage.state.alarms import Alarm, clear_alarm, list_alarms, raise_alarm
from storage.state.call_budget import CallerKind, acquire_slots, release_slots, renew_slots
from storage.state.source import read_facts, save_fact
from tests.store_builders import LEASE, NOW, at


def _acquire(store: Store, holder: str, kind: CallerKind, want: int) -> tuple[int, ...]:
    return store.run(lambda tx: acquire_slots(tx, holder=holder, kind=kind, want=want, lease=LEASE))


def test_sweeps_leave_one_call_to_drains(store: Store) -> None:
    assert _acquire(store, "sweep", CallerKind.SWEEP, 3) == (1, 2)
    assert _acquire(store, "other sweep", CallerKind.SWEEP, 1) == ()
    assert _acquire(store, "drain", CallerKind.DRAIN, 3) == (0,)


def test_a_drain_alone_has_all_calls(store: Store) -> None:
    assert _acquire(store, "drain", CallerKind.DRAIN, 3) == (0, 1, 2)
    assert store.run(lambda tx: release_slots(tx, holder="drain")) == 3
    assert _acquire(store, "sweep", CallerKind.SWEEP, 1) == (2,)


def test_asking_again_adds_what_is_missing(store: Store) -> None:
    assert _acquire(store, "sweep", CallerKind.SWEEP, 1) == (2,)
    assert _acquire(store, "sweep", CallerKind.SWEEP, 2) == (1, 2)
    assert _acquire(store, "sweep", CallerKind.SWEEP, 2) == (1, 2)


def test_a_lapsed_call_is_taken_by_another_and_lost(store: Store) -> None:
    _acquire(store, "dead", CallerKind.SWEEP, 2)
    store.clock_offset = timedelta(seconds=61)
    assert _acquire(store, "heir", CallerKind.SWEEP, 1) == (2,)
    assert store.run(lambda tx: renew_slots(tx, holder="dead", lease=LEASE)) == (1,)


def test_no_call_is_given_twice(store: Store) -> None:
    with ThreadPoolExecutor(6) as threads:
        given = threads.map(lambda n: _acquire(store, f"h{n}", CallerKind.SWEEP, 1), range(12))
        slots = [slot for each in given for slot in each]
    assert sorted(slots) == [1, 2]


def test_an_alarm_stands_since_it_was_raised_until_it_is_cleared(store: Store) -> None:
    with store.transaction() as tx:
        assert raise_alarm(tx, name="no-worker", text="since a minute", now=NOW)
        assert not raise_alarm(tx, name="no-worker", text="since two minutes", now=at(60))
        assert list_alarms(tx) == [Alarm("no-worker", NOW, "since two minutes")]
        assert clear_alarm(tx, name="no-worker")
        assert not clear_alarm(tx, name="no-worker")
        assert list_alarms(tx) == []


def test_refusals_are_summed_by_reason_over_minutes(store: Store) -> None:
    with store.transaction() as tx:
        count_refusal(tx, reason="signature", at=at(0))
        count_refusal(tx, reason="signature", at=at(10), count=3)
        count_refusal(tx, reason="signature", at=at(70))
        count_refusal(tx, reason="clock", at=at(5), detail="clock off by 437 s")
        count_refusal(tx, reason="clock", at=at(6))
        count_refusal(tx, reason="signature", at=at(-4000))
        listed = list_refusals(tx, since=at(-60))
    assert listed == [
        Refusals("signature", 5, at(0), at(70), None),
        Refusals("clock", 2, at(5), at(6), "clock off by 437 s"),
    ]


def test_a_fact_is_kept_and_replaced(store: Store) -> None:
    with store.transaction() as tx:
        save_fact(tx, name="identity", value="uuid", now=NOW)
        save_fact(tx, name="edition", value="CE", now=NOW)
        save_fact(tx, name="edition", value="EE", now=at(1))
        assert read_facts(tx) == {"edition": "EE", "identity": "uuid"}
