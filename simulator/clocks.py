"""The clocks of the PIM's nodes, which take turns at answering calls, and at saving."""

from collections.abc import Callable
from datetime import datetime, timedelta

_PLACES = (-0.5, 0.5, 0.0)
"""Where each node's clock stands, in parts of the skew around the true time."""


class NodeClocks:
    """Three nodes; without a skew they all have the time of `clock`.

    With one, the times of successive answers lie up to `skew_seconds` apart, in either direction,
    and so do those of successive saves.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._answers = 0
        self._saves = 0
        self.skew_seconds = 0.0

    def answer_time(self) -> datetime:
        """The time of the node that answers next."""
        self._answers += 1
        return self._time_of(self._answers)

    def save_time(self) -> datetime:
        """The time of the node that saves next."""
        self._saves += 1
        return self._time_of(self._saves)

    def _time_of(self, turn: int) -> datetime:
        return self._clock() + timedelta(seconds=self.skew_seconds * _PLACES[turn % len(_PLACES)])
