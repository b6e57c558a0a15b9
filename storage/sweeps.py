"""Sweeps: where each stands, one run of each at a time, and the history of runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pim.ids import OrderNumber, RunId
from pim.json_types import JsonObject
from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class SweepStart:
    """A sweep is ours. `resumed`: go on from `position`, with the first run's number and start."""

    resumed: bool
    position: str | None
    counts: Mapping[str, int]
    first_number: OrderNumber
    source_started_at: datetime
    watermark: datetime | None


@dataclass(frozen=True, slots=True)
class SweepBusy:
    """Another run is at this sweep."""

    holder: str
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class SweepView:
    """A sweep as `status` shows it."""

    name: str
    running: bool
    position: str | None
    counts: Mapping[str, int]
    watermark: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One finished or running run. `state`: running, done, failed."""

    id: int
    run_id: RunId
    flow: str
    cause: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    report: JsonObject = field(default_factory=dict)


def begin_sweep(
    tx: Transaction,
    *,
    name: str,
    holder: str,
    first_number: OrderNumber,
    source_now: datetime,
    lease: timedelta,
    max_age: timedelta = timedelta(hours=24),
) -> SweepStart | SweepBusy:
    """Start the sweep, or go on where its last run stopped less than `max_age` ago.

    `name` tells sweeps apart ("products/full", "products/delta", "attribute"). `source_now` is the
    start on the source's clock, `first_number` an order number drawn before the first read; a
    resumed sweep keeps those of its start.
    """
    raise NotImplementedError


def save_position(
    tx: Transaction, *, name: str, holder: str, position: str | None, counts: Mapping[str, int]
) -> None:
    """Store position and counts, in the transaction of the page they belong to.

    Raises:
        FenceLost: the sweep is another run's now.
    """
    raise NotImplementedError


def renew_sweep(tx: Transaction, *, name: str, holder: str, lease: timedelta) -> bool:
    """Renew the lease; False if the sweep is another run's now."""
    raise NotImplementedError


def release_sweep(tx: Transaction, *, name: str, holder: str) -> bool:
    """Give the lease back and keep the position for the next run."""
    raise NotImplementedError


def finish_sweep(
    tx: Transaction,
    *,
    name: str,
    holder: str,
    watermark: datetime | None,
    now: datetime,
    set_anew: bool = False,
) -> None:
    """End a complete sweep: the position goes, the watermark moves forward.

    None leaves the watermark; `set_anew` allows it to move back (a source clock behind it).

    Raises:
        FenceLost: the sweep is another run's now.
    """
    raise NotImplementedError


def list_sweeps(tx: Transaction) -> list[SweepView]:
    """List every sweep that ever ran, by name."""
    raise NotImplementedError


def start_run(tx: Transaction, *, run_id: RunId, flow: str, cause: str, now: datetime) -> int:
    """Record that a run began; answers its row id."""
    raise NotImplementedError


def finish_run(
    tx: Transaction, *, row_id: int, state: str, report: JsonObject, now: datetime
) -> None:
    """Record how a run ended, with its report."""
    raise NotImplementedError


def list_runs(tx: Transaction, *, flow: str | None = None, limit: int = 20) -> list[SyncRun]:
    """List runs, newest first."""
    raise NotImplementedError
