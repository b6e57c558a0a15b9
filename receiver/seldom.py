"""Log lines that come with deliveries, held to a few a minute: thousands an hour say nothing."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeAlias

from receiver.refusal_counter import IntakeRefusal, Tally
from storage.refusals import CONNECTIONS_ONLY

SLOW_SECONDS = 0.25
"""Half of what the PIM waits: worth a look while nothing is lost yet."""

_EVERY_SECONDS = 60.0
_STEADY_SECONDS = 5.0

_log = logging.getLogger(__name__)

Clock: TypeAlias = Callable[[], float]


class Seldom:
    """Says of each kind of thing, at most once a minute, how often it happened since."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._held_back: Counter[str] = Counter()
        self._next: dict[str, float] = {}

    def due(self, kind: str, count: int = 1) -> int:
        """Count; answer how many there were since the last time something was said, 0: be silent.

        The first of its kind is told at once.
        """
        self._held_back[kind] += count
        now = self._clock()
        if now < self._next.get(kind, now):
            return 0
        self._next[kind] = now + _EVERY_SECONDS
        return self._held_back.pop(kind)


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
                "the store is not writable in time, deliveries are answered 503: %s",
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
