"""Catch-up after a gap: when sweeps are asked for, when it is over, and what had been missed.

A first round at once, since changes wait; a second one when the subscription surely delivers again,
since the platform takes minutes to take a resumption up. Everything is read from the store, so
that whoever comes after a killed run goes on where it was.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from flows.run import read_in, write_in
from pim.json_types import JsonObject, as_object
from storage import Store, Transaction
from storage.state import (
    DELTA,
    FULL,
    FULL_SWEEP,
    Gap,
    SweepView,
    SyncRun,
    close_gap,
    describe_cost,
    list_runs,
    list_sweeps,
    note_round,
    read_gap,
)

ACTIVATION_DELAY = timedelta(minutes=10)
"""So long after a resumption events may still be lost: the platform says "several minutes"."""

ASK_AGAIN_AFTER = timedelta(minutes=30)
"""A round whose full sweep neither runs nor has ended by then is asked for once more."""

_CLOCK_DOUBT = timedelta(minutes=1)
_FLOW = "reconcile"
_RECENT = 200  # more than a day, with a delta every ten minutes


class AskForReconcile(Protocol):
    """Asks for a run of the deployment of a mode; the same key asks for the same run."""

    async def __call__(self, *, mode: str, key: str) -> None:
        """Ask for it, once for each key."""
        ...


@dataclass(frozen=True, slots=True)
class Sweeping:
    """What is known of sweeps beside a gap. `whole`: the run that caught up with it, if any."""

    full: SweepView | None
    runs: Sequence[SyncRun]
    whole: SyncRun | None


async def catch_up(
    store: Store, ask: AskForReconcile, *, now: datetime, delay: timedelta
) -> list[str]:
    """Do what is due of the catch-up with the newest gap; answers what was done, in words.

    Raises:
        Exception: whatever `ask` raises; the round is asked for by the next who comes.
        StoreError: the store fails.
    """
    gap = await read_in(store, read_gap)
    if gap is None or gap.ended is None or gap.closed_at is not None:
        return []
    safe_from = gap.ended + delay
    sweeping = await read_in(store, _read_sweeping, safe_from)
    if sweeping.whole is not None:
        cost = count_cost(gap, sweeping.runs, until=sweeping.whole)
        await write_in(store, close_gap, gap_id=gap.id, cost=cost, now=now)
        return [f"the gap is caught up with: {describe_cost(cost)}"]
    is_running = sweeping.full is not None and sweeping.full.running
    number = decide_round(gap, is_running=is_running, now=now, delay=delay)
    if number is None:
        return []
    for mode in (DELTA, FULL):
        await ask(mode=mode, key=f"gap-{gap.ended:%Y%m%dT%H%M%S%f}-{number}-{mode}")
    await write_in(store, note_round, gap_id=gap.id, number=number, now=now)
    return [f"asked for a delta and a full reconcile, round {number} after the gap"]


def decide_round(gap: Gap, *, is_running: bool, now: datetime, delay: timedelta) -> int | None:
    """Say which round is to be asked for now, None for none: pure.

    `is_running`: a full sweep is at work; one that began too early must end first, for it would
    stand in the way.
    """
    if gap.ended is None or gap.closed_at is not None:
        return None
    if gap.rounds == 0:
        return 1
    if is_running or now < gap.ended + delay:
        return None
    if gap.rounds == 1:
        return 2
    is_due = gap.asked_at is None or now >= gap.asked_at + ASK_AGAIN_AFTER
    return gap.rounds + 1 if is_due else None


def find_whole(
    runs: Sequence[SyncRun], full: SweepView | None, *, safe_from: datetime
) -> SyncRun | None:
    """Return the run that compared everything since then, the newest of several: pure.

    A run that went on with a sweep of before does not count: that sweep's first pages are older.
    """
    if full is None or full.started_at is None or full.finished_at is None:
        return None
    is_new = full.started_at >= safe_from - _CLOCK_DOUBT
    if not is_new or full.finished_at < full.started_at:
        return None
    ended = [run for run in runs if run.state == "done" and run.started_at >= safe_from]
    whole = [run for run in ended if _is_whole_full(run.report)]
    return max(whole, key=lambda run: run.id, default=None)


def count_cost(gap: Gap, runs: Sequence[SyncRun], *, until: SyncRun) -> JsonObject:
    """Count what the sweeps since the gap's end had to repair, by kind: pure."""
    cost: Counter[str] = Counter()
    for run in runs:
        is_of_it = gap.ended is not None and run.started_at >= gap.ended and run.id <= until.id
        if not is_of_it or run.report.get("dry_run") is not False:
            continue
        for kind, count in as_object(run.report.get("drift")).items():
            cost[kind] += count if isinstance(count, int) else 0
        items = as_object(run.report.get("structure")).values()
        cost["structure"] += sum(count for count in items if isinstance(count, int))
    return {kind: count for kind, count in sorted(cost.items()) if count}


def _is_whole_full(report: JsonObject) -> bool:
    wanted = {"mode": FULL, "dry_run": False, "not_whole": [], "ended_early": None}
    return {name: report.get(name) for name in wanted} == wanted


def _read_sweeping(tx: Transaction, safe_from: datetime) -> Sweeping:
    full = next((sweep for sweep in list_sweeps(tx) if sweep.name == FULL_SWEEP), None)
    runs = list_runs(tx, flow=_FLOW, limit=_RECENT)
    return Sweeping(full, runs, find_whole(runs, full, safe_from=safe_from))
