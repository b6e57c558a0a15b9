"""Deliveries that were refused and never stored: an alarm until a sweep has made up for them.

The PIM sends a refused delivery never again. What it told of is found by the next sweep of the
products: changes by a delta, deletions by a full one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storage.database import Transaction
from storage.inbox import Refusals, list_refusals
from storage.state.alarms import clear_alarm, raise_alarm
from storage.state.watermarks import Watermark, read_watermark

REFUSED_ALARM = "refused"
LOSSES = frozenset({"never_stored", "too_much_at_once", "too_many_connections"})
"""The receiver's reasons by which deliveries are lost; the others are of forgeries, of deliveries
that no store could hold, or of what was stored after all."""

PRODUCT_SWEEPS = ("products/delta", "products/full")
CLOCK_DOUBT = timedelta(minutes=1)
"""Refusals bear the receiver's time, sweeps the database's."""

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unstored:
    """Deliveries that no sweep has made up for yet; `why` is the newest reason."""

    count: int
    first_at: datetime
    last_at: datetime
    why: str

    def __str__(self) -> str:
        """What happened, as `status` shows it."""
        deliveries = "1 delivery was" if self.count == 1 else f"{self.count:,} deliveries were"
        span = f"{self.first_at:%Y-%m-%d %H:%M} to {self.last_at:%H:%M} UTC"
        return f"{deliveries} refused and never stored, {span}: {self.why}"


def decide_span(swept: Watermark | None) -> datetime:
    """Since when refusals count: those well before the last whole sweep began are made up for."""
    if swept is None:
        return _EVER
    return (swept.clock or swept.seen_until) - CLOCK_DOUBT


def sum_unstored(refusals: Iterable[Refusals]) -> Unstored | None:
    """Sum those by which deliveries were lost; None if there are none."""
    lost = sorted((r for r in refusals if r.reason in LOSSES), key=lambda each: each.last_at)
    if not lost:
        return None
    newest = lost[-1]
    return Unstored(
        count=sum(each.count for each in lost),
        first_at=min(each.first_at for each in lost),
        last_at=newest.last_at,
        why=newest.detail or newest.reason.replace("_", " "),
    )


def judge_unstored(tx: Transaction) -> Unstored | None:
    """Raise, renew or clear the alarm: in each transaction that counts losses or ends a sweep."""
    since = decide_span(read_watermark(tx, PRODUCT_SWEEPS))
    unstored = sum_unstored(list_refusals(tx, since=since))
    if unstored is None:
        clear_alarm(tx, name=REFUSED_ALARM)
    else:
        raise_alarm(tx, name=REFUSED_ALARM, text=str(unstored), now=unstored.first_at)
    return unstored
