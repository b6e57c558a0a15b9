"""What the deliveries tell of the PIM's health, and what their absence does: pure.

The PIM sends about 4,000 deliveries an hour for all its connections together; then it falls silent
until the hour has moved on, and sends what has queued up. What has waited for more than two hours
is dropped without a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.artifacts import format_span
from storage.deliveries import Delivery

QUOTA = 4000
NEAR_QUOTA = QUOTA * 9 // 10
QUIET = timedelta(minutes=5)
"""A shorter silence, or a younger event, is nothing to speak of."""

DROPPED_AFTER = timedelta(hours=2)
ENOUGH_SWEEPS = 2
"""So many deltas in a row with changes that no event told of, and not one delivery, are silence;
one may have come after a night during which nobody was here to receive anything."""


@dataclass(frozen=True, slots=True)
class Missed:
    """Changes whose events never came, found by delta sweeps since the last delivery."""

    sweeps: int
    changes: int
    since: datetime

    @property
    def is_silence(self) -> bool:
        """Whether events do not come at all."""
        return self.sweeps >= ENOUGH_SWEEPS


def add_missed(
    before: Missed | None, *, found: int, last_delivery_at: datetime | None, now: datetime
) -> Missed | None:
    """What has been missed in all after a sweep that found so many; a delivery begins it anew."""
    if before is not None and last_delivery_at is not None and last_delivery_at > before.since:
        before = None
    if not found:
        return before
    if before is None:
        return Missed(1, found, now)
    return Missed(before.sweeps + 1, before.changes + found, before.since)


@dataclass(frozen=True, slots=True)
class QuotaSigns:
    """What looks like the PIM's hourly quota.

    `deliveries` came in the hour since `since`; or, where `silence` is set, after a silence that
    long which began at `since`, the first with events that old.
    """

    since: datetime
    deliveries: int
    silence: timedelta | None = None
    oldest: timedelta | None = None

    @property
    def lost_some(self) -> bool:
        """Whether events must have waited for longer than the PIM keeps them."""
        spans = [span for span in (self.silence, self.oldest) if span is not None]
        return any(span >= DROPPED_AFTER - QUIET for span in spans)

    def __str__(self) -> str:
        """What was seen, as a person says it."""
        since = f"since {self.since:%H:%M} UTC"
        if self.silence is None or self.oldest is None:
            return f"{since}: {self.deliveries:,} deliveries within an hour"
        return (
            f"{since}: no delivery for {format_span(self.silence)}, then {self.deliveries:,} with "
            f"events up to {format_span(self.oldest)} old"
        )


def find_quota_signs(
    deliveries: Sequence[Delivery], *, clock_offset: timedelta, now: datetime
) -> QuotaSigns | None:
    """The signs in an hour of deliveries, oldest first, the last one before the hour included.

    `clock_offset`: the source's clock less ours, by which the age of an event is told. A silence
    is a sign only if the first event after it is about as old: else there was nothing to tell.
    """
    for position in range(len(deliveries) - 1, 0, -1):
        last, first = deliveries[position - 1 : position + 1]
        silence = first.received_at - last.received_at
        age = _age(first, clock_offset)
        if silence >= QUIET and age is not None and age >= max(QUIET, silence / 2):
            return QuotaSigns(last.received_at, len(deliveries) - position, silence, age)
    recent = [each for each in deliveries if each.received_at > now - timedelta(hours=1)]
    if len(recent) >= NEAR_QUOTA:
        return QuotaSigns(recent[0].received_at, len(recent))
    return None


def _age(delivery: Delivery, clock_offset: timedelta) -> timedelta | None:
    if delivery.oldest is None:
        return None
    return delivery.received_at + clock_offset - delivery.oldest
