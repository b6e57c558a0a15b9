"""Database work off the event loop: one thread that writes, one that reads.

The writer takes all writes that wait and commits them in one transaction: SQLite has one writer,
and a commit costs a sync of the disk whatever it holds. What fails in company is tried alone, so
one bad batch fails no other.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from storage import (
    Store,
    StoreError,
    StoreNotWritable,
    StoreUnreachable,
    Transaction,
    ensure_current,
)
from storage.database import try_write

T = TypeVar("T")

_CHECK_SECONDS = 0.9  # who asks `/readyz` usually waits for one second

_GONE = (StoreNotWritable, StoreUnreachable)

MAX_GROUP = 32
"""Writes in one transaction: bounds how long one that just missed a group must wait."""

_GATHER_SECONDS = 0.003
"""Between two groups the event loop has the interpreter to itself, and gathers the next group.

Without it the two threads take turns at a few deliveries each: a quarter less is taken under load.
"""

_AWAY_SECONDS = 0.1
"""Before a store that takes no writes is tried again; each try itself waits for its turn."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """An error on its way from the writer thread to whoever waits."""

    error: Exception


@dataclass(frozen=True, slots=True, eq=False)
class _Write:
    """A write that waits, or is under way."""

    work: Callable[[Transaction], Any]
    done: asyncio.Future[Any]
    give_up_at: float  # of the loop's clock

    def end(self, outcome: object) -> None:
        if isinstance(outcome, _Failed):
            self.done.set_exception(outcome.error)
            self.done.exception()  # seen: nobody may be waiting any more
        else:
            self.done.set_result(outcome)


def _is_gone(outcome: object) -> bool:
    return isinstance(outcome, _Failed) and isinstance(outcome.error, _GONE)


class StoreWorker:
    """The receiver's one way to the store; its methods belong to one event loop."""

    def __init__(self, store: Store, *, max_group: int = MAX_GROUP) -> None:
        self._store = store
        self._max_group = max_group
        self._waiting: list[_Write] = []
        self._tried = 0
        self._pump: asyncio.Task[None] | None = None
        self._problem: str | None = None
        self._closing = False
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="store-reader")

    @property
    def problem(self) -> str | None:
        """Why the store has not taken the last write; None: it has."""
        return self._problem

    @property
    def waiting(self) -> int:
        """How many writes are not committed: they wait for their turn, or are being tried."""
        return len(self._waiting) + self._tried

    def submit(
        self, work: Callable[[Transaction], T], *, insist_seconds: float = 0.0
    ) -> asyncio.Future[T]:
        """Do `work` in a write transaction; the future ends after its commit.

        It is done whether or not anybody waits, so the future must not be cancelled: wait for it
        with `asyncio.wait`, or use `write`. `work` may be done again after a rollback: it must do
        nothing but write. While the store takes no writes (StoreNotWritable, StoreUnreachable) it
        is tried again for `insist_seconds`, or until `close`; then the future fails with the
        StoreError, and with it all that waits and does not insist.
        """
        loop = asyncio.get_running_loop()
        write = _Write(work, loop.create_future(), loop.time() + insist_seconds)
        self._waiting.append(write)
        if self._pump is None:
            self._pump = asyncio.create_task(self._write_waiting(), name="store-writes")
        return write.done

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a write transaction, and return its answer after the commit.

        Raises:
            StoreError: the store does not take it.
        """
        return await asyncio.shield(self.submit(work))

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a read-only transaction.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, self._read, work)

    async def check(self) -> None:
        """Return if the store answers, its schema is this code's, and it takes a write.

        Raises:
            StoreError: what is wrong, in one line; also where the store only keeps us waiting.
        """
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await loop.run_in_executor(self._reader, ensure_current, self._store)
                await loop.run_in_executor(self._writer, try_write, self._store)
        except TimeoutError as error:
            message = f"the database {self._store.label} did not answer within {_CHECK_SECONDS:g} s"
            raise StoreUnreachable(message) from error

    async def finish(self) -> None:
        """Finish every write that waits, each with one more try; none insists from now on."""
        self._closing = True
        while self._pump is not None:
            await asyncio.wait({self._pump})

    async def close(self) -> None:
        """Finish every write that waits, and end; the store itself stays open."""
        await self.finish()
        self._writer.shutdown()
        self._reader.shutdown()

    async def _write_waiting(self) -> None:
        try:
            while self._waiting:
                group = self._waiting[: self._max_group]
                del self._waiting[: self._max_group]
                self._tried = len(group)
                written = await self._write_together(group)
                self._tried = 0
                await asyncio.sleep(_GATHER_SECONDS if written else _AWAY_SECONDS)
        finally:
            self._tried = 0
            self._pump = None

    async def _write_together(self, group: Sequence[_Write]) -> bool:
        """Write a group; False if the store takes no writes now."""
        works = [write.work for write in group]
        loop = asyncio.get_running_loop()
        try:
            outcomes = await loop.run_in_executor(self._writer, self._write_group, works)
        except _GONE as error:
            self._be_away([*group, *self._waiting], error)
            return False
        self._problem = None
        for write, outcome in zip(group, outcomes, strict=True):
            if not _is_gone(outcome):
                write.end(outcome)
        if not _is_gone(outcomes[-1]):
            return True
        # It went away while each was tried alone: what follows the first such was not tried.
        gone = [write for write, outcome in zip(group, outcomes, strict=True) if _is_gone(outcome)]
        self._be_away([*gone, *self._waiting], outcomes[-1].error)
        return False

    def _be_away(self, writes: Sequence[_Write], error: StoreError) -> None:
        self._problem = str(error)
        self._keep_insisting(writes, error, asyncio.get_running_loop().time())

    def _keep_insisting(self, writes: Sequence[_Write], error: StoreError, now: float) -> None:
        """Keep the writes that insist; the others would only wait as long again."""
        self._waiting = []
        for write in writes:
            if write.give_up_at > now and not self._closing:
                self._waiting.append(write)
            else:
                write.end(_Failed(error))

    def _read(self, work: Callable[[Transaction], T]) -> T:
        with self._store.read() as tx:
            return work(tx)

    def _write_group(self, works: Sequence[Callable[[Transaction], Any]]) -> list[Any]:
        try:
            with self._store.transaction() as tx:
                return [work(tx) for work in works]
        except _GONE:
            raise
        except Exception:  # noqa: BLE001 - one of them is at fault: each alone shows which
            return self._write_each(works)

    def _write_each(self, works: Sequence[Callable[[Transaction], Any]]) -> list[Any]:
        outcomes: list[Any] = []
        for work in works:
            outcome: Any
            try:
                outcome = self._store.run(work)
            except Exception as error:  # noqa: BLE001 - raised again where the write was asked for
                outcome = _Failed(error)
            outcomes.append(outcome)
            if _is_gone(outcome):
                # Each of the rest would only wait as long again.
                return [*outcomes, *[outcome] * (len(works) - len(outcomes))]
        return outcomes
