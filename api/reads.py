"""Reads of the store off the event loop, each in a transaction of its own that only reads."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from storage import Store, Transaction

T = TypeVar("T")


class Reads:
    """A few threads that read: writers never wait for them, nor the event loop."""

    def __init__(self, store: Store, *, threads: int) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="api-read")

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a snapshot.

        Raises:
            StoreError: the store does not answer, or `work` says so.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read, work)

    def _read(self, work: Callable[[Transaction], T]) -> T:
        with self._store.read() as tx:
            return work(tx)

    def close(self) -> None:
        """End the threads, once they have read what they are reading."""
        self._threads.shutdown()
