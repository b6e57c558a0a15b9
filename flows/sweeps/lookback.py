"""Instant from which a delta looks, by watermark, clocks and the filter's probe: pure.

It is moved back by an index that lags (the overlap), nodes whose clocks differ (the clock
doubt), a clock that was set between two sweeps, and a time zone that cannot be vouched for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from pim.printed_time import ANY_ZONE, Printing
from storage.state import Watermark

CLOCK_CHANGE = timedelta(hours=2)
"""More than clocks move when summer time begins or ends, anywhere."""


class Verdict(Enum):
    """What the probe said about the source's `updated` filter.

    EARLY: it reads times as earlier than meant, so it lets more through than asked.
    """

    WORKS = auto()
    EARLY = auto()
    BROKEN = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Probed:
    """The verdict, and when the product that it was found with was saved.

    `printing`: how the source prints that time, where the filter works. `rewound`: how many of the
    products asked for the source shows in an older state than stored.
    """

    verdict: Verdict
    known_at: datetime | None = None
    rewound: int = 0
    printing: Printing = Printing.AS_MEANT

    @property
    def trusted(self) -> bool:
        """Whether what the filter lets through may count as all that changed."""
        return self.verdict in {Verdict.WORKS, Verdict.EARLY}


@dataclass(frozen=True, slots=True)
class Clocks:
    """One moment on the source's clock, and on the database's."""

    source: datetime
    ours: datetime

    def on_source(self, ours: datetime) -> datetime:
        """Translate an instant of the database's clock, as the two stand now."""
        return self.source + (ours - self.ours)


@dataclass(frozen=True, slots=True)
class Margins:
    """How long the search index may lag, and how far the clocks of the source's nodes differ."""

    overlap: timedelta
    clock_doubt: timedelta

    @property
    def both(self) -> timedelta:
        """How far behind the watermark a sweep looks."""
        return self.overlap + self.clock_doubt


def decide_since(watermark: Watermark, clocks: Clocks, margins: Margins) -> datetime | None:
    """From when on to look; None if the source's clock is behind what it has said before.

    A clock that was ahead during the last sweep, and is right again, would leave out what was
    changed in between: where the time that passed on our own clock tells an earlier start, it
    counts.
    """
    if clocks.source < watermark.seen_until - margins.clock_doubt:
        return None
    return _seen_until(watermark, clocks) - margins.both


def clock_jump(watermark: Watermark, clocks: Clocks) -> timedelta:
    """How far the source's clock was ahead at the last sweep, compared with now."""
    return watermark.seen_until - _seen_until(watermark, clocks)


def _seen_until(watermark: Watermark, clocks: Clocks) -> datetime:
    if watermark.clock is None:
        return watermark.seen_until
    return min(watermark.seen_until, clocks.on_source(watermark.clock))


def decide_reach(since: datetime, probed: Probed, *, was_broken: bool) -> datetime:
    """From when on to ask the product filter, so that its reading of the time leaves nothing out.

    A filter that cannot be trusted is asked for so much more that no time zone is further off. One
    that works at another instant may be off by an hour at this one: summer time came between.
    """
    if not probed.trusted or was_broken:
        return since - ANY_ZONE
    if probed.known_at is None or probed.known_at < since:
        return since - CLOCK_CHANGE
    return since
