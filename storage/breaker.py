"""The breaker: while the source fails, one `blocked_until` for everybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, case, func, or_, select, update

from storage.engine import Transaction
from storage.tables import Breaker, table_of

_BREAKER = table_of(Breaker)

SHORTEST = timedelta(seconds=15)
LONGEST = timedelta(minutes=5)
"""At most 12 failed runs an hour while the source is down."""


@dataclass(frozen=True, slots=True)
class BreakerView:
    """The breaker as it stands; `blocked` is judged by the database's clock."""

    blocked: bool
    blocked_until: datetime | None
    failing_since: datetime | None
    failures: int
    reason: str | None


def read_breaker(tx: Transaction) -> BreakerView:
    """Read the breaker."""
    return _view(_read(tx))


def trip_breaker(
    tx: Transaction, *, reason: str, retry_after: timedelta | None = None
) -> BreakerView:
    """Record a failure of the source: blocks for 15 s, doubling to 5 min.

    A longer `retry_after` of the source is honoured. While it still blocks, a further failure
    only lengthens the wait where the source asks for it: runs that fail together count once.
    """
    row = _read(tx)
    failures = row.failures if row.blocked else row.failures + 1
    wait = timedelta(0) if row.blocked else back_off(failures)
    until = tx.clock(max(wait, retry_after or timedelta(0)))
    statement = (
        update(_BREAKER)
        .values(
            failures=failures,
            reason=reason,
            failing_since=func.coalesce(_BREAKER.c.failing_since, tx.clock()),
            blocked_until=case(
                (or_(_BREAKER.c.blocked_until.is_(None), _BREAKER.c.blocked_until < until), until),
                else_=_BREAKER.c.blocked_until,
            ),
        )
        .returning(_BREAKER)
    )
    tripped = tx.execute(statement).one()
    return BreakerView(
        blocked=True,
        blocked_until=tripped.blocked_until,
        failing_since=tripped.failing_since,
        failures=tripped.failures,
        reason=tripped.reason,
    )


def back_off(failures: int) -> timedelta:
    """Tell how long the source is left alone after so many failures in a row (at least one)."""
    doublings = min(failures, 10) - 1
    return min(LONGEST, SHORTEST * int(2**doublings))


def reset_breaker(tx: Transaction) -> BreakerView | None:
    """Record that the source answers; the breaker as it was, or None if it was not failing."""
    row = _read(tx)
    if row.failures == 0:
        return None
    well = {"failures": 0, "reason": None, "failing_since": None, "blocked_until": None}
    tx.execute(update(_BREAKER).values(**well))
    return _view(row)


def _read(tx: Transaction) -> Row[Any]:
    blocked = func.coalesce(_BREAKER.c.blocked_until > tx.clock(), False)
    return tx.execute(select(_BREAKER, blocked.label("blocked")).with_for_update()).one()


def _view(row: Row[Any]) -> BreakerView:
    return BreakerView(
        blocked=bool(row.blocked),
        blocked_until=row.blocked_until,
        failing_since=row.failing_since,
        failures=row.failures,
        reason=row.reason,
    )
