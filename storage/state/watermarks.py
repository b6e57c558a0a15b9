"""Watermarks: up to where on the source's clock a list has been seen, and when that was on ours."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.database import Transaction, read_counts, write_json
from storage.tables import Sweep, table_of

_SWEEP = table_of(Sweep)


@dataclass(frozen=True, slots=True)
class Watermark:
    """The start of a list's last whole sweep: on the source's clock, and on the database's.

    `clock` is None where it was stored before both were kept.
    """

    seen_until: datetime
    clock: datetime | None = None


def read_watermark(tx: Transaction, names: Collection[str]) -> Watermark | None:
    """Read the watermark of whichever of these sweeps was whole last; None before the first."""
    done = (
        select(_SWEEP.c.watermark, _SWEEP.c.watermark_clock)
        .where(_SWEEP.c.name.in_(sorted(names)))
        .where(_SWEEP.c.watermark.is_not(None), _SWEEP.c.finished_at.is_not(None))
        .order_by(_SWEEP.c.finished_at.desc())
        .limit(1)
    )
    row = tx.execute(done).one_or_none()
    return None if row is None else Watermark(row.watermark, row.watermark_clock)


def record_listing(
    tx: Transaction, *, name: str, watermark: Watermark, counts: Mapping[str, int]
) -> None:
    """Record a list that was swept whole in one go, with its watermark.

    No lease: two runs that sweep it side by side do no harm, whichever records last.
    """
    row = {
        "name": name,
        "counts": write_json(dict(counts)),
        "first_number": 0,
        "source_started_at": watermark.seen_until,
        "started_at": watermark.clock or tx.clock(),
        "finished_at": tx.clock(),
        "watermark": watermark.seen_until,
        "watermark_clock": watermark.clock,
    }
    insert = tx.insert_into(_SWEEP).values(**row)
    newer = {column: insert.excluded[column] for column in row if column != "name"}
    tx.execute(insert.on_conflict_do_update(index_elements=[_SWEEP.c.name], set_=newer))


@dataclass(frozen=True, slots=True)
class Listing:
    """The last whole sweep of a list: how many items it had, and how long ago that was."""

    listed: int
    finished_at: datetime


def read_listings(tx: Transaction, prefix: str) -> dict[str, Listing]:
    """Read the last sweep of each list whose name begins so, by name."""
    columns = (_SWEEP.c.name, _SWEEP.c.counts, _SWEEP.c.finished_at)
    done = select(*columns).where(_SWEEP.c.name.startswith(prefix, autoescape=True))
    return {
        row.name: Listing(read_counts(row.counts).get("listed", 0), row.finished_at)
        for row in tx.execute(done.where(_SWEEP.c.finished_at.is_not(None)))
    }
