"""Refused deliveries, counted per minute and reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from storage.database import Transaction
from storage.figures import REFUSALS
from storage.tables import Refusal, table_of

CONNECTIONS_ONLY = frozenset({"half_open", "too_many_connections"})
"""The receiver's reasons that count connections: whether they had a delivery was never heard."""

_REFUSAL = table_of(Refusal)


@dataclass(frozen=True, slots=True)
class Refusals:
    """Refusals of one reason over a span; `detail` is the newest ("clock off by 437 s")."""

    reason: str
    count: int
    first_at: datetime
    last_at: datetime
    detail: str | None


def count_refusal(
    tx: Transaction, *, reason: str, at: datetime, detail: str | None = None, count: int = 1
) -> None:
    """Add to the count of the minute of `at`."""
    insert = tx.insert_into(_REFUSAL).values(
        minute=at.replace(second=0, microsecond=0),
        reason=reason,
        count=count,
        first_at=at,
        last_at=at,
        detail=detail,
    )
    more = {
        "count": _REFUSAL.c.count + insert.excluded["count"],
        "last_at": insert.excluded.last_at,
        "detail": func.coalesce(insert.excluded.detail, _REFUSAL.c.detail),
    }
    keys = [_REFUSAL.c.minute, _REFUSAL.c.reason]
    tx.execute(insert.on_conflict_do_update(index_elements=keys, set_=more))
    tx.count(REFUSALS, reason, by=count)


def list_refusals(tx: Transaction, *, since: datetime) -> list[Refusals]:
    """Sum the refusals since then by reason, most first."""
    minutes = (
        select(_REFUSAL, _REFUSAL.c["count"].label("refused"))
        .where(_REFUSAL.c.last_at >= since)
        .order_by(_REFUSAL.c.minute)
    )
    sums: dict[str, Refusals] = {}
    for row in tx.execute(minutes):
        before = sums.get(row.reason)
        sums[row.reason] = Refusals(
            reason=row.reason,
            count=row.refused + (before.count if before else 0),
            first_at=before.first_at if before else row.first_at,
            last_at=row.last_at,
            detail=row.detail or (before.detail if before else None),
        )
    return sorted(sums.values(), key=lambda refusals: (-refusals.count, refusals.reason))
