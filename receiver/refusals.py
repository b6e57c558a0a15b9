"""Refused deliveries: counted in memory, written now and then, and seldom told in the log.

A flood of forgeries must not cost a write each, and refusals are counted even while the store
takes no writes. Minutes and reasons are few, so the memory they take is small. Log lines that come
with deliveries are kept to a few a minute: thousands an hour say nothing.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from storage import Transaction
from storage.inbox import CONNECTIONS_ONLY, count_refusal
from storage.state import LOSSES, judge_unstored

SLOW_SECONDS = 0.25
"""Half of what the PIM waits: worth a look while nothing is lost yet."""

_EVERY_SECONDS = 60.0
_STEADY_SECONDS = 5.0

_log = logging.getLogger(__name__)

Clock: TypeAlias = Callable[[], float]


class IntakeRefusal(StrEnum):
    """Why a delivery was refused, besides its signature.

    `SLOWED_DOWN` is said to the Event Platform, which delivers again; so nothing is lost by it.
    `NEVER_STORED` counts those of `NOT_WRITABLE` again that could not be stored later either.
    `HALF_OPEN` are connections and no deliveries: closed for others, before a whole request came.
    `NO_CONNECTION` are connections too, answered 429 unheard: what they had may be lost.
    """

    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    NOT_WRITABLE = "store_not_writable"
    NEVER_STORED = "never_stored"
    NO_ROOM = "too_much_at_once"
    SLOWED_DOWN = "slowed_down"
    HALF_OPEN = "half_open"
    NO_CONNECTION = "too_many_connections"


@dataclass(frozen=True, slots=True)
class Tally:
    """Refusals of one reason within one minute; `last_at` and `detail` are the newest one's."""

    reason: str
    count: int
    last_at: datetime
    detail: str | None

    @property
    def key(self) -> tuple[str, datetime]:
        """What tallies are summed by."""
        return self.reason, self.last_at.replace(second=0, microsecond=0)


def sum_tallies(tallies: Iterable[Tally]) -> dict[tuple[str, datetime], Tally]:
    """Sum by reason and minute, in the order given: the later one's detail is kept."""
    summed: dict[tuple[str, datetime], Tally] = {}
    for tally in tallies:
        before = summed.get(tally.key)
        count = tally.count + (before.count if before else 0)
        summed[tally.key] = replace(tally, count=count)
    return summed


class RefusalCounter:
    """The refusals not yet written; used on the event loop only."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, datetime], Tally] = {}

    def count(self, reason: str, at: datetime, detail: str | None = None) -> None:
        """Count one refusal."""
        self._add([Tally(reason, 1, at, detail)])

    def take(self) -> list[Tally]:
        """What has been counted since the last take."""
        taken = list(self._tallies.values())
        self._tallies.clear()
        return taken

    def put_back(self, tallies: Iterable[Tally]) -> None:
        """Count again what was taken and could not be written."""
        newer = self.take()
        self._add([*tallies, *newer])

    def _add(self, tallies: Iterable[Tally]) -> None:
        self._tallies = sum_tallies([*self._tallies.values(), *tallies])


def write_tallies(tx: Transaction, tallies: Iterable[Tally]) -> None:
    """Add the tallies to the store's counts per minute; lost deliveries are an alarm."""
    lost = False
    for tally in tallies:
        count_refusal(
            tx, reason=tally.reason, at=tally.last_at, detail=tally.detail, count=tally.count
        )
        lost |= tally.reason in LOSSES
    if lost:
        judge_unstored(tx)


class Seldom:
    """Says of each kind of thing, at most once a minute, how often it happened since."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._untold: Counter[str] = Counter()
        self._next: dict[str, float] = {}

    def due(self, kind: str, count: int = 1) -> int:
        """Count; answer how many there were since the last time something was said, 0: be silent.

        The first of its kind is told at once.
        """
        self._untold[kind] += count
        now = self._clock()
        if now < self._next.get(kind, now):
            return 0
        self._next[kind] = now + _EVERY_SECONDS
        return self._untold.pop(kind)


class SlowAnswers:
    """Warns of acknowledgements that took long."""

    def __init__(self, seldom: Seldom) -> None:
        self._seldom = seldom
        self._slowest = 0.0

    def note(self, seconds: float) -> None:
        """Look at one acknowledgement."""
        if seconds <= SLOW_SECONDS:
            return
        self._slowest = max(self._slowest, seconds)
        if count := self._seldom.due("slow"):
            fields = {"deliveries": count, "seconds": round(self._slowest, 3)}
            _log.warning(
                "%d slow acknowledgements, the slowest after %.3f s (the PIM hangs up after 0.5 s)",
                count,
                self._slowest,
                extra=fields,
            )
            self._slowest = 0.0


class StoreNews:
    """Tells when the store takes no deliveries, and when it has taken them for a while again.

    A store that is only too busy does both, several times a second.
    """

    def __init__(self, seldom: Seldom, clock: Clock = time.monotonic) -> None:
        self._seldom = seldom
        self._clock = clock
        self._refused_at: float | None = None  # None: nothing was told that is to be taken back

    def refused(self, error: Exception) -> None:
        """A delivery could not be stored in time."""
        count = self._seldom.due(IntakeRefusal.NOT_WRITABLE)
        if count:
            _log.warning(
                "the store is not writable in time, deliveries are answered 503 or 429: %s",
                error,
                extra={"deliveries": count},
            )
        if count or self._refused_at is not None:
            self._refused_at = self._clock()

    def taken(self) -> None:
        """A delivery was stored."""
        if self._refused_at is None or self._clock() - self._refused_at < _STEADY_SECONDS:
            return
        self._refused_at = None
        _log.warning("the store is writable again")


def tell_refusals(seldom: Seldom, tallies: Iterable[Tally]) -> None:
    """Warn of refused deliveries, by reason.

    Not of those that the store did not take: its silence and its return are told where they are
    noticed.
    """
    for tally in tallies:
        if tally.reason == IntakeRefusal.NOT_WRITABLE:
            continue
        if count := seldom.due(tally.reason, tally.count):
            said = tally.reason.replace("_", " ")
            what = (
                "connections closed" if tally.reason in CONNECTIONS_ONLY else "deliveries refused"
            )
            detail = "" if tally.detail is None else f" ({tally.detail})"
            fields = {"deliveries": count, "reason": tally.reason}
            _log.warning("%d %s: %s%s", count, what, said, detail, extra=fields)
