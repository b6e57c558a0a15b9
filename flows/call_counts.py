"""Calls to the source, counted in memory and written to the store now and then, for `/metrics`."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flows.threads import in_thread
from pim.call_kinds import CallKind, CallObserver
from storage.engine import Store, Transaction
from storage.errors import StoreError
from storage.figures import count_calls

log = logging.getLogger(__name__)

WRITE_SECONDS = 5.0
"""How long a count may be held back: a killed process takes no more than that with it."""


class CallCounts:
    """The calls not yet written; used on one event loop."""

    def __init__(self) -> None:
        self._seconds: dict[tuple[CallKind, str], list[float]] = {}

    def observe(self, kind: CallKind, end: str, seconds: float) -> None:
        """Count one call."""
        self._seconds.setdefault((kind, end), []).append(seconds)

    async def write(self, store: Store) -> None:
        """Write what has been counted; what cannot be written is counted on.

        Raises:
            StoreError: the store does not take it.
        """
        taken, self._seconds = self._seconds, {}
        if not taken:
            return

        def add(tx: Transaction) -> None:
            for (kind, end), seconds in taken.items():
                count_calls(tx, kind, end, calls=len(seconds), seconds=seconds)

        try:
            await in_thread(store.run, add)
        except StoreError:
            for (kind, end), seconds in taken.items():
                self._seconds.setdefault((kind, end), []).extend(seconds)
            raise


@asynccontextmanager
async def counted_calls(store: Store) -> AsyncIterator[CallObserver]:
    """Count the calls of a session, and leave none uncounted at its end.

    What a store that is away does not take is lost with the session: counting fails no run.
    """
    counts = CallCounts()
    upkeep = asyncio.create_task(_write_now_and_then(counts, store), name="call-counts")
    try:
        yield counts.observe
    finally:
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
        try:
            await counts.write(store)
        except StoreError as error:
            log.warning("calls of this run are missing in the metrics: %s", error)


async def _write_now_and_then(counts: CallCounts, store: Store) -> None:
    while True:
        await asyncio.sleep(WRITE_SECONDS)
        try:
            await counts.write(store)
        except StoreError as error:
            log.debug("calls are counted on: %s", error)
