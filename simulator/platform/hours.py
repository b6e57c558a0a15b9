"""The Event Platform's hours: the PIM's clock, scaled, and moved on by whoever tests."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from simulator.simulation import Clock


class Hours:
    """Instants in seconds, and waits that are so many times shorter than their documented length.

    `scale` asks how many times; it is read anew for each wait. `advance` moves on what is waited
    for, and no instant that anybody is told.
    """

    def __init__(self, clock: Clock, scale: Callable[[], float]) -> None:
        self._clock = clock
        self._scale = scale
        self._skipped = 0.0
        self._sleepers: set[asyncio.Event] = set()

    def now(self) -> float:
        """The present instant, with all that was skipped."""
        return self._clock().timestamp() + self._skipped

    def told(self) -> float:
        """The present instant as the PIM's clock has it."""
        return self._clock().timestamp()

    def after(self, seconds: float) -> float:
        """The instant at which a documented wait that begins now is over."""
        return self.now() + self.scaled(seconds)

    def scaled(self, seconds: float) -> float:
        """A documented wait in seconds of the clock."""
        return seconds / self._scale()

    def advance(self, seconds: float) -> None:
        """Let so much documented time pass at once, and everybody look at the clock again."""
        self._skipped += self.scaled(seconds)
        for sleeper in self._sleepers:
            sleeper.set()

    async def rest(self, woken: asyncio.Event, until: float | None) -> None:
        """Wait for the event, for an instant, or for whoever moves the clock on."""
        seconds = None if until is None else max(until - self.now(), 0.0)
        self._sleepers.add(woken)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await woken.wait()
        finally:
            self._sleepers.discard(woken)
            woken.clear()

    async def sleep(self, seconds: float) -> None:
        """Wait for so much documented time."""
        until = self.after(seconds)
        woken = asyncio.Event()
        while self.now() < until:
            await self.rest(woken, until)
