"""Refused deliveries, counted in memory and written now and then.

A flood of forgeries must not cost a write each, and refusals are counted even while the store
takes no writes. Minutes and reasons are few, so the memory they take is small.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from storage.engine import Transaction
from storage.refusals import count_refusal
from storage.unstored import LOSSES, judge_unstored


class IntakeRefusal(StrEnum):
    """Why a delivery was refused, besides its signature.

    `NEVER_STORED` counts those of `NOT_WRITABLE` again that could not be stored later either.
    `HALF_OPEN` are connections and no deliveries: closed for others, before a whole request came.
    `NO_CONNECTION` are connections too, answered 503 unheard: what they had may be lost.
    """

    TOO_LARGE = "too_large"
    UNREADABLE = "unreadable"
    NOT_WRITABLE = "store_not_writable"
    NEVER_STORED = "never_stored"
    NO_ROOM = "too_much_at_once"
    EVENT_PLATFORM = "event_platform"
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
