"""Spread of the clocks of the source's nodes, as the Date of successive answers tells."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A Date of the source beside our two clocks, at the moment the answer began.

    `wall` may be set in between, and `monotonic_seconds` may stand still while a machine sleeps.
    """

    source: datetime
    wall: datetime
    monotonic_seconds: float


class ClockSpread:
    """The most that two successive answers' clocks were apart. Dates are in whole seconds."""

    def __init__(self) -> None:
        self._last: Sighting | None = None
        self.sightings = 0
        self.widest = _NONE

    def note(self, sighting: Sighting) -> None:
        """Compare an answer's Date with the one before it."""
        last, self._last = self._last, sighting
        self.sightings += 1
        if last is not None:
            self.widest = max(self.widest, _apart(last, sighting))


def _apart(first: Sighting, second: Sighting) -> timedelta:
    """What neither of our clocks can explain: one of them may have jumped, too."""
    passed = second.source - first.source
    by_wall = abs(passed - (second.wall - first.wall))
    ours = timedelta(seconds=second.monotonic_seconds - first.monotonic_seconds)
    return min(by_wall, abs(passed - ours))
