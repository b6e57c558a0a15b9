"""Pace of writing: how many rows a transaction takes, and when others get their turn.

SQLite has one writer: as long as a transaction lasts, deliveries wait. So each is made to last
about as long as `AIM`, by what the ones before it took; and between two of them whoever waits gets
a turn. Where nobody waits, nobody is waited for, and where nobody else has written for a while a
transaction lasts longer: each has a price of its own. PostgreSQL's writers do not wait for each
other.
"""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flows.run.threads import in_thread
from storage import Store, Transaction

T = TypeVar("T")
R = TypeVar("R")

AIM = 0.010
"""Seconds of a transaction beside others who write."""

AIM_ALONE = 0.050
"""Seconds where nobody else was seen: what the first delivery after a silence waits at most."""

REMEMBERED = 5.0
"""Seconds for which others who wanted a turn are reckoned with."""

FIRST, FEWEST, MOST = 25, 10, 100
"""Rows: before anything is measured, and the bounds: a commit has its own price, however small."""

LONGEST_WAY = 0.020
"""Seconds for others after a shorter transaction: who waits for SQLite looks every few ms."""

_LOOK = 0.001


@dataclass(slots=True)
class Pace:
    """The pace of writes of one kind; `clock` is monotonic, in seconds."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _row: float | None = None
    _last: float = 0.0
    _others_at: float = -math.inf

    def rows_for(self, store: Store) -> int:
        """Say how many rows the next transaction should take."""
        if not store.is_sqlite:
            return MOST
        if self._row is None:
            return FIRST
        is_alone = self.clock() - self._others_at > REMEMBERED
        return max(FEWEST, min(MOST, int((AIM_ALONE if is_alone else AIM) / self._row)))

    async def slices(self, store: Store, items: Sequence[T]) -> AsyncIterator[Sequence[T]]:
        """Cut items, in order, into what one transaction takes; between two, give way."""
        start = 0
        while start < len(items):
            if start:
                await self.give_way(store)
            end = start + self.rows_for(store)
            yield items[start:end]
            start = end

    async def write(self, store: Store, work: Callable[[Transaction], R], *, rows: int) -> R:
        """Do `work` on so many rows in a write transaction, and measure how long it lasts.

        Raises:
            StoreError: the store takes no writes; and whatever `work` raises.
        """
        began = self.clock()

        def timed(tx: Transaction) -> R:
            nonlocal began
            began = self.clock()  # the turn has come: waiting for it is nobody's waiting for us
            return work(tx)

        def write() -> R:
            result = store.run(timed)
            self._note(rows, self.clock() - began)
            if store.is_turn_wanted_elsewhere():  # who came meanwhile is there now
                self._others_at = self.clock()
            return result

        return await in_thread(write)

    def _note(self, rows: int, seconds: float) -> None:
        measured = max(seconds, 1e-6) / max(1, rows)
        self._row = measured if self._row is None else (self._row + measured) / 2
        self._last = seconds

    async def give_way(self, store: Store) -> None:
        """Wait while others want a turn: at most as long as the last transaction lasted."""
        ends_at = self.clock() + max(self._last, LONGEST_WAY)
        while self.clock() < ends_at and await in_thread(store.is_turn_wanted):
            await self.sleep(_LOOK)
