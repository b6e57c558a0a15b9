"""The breaker: when a failing source is left alone, and when it is asked again. Pure.

Two things ask. A *run* is what reads products; one that fails leaves history behind, so runs back
off. A *probe* is one small call by a worker, which leaves none, so it asks often and its first good
answer lets the runs go on. A source that answers probes and fails runs is believed only twice.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SHORTEST = timedelta(seconds=15)
LONGEST = timedelta(minutes=5)
"""Runs alone ask 15 s after a failure, then ever later, at last 12 times an hour."""

PROBE_EVERY = timedelta(seconds=10)
"""Draining begins this long after the source is back, at the latest (and as it is noticed)."""

PROBE_ANSWERS_WITHIN = timedelta(seconds=60)
"""A probe takes half of it at most (the client's time-out); runs wait that long for its answer."""

RUN_ANYWAY_AFTER = timedelta(minutes=20)
"""Should the probe be refused what a run is not: a run tries however many probes have failed."""

FORGOTTEN_AFTER = timedelta(minutes=15)
"""Failures of runs further apart than this are not in a row."""

BELIEVED_FAILURES = 2
"""After so many failed runs in a row a good probe says nothing any more."""


@dataclass(frozen=True, slots=True)
class BreakerState:
    """What is known of a source that fails. All None and 0: it never did.

    `failures`: failed runs in a row; kept over a recovery, to know one that does not last.
    `tripped_at`: the last of them. `blocked_until`: no run is asked for before. `probe_at`: no
    probe is made before; None: none is wanted.
    """

    failing_since: datetime | None = None
    reason: str | None = None
    failures: int = 0
    tripped_at: datetime | None = None
    blocked_until: datetime | None = None
    probe_at: datetime | None = None
    failed_probes: int = 0

    def is_blocked(self, now: datetime) -> bool:
        """Whether runs leave the source alone."""
        return self.blocked_until is not None and self.blocked_until > now

    def is_probe_due(self, now: datetime) -> bool:
        """Whether somebody should ask whether the source is back."""
        return self.probe_at is not None and self.probe_at <= now


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """Why the source did not do it. `retryable`: it may by itself; else a person must act."""

    reason: str
    retryable: bool = True
    retry_after: timedelta | None = None


def back_off(failures: int) -> timedelta:
    """Tell how long the source is left alone after so many failures in a row (at least one)."""
    doublings = min(failures, 10) - 1
    return min(LONGEST, SHORTEST * int(2**doublings))


def trip(state: BreakerState, failure: SourceFailure, now: datetime) -> BreakerState:
    """A run has failed because of the source.

    While it is blocked, a further failure only lengthens the wait where the source asks for it:
    runs that fail together count once.
    """
    if state.is_blocked(now):
        told = replace(state, reason=failure.reason)
        return _spare(told, failure, now)
    in_a_row = state.tripped_at is not None and now - state.tripped_at < FORGOTTEN_AFTER
    failures = state.failures + 1 if in_a_row else 1
    tripped = BreakerState(
        failing_since=state.failing_since or now,
        reason=failure.reason,
        failures=failures,
        tripped_at=now,
        blocked_until=now + back_off(failures),
        probe_at=now + _pause(failure, 1) if failures <= BELIEVED_FAILURES else None,
    )
    return _spare(tripped, failure, now)


def probe_taken(state: BreakerState, now: datetime) -> BreakerState:
    """Somebody makes the probe that is due; until its answer, neither another nor a run."""
    taken = replace(state, probe_at=now + PROBE_ANSWERS_WITHIN)
    return _block_runs(taken, now + PROBE_ANSWERS_WITHIN)


def probe_failed(state: BreakerState, failure: SourceFailure, now: datetime) -> BreakerState:
    """The source is not back."""
    if state.failing_since is None:  # a run has found it well meanwhile
        return state
    failed = state.failed_probes + 1
    later = now + _pause(failure, failed)
    told = replace(state, reason=failure.reason, failed_probes=failed, probe_at=later)
    return _spare(_block_runs(told, later + PROBE_ANSWERS_WITHIN), failure, now)


def recovered(state: BreakerState) -> BreakerState:
    """The source does what it is asked: nothing is blocked, and the failures are remembered."""
    return BreakerState(failures=state.failures, tripped_at=state.tripped_at)


def _pause(failure: SourceFailure, failed: int) -> timedelta:
    """Until the next probe: refused credentials are not tried on and on."""
    return PROBE_EVERY if failure.retryable else back_off(failed)


def _block_runs(state: BreakerState, until: datetime) -> BreakerState:
    if state.tripped_at is None:
        return state
    until = min(until, state.tripped_at + RUN_ANYWAY_AFTER)
    return replace(state, blocked_until=_later(state.blocked_until, until))


def _spare(state: BreakerState, failure: SourceFailure, now: datetime) -> BreakerState:
    """Honour how long the source asks to be left alone, by runs and by probes."""
    if failure.retry_after is None:
        return state
    until = now + failure.retry_after
    probe_at = None if state.probe_at is None else _later(state.probe_at, until)
    return replace(state, blocked_until=_later(state.blocked_until, until), probe_at=probe_at)


def _later(first: datetime | None, second: datetime) -> datetime:
    return second if first is None else max(first, second)
