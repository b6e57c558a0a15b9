"""Backlog of due events: whether the Event Platform is to be slowed down, and why.

What is answered 429 comes again: the platform keeps what this store would only pile up. The Events
API never sends again, so that its deliveries are taken whatever the backlog.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol, TypeVar

from storage import StoreError, Transaction
from storage.inbox import count_due_events

BACKLOG = "backlog"
"""Where the application's lifespan keeps it for the server, which tells it of the end."""

LOOK_SECONDS = 5.0
_AGAIN_SHARE = 0.9
"""Below this share of the limit deliveries are taken again: at the limit itself, a few at a time
would be taken and the rest refused, for as long as it lasts."""

T = TypeVar("T")


class Reads(Protocol):
    """The way to the store."""

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a read-only transaction, aside; raises StoreError."""
        ...


class Backlog:
    """What is known of it; belongs to one event loop."""

    def __init__(self, most_due: int) -> None:
        self._most = most_due
        self._is_full = False
        self._is_stopping = False

    @property
    def full(self) -> str | None:
        """Why nothing more is taken that comes again; None: it is."""
        if self._is_stopping:
            return "the receiver is stopping"
        return f"over {self._most:,} events are due" if self._is_full else None

    def stop(self) -> None:
        """Take no more: the receiver is about to end."""
        self._is_stopping = True

    def note(self, due: int) -> None:
        """Take note of how many events are due."""
        limit = self._most * _AGAIN_SHARE if self._is_full else self._most
        self._is_full = due > limit

    async def watch(self, reads: Reads, *, every_seconds: float = LOOK_SECONDS) -> None:
        """Look now and then, until cancelled."""
        while True:
            try:
                self.note(await reads.read(partial(count_due_events, limit=self._most + 1)))
            except StoreError:
                self._is_full = False  # whether it takes a write shows when one is tried
            await asyncio.sleep(every_seconds)
