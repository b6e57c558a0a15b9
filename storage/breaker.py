"""The breaker: while the source fails, one `blocked_until` for everybody."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.engine import Transaction


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
    raise NotImplementedError


def trip_breaker(
    tx: Transaction, *, reason: str, retry_after: timedelta | None = None
) -> BreakerView:
    """Record a failure of the source: blocks for 15 s, doubling to 5 min.

    A longer `retry_after` of the source is honoured. While it still blocks, a further failure
    only lengthens an explicit wait: runs that fail together count once.
    """
    raise NotImplementedError


def reset_breaker(tx: Transaction) -> BreakerView | None:
    """Record that the source answers; the breaker as it was, or None if it was not failing."""
    raise NotImplementedError
