"""Gaps of the Event Platform's deliveries: while a subscription is stopped, nothing is kept for it.

One gap at a time is open or being caught up with; a new one takes over what is left of it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, insert, select, update

from pim.json_types import JsonObject
from storage.database import Transaction, read_object, write_json
from storage.tables import SubscriptionGap, table_of

_GAP = table_of(SubscriptionGap)
_MOST_KEPT = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """From `began` to `ended` (None: still) events may have been lost.

    `rounds` of its catch-up were asked for, the last one at `asked_at`. `closed_at`: caught up
    with, or taken over by the next; `cost` then holds what the sweeps found, by kind.
    """

    id: int
    subscription_id: str
    reason: str | None
    began: datetime
    ended: datetime | None
    rounds: int
    asked_at: datetime | None
    closed_at: datetime | None
    cost: JsonObject


def open_gap(tx: Transaction, *, subscription_id: str, began: datetime, reason: str | None) -> int:
    """Open a gap and answer its id; one that is open already only begins earlier, if it does.

    One that has ended and is not caught up with yet is closed: the new one begins where it did.
    """
    known = read_gap(tx)
    if known is not None and known.closed_at is None:
        began = min(began, known.began)
        if known.ended is None:
            tx.execute(update(_GAP).where(_GAP.c.id == known.id).values(began=began))
            return known.id
        close_gap(tx, gap_id=known.id, cost={}, now=known.ended)
    row = {"subscription_id": subscription_id, "reason": reason, "began": began}
    opened = insert(_GAP).values(**row, rounds=0, cost=write_json({})).returning(_GAP.c.id)
    return int(tx.execute(opened).scalar_one())


def read_gap(tx: Transaction) -> Gap | None:
    """Read the newest gap, closed or not; None if there never was one."""
    row = tx.execute(select(_GAP).order_by(_GAP.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _view(row)


def end_gap(tx: Transaction, *, now: datetime) -> None:
    """Record that deliveries come again, if a gap is open."""
    is_open = _GAP.c.ended.is_(None) & _GAP.c.closed_at.is_(None)
    tx.execute(update(_GAP).where(is_open).values(ended=now))


def note_round(tx: Transaction, *, gap_id: int, number: int, now: datetime) -> None:
    """Record that a round of the catch-up was asked for."""
    asked = {"rounds": number, "asked_at": now}
    tx.execute(update(_GAP).where(_GAP.c.id == gap_id).values(**asked))


def close_gap(tx: Transaction, *, gap_id: int, cost: JsonObject, now: datetime) -> None:
    """Record that a gap is caught up with, and what the sweeps found; the newest ones are kept."""
    closed = {"closed_at": now, "cost": write_json(cost)}
    tx.execute(update(_GAP).where(_GAP.c.id == gap_id).values(**closed))
    tx.execute(delete(_GAP).where(_GAP.c.id <= gap_id - _MOST_KEPT))


def describe_cost(cost: JsonObject) -> str:
    """Say what a gap cost: `3 missing, 1 orphan, 2 items of the structure`."""
    named = {"structure": "items of the structure"}
    parts = [f"{count:,} {named.get(kind, kind)}" for kind, count in cost.items() if count]
    return f"{', '.join(parts)} repaired" if parts else "nothing had been missed"


def _view(row: Row[tuple[object, ...]]) -> Gap:
    known = row._asdict()
    return Gap(**{**known, "cost": read_object(known["cost"])})
