"""What goes wrong with deliveries, drawn in their order: the same seed, the same fate."""

import random
from dataclasses import dataclass

from simulator.config import Faults

_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one delivery.

    `queue_seconds`: it waits before its payload is built, and then tells the newest.
    `network_seconds`: it waits after, and then tells what is old. `repeat`: it is sent a second
    time; `rebuilt` says whether with a payload built anew. `forge`: a forged one is sent too.
    """

    drop: bool = False
    repeat: bool = False
    rebuilt: bool = False
    forge: bool = False
    shuffled: bool = False
    delayed: bool = False
    queue_seconds: float = 0.0
    network_seconds: float = 0.0

    @property
    def waits(self) -> bool:
        """Whether the delivery is held back somewhere."""
        return self.queue_seconds > 0 or self.network_seconds > 0


class FateDrawer:
    """Draws fates; every delivery takes as many numbers, so that one rate leaves the others be."""

    def __init__(self, seed: int, faults: Faults) -> None:
        self._rng = random.Random(f"{seed}:faults")
        self.faults = faults

    def draw(self) -> Fate:
        """The fate of the next delivery."""
        faults = self.faults
        drop, repeat, rebuilt, shuffle, window, delay, queued, forge = (
            self._rng.random() for _ in range(8)
        )
        shuffled, delayed = shuffle < faults.shuffle, delay < faults.delay
        in_queue = delayed and queued < _HALF
        network = window * faults.shuffle_window_seconds if shuffled else 0.0
        return Fate(
            drop=drop < faults.drop,
            repeat=repeat < faults.repeat,
            rebuilt=rebuilt < _HALF,
            forge=forge < faults.forge,
            shuffled=shuffled,
            delayed=delayed,
            queue_seconds=faults.delay_seconds if in_queue else 0.0,
            network_seconds=network + (faults.delay_seconds if delayed and not in_queue else 0.0),
        )

    def draw_forgery(self) -> random.Random:
        """A generator of its own for a forged delivery's content."""
        return random.Random(self._rng.random())
