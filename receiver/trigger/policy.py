"""Policy of the trigger: when to ask for a drain, and what to make of the run asked for. Pure.

Times are seconds on one monotonic clock.

The door row holds a generation, new with each opening, and an attempt. Both make the idempotency
key of a flow run, so that many receivers that ask at once make one run, and each opening of the
door makes the next key fresh.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pim.ids import Generation
from storage.inbox import DrainNeed

TICK_SECONDS = 15.0
"""How often a receiver looks at the door without being woken."""

PATIENCE_SECONDS = 30.0
"""How long a trigger may be without effect before its run is looked at; doubles per attempt."""

MAX_PATIENCE_SECONDS = 600.0

YOUNG_SECONDS = 60.0
"""A drain that failed younger than this must not be asked for again at once, and for ever."""

UNREACHABLE_AFTER_SECONDS = 10.0
"""Failing calls become an alarm: on SQLite a third of all creations answers 503, for a moment."""

WORKER_GONE_AFTER_SECONDS = 120.0
"""No worker becomes an alarm: one that starts on a busy machine takes a while to report. Prefect
itself calls one gone 90 s after its last heartbeat."""

WATCH_SECONDS = 60.0
"""How often a receiver says that it looks after things, and looks at the sweeps' schedules."""

STARTING_SECONDS = 60.0
"""A server that has not answered yet may be starting beside us, on a new database."""

_FIRST_WAIT_SECONDS = 5.0
_SHORT_REST_SECONDS = 1.0
_BLOCKED_REST_SECONDS = 3.0
_FIRST_PAUSE_SECONDS = 0.1
_PAUSE_JITTER_SECONDS = 0.2
_PAUSE_GROWTH = 1.5
_MAX_PAUSE_SECONDS = 5.0


class Phase(StrEnum):
    """Where a flow run stands, as far as a trigger cares."""

    SCHEDULED = "scheduled"  # late ones too: no worker has taken it
    ACTIVE = "active"  # pending, running, paused, cancelling
    ENDED = "ended"  # completed or cancelled
    FAILED = "failed"  # failed or crashed

    @property
    def is_final(self) -> bool:
        """Nothing more will come of the run."""
        return self in (Phase.ENDED, Phase.FAILED)


@dataclass(frozen=True, slots=True)
class Run:
    """A flow run."""

    run_id: str
    name: str
    phase: Phase


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that this receiver has asked for, and when to look what became of it."""

    generation: Generation
    attempt: int
    run: Run
    asked_at: float
    look_at: float


@dataclass(frozen=True, slots=True)
class Memory:
    """What a trigger remembers. `failures`: drains in a row that failed young."""

    asked: Asked | None = None
    failures: int = 0
    wait_until: float = 0.0


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing due, or blocked, or somebody is at work."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Something is due, and what can be done has been done."""

    until: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for a run with the door's present key."""


@dataclass(frozen=True, slots=True)
class LookAtRun:
    """The trigger is without effect for too long: look at its run."""

    asked: Asked


@dataclass(frozen=True, slots=True)
class LookBack:
    """The drain was opened and is over too soon: look how it ended."""

    asked: Asked


Decision = Rest | Wait | Ask | LookAtRun | LookBack


def decide_step(need: DrainNeed, memory: Memory, now: float) -> Decision:
    """What to do next, from the door and from what was asked before."""
    if not need.wants_drain:
        return Rest()
    asked = memory.asked
    if asked is not None and asked.generation == need.generation:
        if asked.attempt < need.attempt:  # another receiver has moved it on
            return Ask()
        return Wait(asked.look_at) if now < asked.look_at else LookAtRun(asked)
    if now < memory.wait_until:
        return Wait(memory.wait_until)
    if asked is not None and now < asked.asked_at + YOUNG_SECONDS:
        return LookBack(asked)
    return Ask()


def remember_rest(memory: Memory, now: float) -> Memory:
    """What is remembered of a run while none is needed: needed again, it is looked at once."""
    asked = memory.asked
    if asked is None or asked.look_at <= now:
        return memory
    return _with_look_at(memory, asked, now)


def remember_asking(memory: Memory, need: DrainNeed, run: Run, now: float) -> Memory | None:
    """What is remembered after asking; None: the key is spent, take the next attempt at once.

    A key never expires with its run: asking again answers with the run that it made once.
    """
    if run.phase.is_final:
        return None
    patience = patience_seconds(need.attempt)
    asked = Asked(need.generation, need.attempt, run, asked_at=now, look_at=now + patience)
    before = memory.asked
    outlived = before is not None and before.generation != need.generation
    return Memory(asked=asked, failures=0 if outlived else memory.failures)


def remember_look(memory: Memory, asked: Asked, run: Run | None, now: float) -> Memory | None:
    """What is remembered after looking at a run without effect; None: take the next attempt.

    A run that no worker has taken will be taken one day: another beside it would not come sooner.
    """
    if run is None or run.phase is not Phase.SCHEDULED:
        return None
    return _with_look_at(memory, asked, now + TICK_SECONDS)


def remember_look_back(memory: Memory, asked: Asked, run: Run | None) -> Memory:
    """What is remembered of a drain that is over within its first minute.

    One that failed is asked for again after 5 s, doubling to a minute: each failure writes history,
    and what fails before it can count an attempt against an event would fail for ever.
    """
    if run is None or run.phase is not Phase.FAILED:
        return Memory()
    wait = min(_FIRST_WAIT_SECONDS * 2.0**memory.failures, YOUNG_SECONDS)
    failures = min(memory.failures + 1, 10)
    return Memory(failures=failures, wait_until=asked.asked_at + wait)


def rest_seconds(need: DrainNeed, wall_now: datetime) -> float:
    """How long to rest when no drain is wanted: to the tick, or to the end of what is in the way.

    The database judges the blocking, and the lease of the drain at work, by its own clock, which
    may be behind ours. A probe that finds the source well ends the blocking before its time. A
    lease that nobody renews lapses, of a drain whose machine is gone: the next one must not wait
    for the tick, too.
    """
    if need.due == 0:
        return TICK_SECONDS
    if need.blocked_until is not None:
        return _until(need.blocked_until, wall_now, most=_BLOCKED_REST_SECONDS)
    if need.lease_until is not None:
        return _until(need.lease_until, wall_now, most=TICK_SECONDS)
    return TICK_SECONDS


def _until(end: datetime, wall_now: datetime, *, most: float) -> float:
    return min(max((end - wall_now).total_seconds(), _SHORT_REST_SECONDS), most)


def patience_seconds(attempt: int) -> float:
    """How long the trigger of this attempt (0 for the first) may be without effect."""
    return min(PATIENCE_SECONDS * 2.0 ** min(attempt, 10), MAX_PATIENCE_SECONDS)


def pause_seconds(failures: int, jitter: float) -> float:
    """How long to pause after `failures` (1 or more) failed calls in a row; `jitter` in [0, 1].

    0.1 to 0.3 s at first: a 503 of a Prefect server on SQLite is over in that time.
    """
    first = _FIRST_PAUSE_SECONDS + _PAUSE_JITTER_SECONDS * jitter
    return min(first * _PAUSE_GROWTH ** min(failures - 1, 20), _MAX_PAUSE_SECONDS)


def _with_look_at(memory: Memory, asked: Asked, look_at: float) -> Memory:
    later = Asked(asked.generation, asked.attempt, asked.run, asked.asked_at, look_at)
    return Memory(asked=later, failures=memory.failures, wait_until=memory.wait_until)
