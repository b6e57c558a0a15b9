"""Sweeps: where each stands, and one run of each at a time (their history: `runs`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select, update

from pim.ids import OrderNumber
from storage.database import Transaction, changed_rows, read_counts, write_json
from storage.errors import FenceLost
from storage.state.lost_deliveries import judge_unstored
from storage.tables import Sweep, table_of

_SWEEP = table_of(Sweep)
FULL_SWEEP = "products/full"
"""Its name in the store, given by the flow."""


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
    start = {
        "position": None,
        "position_at": tx.clock(),
        "counts": "{}",
        "first_number": first_number,
        "source_started_at": source_now,
        "started_at": tx.clock(),
    }
    tx.execute(
        tx.insert_into(_SWEEP)
        .values(name=name, **start)
        .on_conflict_do_nothing(index_elements=[_SWEEP.c.name])
    )
    is_free = or_(_SWEEP.c.holder.is_(None), _SWEEP.c.lease_until <= tx.clock())
    taken = tx.execute(
        update(_SWEEP)
        .where(_SWEEP.c.name == name)
        .where(or_(is_free, _SWEEP.c.holder == holder))
        .values(holder=holder, lease_until=tx.clock(lease))
        .returning(_SWEEP, (_SWEEP.c.position_at > tx.clock(-max_age)).label("fresh"))
    ).one_or_none()
    if taken is None:
        busy = tx.execute(select(_SWEEP).where(_SWEEP.c.name == name)).one()
        return SweepBusy(busy.holder, busy.lease_until)
    if taken.fresh and taken.position is not None:
        return _start(taken, resumed=True)
    anew = update(_SWEEP).where(_SWEEP.c.name == name).values(**start).returning(_SWEEP)
    return _start(tx.execute(anew).one(), resumed=False)


def save_position(
    tx: Transaction, *, name: str, holder: str, position: str | None, counts: Mapping[str, int]
) -> None:
    """Store position and counts, in the transaction of the page they belong to.

    Raises:
        FenceLost: the sweep is another run's now.
    """
    saved = (
        update(_SWEEP)
        .where(_is_mine(name, holder))
        .values(position=position, position_at=tx.clock(), counts=write_json(dict(counts)))
    )
    _require(changed_rows(tx.execute(saved)) == 1, name)


def renew_sweep(tx: Transaction, *, name: str, holder: str, lease: timedelta) -> bool:
    """Renew the lease; False if the sweep is another run's now."""
    renewed = update(_SWEEP).where(_is_mine(name, holder)).values(lease_until=tx.clock(lease))
    return changed_rows(tx.execute(renewed)) == 1


def release_sweep(tx: Transaction, *, name: str, holder: str) -> bool:
    """Give the lease back and keep the position for the next run."""
    freed = update(_SWEEP).where(_is_mine(name, holder)).values(holder=None, lease_until=None)
    return changed_rows(tx.execute(freed)) == 1


def finish_sweep(tx: Transaction, *, name: str, holder: str, watermark: datetime | None) -> None:
    """End a complete sweep: the position goes, the watermark is its start on the source's clock.

    The alarm on refused deliveries goes if the sweep has made up for them.

    None leaves the watermark. It moves back only where the source's clock did, or differs between
    its nodes; then more is looked at again, and nothing is missed.

    Raises:
        FenceLost: the sweep is another run's now.
    """
    ended: dict[str, Any] = {"finished_at": tx.clock(), "holder": None, "lease_until": None}
    ended |= {"position": None, "position_at": None}
    if watermark is not None:
        ended |= {"watermark": watermark, "watermark_clock": _SWEEP.c.started_at}
    done = update(_SWEEP).where(_is_mine(name, holder)).values(**ended)
    _require(changed_rows(tx.execute(done)) == 1, name)
    judge_unstored(tx)


def list_sweeps(tx: Transaction) -> list[SweepView]:
    """List every sweep that ever ran, by name, but for the lists that live in another item.

    Those (`option:colour`) may be hundreds; their kind has a sweep of its own, and tells.
    """
    alive = and_(_SWEEP.c.holder.is_not(None), _SWEEP.c.lease_until > tx.clock())
    whole = ~_SWEEP.c.name.contains(":")
    rows = tx.execute(select(_SWEEP, alive.label("running")).where(whole).order_by(_SWEEP.c.name))
    return [
        SweepView(
            name=row.name,
            running=bool(row.running),
            position=row.position,
            counts=read_counts(row.counts),
            watermark=row.watermark,
            started_at=row.started_at,
            finished_at=row.finished_at,
        )
        for row in rows
    ]


def has_reconciled(tx: Transaction) -> bool:
    """Say whether the store has ever been through a complete full reconcile."""
    return any(sweep.name == FULL_SWEEP and sweep.finished_at for sweep in list_sweeps(tx))


def _is_mine(name: str, holder: str) -> ColumnElement[bool]:
    return and_(_SWEEP.c.name == name, _SWEEP.c.holder == holder)


def _require(mine: bool, name: str) -> None:  # noqa: FBT001 - reads as the sentence it is
    if not mine:
        raise FenceLost(f"the sweep {name} is another run's now")


def _start(row: Row[Any], *, resumed: bool) -> SweepStart:
    return SweepStart(
        resumed=resumed,
        position=row.position,
        counts=read_counts(row.counts),
        first_number=row.first_number,
        source_started_at=row.source_started_at,
        watermark=row.watermark,
    )
