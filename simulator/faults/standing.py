"""Faults that stand until taken back: hidden products, clocks apart, wrong `next` links."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

_SCALE = 2**64

_PLACES = (-0.5, 0.5, 0.0)
"""Where each node's clock stands, in parts of the skew around the true time."""


def is_drawn(uuid: str, *, share: float, seed: int) -> bool:
    """Whether the product of this uuid belongs to the share."""
    if share <= 0:
        return False
    digest = hashlib.sha256(f"{seed}:{uuid.lower()}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * _SCALE


class Rights:
    """A share of the products is hidden: lists leave them out, single reads say 404, no event."""

    def __init__(self) -> None:
        self.hidden_share = 0.0
        self.seed = 0

    def take(self, share: float, seed: int) -> None:
        """Hide this share of the products from now on; 0 gives all of them back."""
        self.hidden_share = share
        self.seed = seed

    def hides(self, uuid: str) -> bool:
        """Whether the connection may not see the product of this uuid."""
        return is_drawn(uuid, share=self.hidden_share, seed=self.seed)


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


@dataclass(frozen=True, slots=True)
class LinkFaults:
    """What is wrong with every `next` link: parameters it loses, and a host that is not ours."""

    loses: tuple[str, ...] = ()
    host: str | None = None
