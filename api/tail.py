"""The feed's end, watched for all who wait for a change: one question for all of them together."""

import asyncio
import time
from collections.abc import Callable

from api.reads import Reads
from storage.products import read_bounds


class Tail:
    """Knows where the feed ends. Nobody asks the store while nobody waits.

    `is_ending`: the server is about to stop, so that waiting has no use any more.
    """

    def __init__(
        self, reads: Reads, *, look_seconds: float, is_ending: Callable[[], bool] = lambda: False
    ) -> None:
        self._reads = reads
        self._look_seconds = look_seconds
        self._is_ending = is_ending
        self._end = 0
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def wait_beyond(self, seq: int, seconds: float) -> None:
        """Return when the feed goes beyond a number, or after that time.

        Raises:
            StoreError: the store does not answer.
        """
        until = time.monotonic() + seconds
        while not self._is_ending() and (left := until - time.monotonic()) > 0:
            if await self._look() > seq:
                return
            await asyncio.sleep(min(self._look_seconds, left))

    async def _look(self) -> int:
        """The end, as it was a moment ago at most: who waits beside others shares their look."""
        async with self._looking:
            if time.monotonic() - self._looked_at >= self._look_seconds:
                _, self._end = await self._reads.read(read_bounds)
                self._looked_at = time.monotonic()
            return self._end
