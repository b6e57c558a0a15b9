"""The one list of what needs a person: alarms raised, and what stored facts say themselves.

It serves `status`, `status --json` and the metric `akeneo_sync_alarm`, so that they agree. What
comes of time that passes (nothing swept, nothing drained) cannot be raised by whoever did not run:
it is decided here, whenever somebody looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from storage.database import Transaction
from storage.inbox import DoorView, is_due
from storage.state import (
    DELTA,
    FAILS_ALARM,
    FULL,
    FULL_SWEEP,
    WATCHED_WITHIN,
    Alarm,
    BreakerView,
    Failing,
    SweepView,
    Watch,
    list_runs,
    read_failing,
    read_watch,
)
from storage.tables import InboxEvent, table_of

OVERDUE_AFTER = {FULL: timedelta(hours=26), DELTA: timedelta(minutes=30)}
"""Well over the time between two of the schedule, a long sweep included. A test compares them."""

WAITS_TOO_LONG = timedelta(minutes=10)
UNFILLED_AFTER = timedelta(minutes=10)
"""A first start takes a while until its full sweep has begun."""

UNWRITABLE = "store-not-writable"
_COMPARING = {
    FULL: (FULL_SWEEP,),
    DELTA: ("products/delta", "products/delta-doubted", FULL_SWEEP),
}
_LONG_SWEEPS = (FULL_SWEEP, "product_model/full")
_RECENT_RUNS = 50
_LISTS_TAKE = timedelta(hours=2)
_EVENT = table_of(InboxEvent)

_EXPLAINING = (
    "prefect-unreachable",
    "deployment-missing",
    "work-pool-paused",
    "work-queue-paused",
    "deployment-paused",
    "worker-gone",
    "no-worker",
)
"""Alarms that are reason enough for nothing to run."""


@dataclass(frozen=True, slots=True)
class FirstSweep:
    """The store has never been through a whole full sweep. `state`: under-way, stopped, or none.

    `since`: when the newest try began; `products`: how many it has compared so far.
    """

    state: str
    since: datetime | None = None
    products: int = 0


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What is known of the sweeps and of who should run them, read at `read_at`.

    `due_since`: since when the oldest due event could have been taken.
    """

    read_at: datetime
    watch: Watch | None = None
    failing: tuple[Failing, ...] = ()
    first_sweep: FirstSweep | None = None
    due_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything from which it is decided what needs a person."""

    alarms: Sequence[Alarm]
    breaker: BreakerView
    door: DoorView
    sweeps: Sequence[SweepView]
    dead: int
    held_deletions: int
    upkeep: Upkeep | None
    unwritable: str | None = None


def read_upkeep(tx: Transaction, sweeps: Sequence[SweepView], *, now: datetime) -> Upkeep:
    """Read what is known of the sweeps and of who should run them."""
    return Upkeep(
        read_at=now,
        watch=read_watch(tx),
        failing=tuple(read_failing(tx)),
        first_sweep=_read_first_sweep(tx, sweeps, now),
        due_since=_read_due_since(tx),
    )


def list_needs(seen: Seen) -> list[Alarm]:
    """List what needs a person: a store that takes no write, the alarms raised, what follows."""
    found = [*seen.alarms, *_of_source(seen.breaker), *_of_counts(seen)]
    if seen.unwritable is not None:
        text = f"the store takes no writes, so deliveries are refused: {seen.unwritable}"
        found.insert(0, Alarm(UNWRITABLE, None, text))
    if seen.upkeep is not None:
        found += _of_sweeps(seen, seen.upkeep)
        found += _of_waiting(seen, seen.upkeep)
    return found


def _of_source(breaker: BreakerView) -> list[Alarm]:
    if breaker.failing_since is None:
        return []
    tries = "1 try" if breaker.failures == 1 else f"{breaker.failures:,} tries"
    text = f"the PIM fails ({tries}): {breaker.reason}"
    return [Alarm("source-failing", breaker.failing_since, text)]


def _of_counts(seen: Seen) -> list[Alarm]:
    found = []
    if seen.dead:
        found.append(Alarm("dead-letters", None, _say_count(seen.dead, "dead letter")))
    if seen.held_deletions:
        text = f"{_say_count(seen.held_deletions, 'deletion')} held"
        found.append(Alarm("held-deletions", None, text))
    return found


def _of_sweeps(seen: Seen, upkeep: Upkeep) -> list[Alarm]:
    """Say which sweep the schedule should have brought, while somebody is there to run it."""
    watch, now = upkeep.watch, upkeep.read_at
    if watch is None or now - watch.at > WATCHED_WITHIN:
        return []
    found = []
    if _is_unfilled(seen, upkeep) and now - watch.since > UNFILLED_AFTER:
        text = "the store was never filled: no full sweep has been through all products"
        found.append(Alarm("first-sweep", watch.since, text))
    late = {mode: since for mode in OVERDUE_AFTER if (since := _overdue_since(seen, upkeep, mode))}
    if late:
        told = [f"no {mode} sweep since {_minute(since)}" for mode, since in late.items()]
        reasons = {watch.idle[mode] for mode in late if mode in watch.idle}
        reason = (
            "; ".join(sorted(reasons))
            or _why(seen)
            or "Prefect starts none, or it hangs or is killed"
        )
        text = f"{', '.join(told)}, though it is due: {reason}"
        found.append(Alarm("sweep-overdue", min(late.values()), text))
    return found


def _is_unfilled(seen: Seen, upkeep: Upkeep) -> bool:
    first = upkeep.first_sweep
    told = any(alarm.name == FAILS_ALARM for alarm in seen.alarms)
    return first is not None and first.state != "under-way" and not told


def _overdue_since(seen: Seen, upkeep: Upkeep, mode: str) -> datetime | None:
    """When the last sweep of a mode ended, where the next is overdue; None where it is not.

    One that failed has ended, too: another alarm tells of it. While everything is compared, which
    takes hours in a large shop, it is not late, nor are the deltas that leave it the work.
    """
    watch = upkeep.watch
    if watch is None:
        return None
    patience, now = OVERDUE_AFTER[mode], upkeep.read_at
    ends = [sweep.finished_at for sweep in seen.sweeps if sweep.name in _COMPARING[mode]]
    begun = [sweep.started_at for sweep in seen.sweeps if sweep.running]
    long = [
        sweep.started_at
        for sweep in seen.sweeps
        if sweep.running and sweep.name in _LONG_SWEEPS and sweep.started_at is not None
    ]
    if any(now - started < OVERDUE_AFTER[FULL] for started in long):
        return None
    failed = [failing.last_at for failing in upkeep.failing if failing.mode == mode]
    known = [watch.since, *failed, *ends, *(begun if mode == DELTA else [])]
    last = max(instant for instant in known if instant is not None)
    return last if now - last > patience else None


def _of_waiting(seen: Seen, upkeep: Upkeep) -> list[Alarm]:
    if upkeep.due_since is None:
        return []
    # Nothing could be taken while nothing ran: a machine that was asleep has its ten minutes.
    watched = upkeep.watch.since if upkeep.watch else upkeep.due_since
    since = max(upkeep.due_since, watched)
    if upkeep.read_at - since <= WAITS_TOO_LONG:
        return []
    reason = _why(seen) or _why_slow(seen.door) or "nothing else explains it"
    text = f"the oldest due event waits since {_minute(upkeep.due_since)}: {reason}"
    return [Alarm("oldest-due", upkeep.due_since, text)]


def _why(seen: Seen) -> str | None:
    """What stands and is reason enough for nothing to run."""
    standing = {alarm.name: alarm.text for alarm in seen.alarms}
    told = [name for name in _EXPLAINING if name in standing]
    if told:
        return f"see {told[0]}"
    return "the PIM fails, see source-failing" if seen.breaker.failing_since is not None else None


def _why_slow(door: DoorView) -> str | None:
    if door.alive and door.opened_at is not None:
        return f"a drain is at work since {_minute(door.opened_at)}"
    return None


def _read_first_sweep(
    tx: Transaction, sweeps: Sequence[SweepView], now: datetime
) -> FirstSweep | None:
    full = next((sweep for sweep in sweeps if sweep.name == FULL_SWEEP), None)
    if full is not None and full.finished_at is not None:
        return None
    products = full.counts.get("products", 0) if full is not None else 0
    running = [each.started_at for each in sweeps if each.running and each.name in _LONG_SWEEPS]
    wanted = {"mode": FULL, "dry_run": False}
    runs = [
        run
        for run in list_runs(tx, flow="reconcile", limit=_RECENT_RUNS)
        if {name: run.report.get(name) for name in wanted} == wanted
    ]
    if running:
        return FirstSweep("under-way", running[0], products)
    if not runs:
        return FirstSweep("stopped" if full else "none", full.started_at if full else None)
    # Before the products come the lists, which hold no lease; a killed run stays "running".
    is_at_lists = runs[0].state == "running" and now - runs[0].started_at < _LISTS_TAKE
    return FirstSweep("under-way" if is_at_lists else "stopped", runs[0].started_at, products)


def _read_due_since(tx: Transaction) -> datetime | None:
    """Since when a due event has been waiting for longest: put off, taken, or just received."""
    waits = func.coalesce(_EVENT.c.not_before, _EVENT.c.taken_at, _EVENT.c.received_at)
    since: datetime | None = tx.execute(select(func.min(waits)).where(is_due(tx))).scalar_one()
    return since


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _say_count(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'s' * (count != 1)}"
