"""When a failing source is left alone and when it is asked again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pim.breaker import (
    BELIEVED_FAILURES,
    PROBE_EVERY,
    RUN_ANYWAY_AFTER,
    BreakerState,
    SourceFailure,
    back_off,
    probe_failed,
    probe_taken,
    recovered,
    trip,
)

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
AWAY = SourceFailure("cannot connect")
REFUSED = SourceFailure("credentials refused", retryable=False)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def first_trip(failure: SourceFailure = AWAY) -> BreakerState:
    return trip(BreakerState(), failure, NOW)


def fail_probes(state: BreakerState, until: datetime) -> list[datetime]:
    """Probe whenever it is due, in vain; answer when runs could have started meanwhile."""
    runs, now = [], NOW
    while now < until:
        now += seconds(2)
        if state.is_probe_due(now):
            state = probe_failed(probe_taken(state, now), AWAY, now)
        if not state.is_blocked(now):
            runs.append(now)
            state = trip(state, AWAY, now)
    return runs


@pytest.mark.parametrize(("failures", "wait"), [(1, 15), (2, 30), (6, 300), (5000, 300)])
def test_back_off_ends_at_five_minutes(failures: int, wait: int) -> None:
    assert back_off(failures) == seconds(wait)


def test_runs_that_fail_in_a_row_are_ever_further_apart() -> None:
    state, now, waits = BreakerState(), NOW, []
    for _ in range(7):
        state = trip(state, AWAY, now)
        assert state.blocked_until is not None
        waits.append(int((state.blocked_until - now).total_seconds()))
        now = state.blocked_until
    assert waits == [15, 30, 60, 120, 240, 300, 300]
    assert state.failing_since == NOW


def test_failures_within_one_block_count_once() -> None:
    later = trip(first_trip(), SourceFailure("502"), NOW + seconds(3))
    assert (later.failures, later.reason) == (1, "502")
    assert later.blocked_until == first_trip().blocked_until


def test_failures_far_apart_are_not_in_a_row() -> None:
    state = recovered(first_trip())
    assert trip(state, AWAY, NOW + timedelta(minutes=16)).failures == 1
    assert trip(state, AWAY, NOW + timedelta(minutes=14)).failures == 2


def test_probes_keep_runs_from_failing_for_as_long_as_the_source_is_away() -> None:
    runs = fail_probes(first_trip(), NOW + timedelta(minutes=61))
    assert len(runs) == 3  # every 20 minutes one, in case the probe is refused what a run is not


def test_a_good_probe_lets_runs_go_on_at_once() -> None:
    state = recovered(probe_taken(first_trip(), NOW + PROBE_EVERY))
    assert not state.is_blocked(NOW + PROBE_EVERY)
    assert state.failing_since is None
    assert state.reason is None


def test_a_source_that_answers_probes_and_fails_runs_is_believed_only_twice() -> None:
    state, now = BreakerState(), NOW
    for _ in range(BELIEVED_FAILURES):
        state = trip(state, AWAY, now)
        assert state.probe_at is not None
        now = state.probe_at
        state = recovered(probe_taken(state, now))
    state = trip(state, AWAY, now)
    assert state.probe_at is None  # from now on runs alone find out, ever further apart
    assert state.blocked_until == now + back_off(3)


def test_while_one_worker_probes_another_does_not() -> None:
    due = NOW + PROBE_EVERY
    assert first_trip().is_probe_due(due)
    assert not probe_taken(first_trip(), due).is_probe_due(due + seconds(59))


def test_a_worker_that_dies_while_it_probes_holds_up_nothing_for_long() -> None:
    taken = probe_taken(first_trip(), NOW + PROBE_EVERY)
    assert taken.is_probe_due(NOW + PROBE_EVERY + seconds(61))
    assert not taken.is_blocked(NOW + PROBE_EVERY + seconds(61))


@pytest.mark.parametrize(
    ("failure", "pauses"),
    [(AWAY, [10, 10, 10, 10]), (REFUSED, [15, 15, 30, 60])],
    ids=["away", "refused"],
)
def test_refused_credentials_are_not_tried_on_and_on(
    failure: SourceFailure, pauses: Sequence[int]
) -> None:
    state, now, seen = first_trip(failure), NOW, []
    for _ in pauses:
        assert state.probe_at is not None
        seen.append(int((state.probe_at - now).total_seconds()))
        now = state.probe_at
        state = probe_failed(probe_taken(state, now), failure, now)
    assert seen == pauses


def test_a_wait_that_the_source_asks_for_is_honoured_by_runs_and_probes() -> None:
    asked = SourceFailure("429", retry_after=seconds(900))
    for state in (
        first_trip(asked),
        trip(first_trip(), asked, NOW),
        probe_failed(first_trip(), asked, NOW),
    ):
        assert state.blocked_until == NOW + seconds(900)
        assert state.probe_at == NOW + seconds(900)


def test_a_probe_that_ends_after_a_run_has_found_the_source_well_says_nothing() -> None:
    well = recovered(first_trip())
    assert probe_failed(well, AWAY, NOW + seconds(30)) == well


def test_failing_probes_cannot_block_runs_for_ever() -> None:
    late = NOW + RUN_ANYWAY_AFTER - seconds(1)
    state = probe_failed(replace(first_trip(), probe_at=late), AWAY, late)
    assert state.blocked_until == NOW + RUN_ANYWAY_AFTER
