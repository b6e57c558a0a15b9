"""Database work off the event loop: one thread that writes, one that reads.

The writer takes all writes that wait and commits them in one transaction: SQLite has one writer,
and a commit costs a sync of the disk whatever it holds. What fails in company is tried alone, so
one bad batch fails no other.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from storage.engine import Store, Transaction
from storage.errors import StoreNotWritable, StoreUnreachable
from storage.schema import ensure_current

T = TypeVar("T")

MAX_GROUP = 32
"""Writes in one transaction: bounds how long one that just missed a group must wait."""


@dataclass(frozen=True, slots=True)
class _Failed:
    """An error on its way from the writer thread to whoever waits."""

    error: Exception


@dataclass(slots=True, eq=False)
class _Write:
    """A write that waits, or is under way.

    The event loop sets `withdrawn` and then reads `begun`; the writer thread sets `begun` and then
    reads `withdrawn`: at least one of them sees the other, and a withdrawn write is not done.
    """

    work: Callable[[Transaction], Any]
    done: asyncio.Future[Any]
    begun: bool = False
    withdrawn: bool = False

    def begin(self) -> bool:
        self.begun = True
        return not self.withdrawn

    def withdraw(self) -> bool:
        self.withdrawn = True
        return not self.begun


class StoreWorker:
    """The receiver's one way to the store; its methods belong to one event loop."""

    def __init__(self, store: Store, *, max_group: int = MAX_GROUP) -> None:
        self._store = store
        self._max_group = max_group
        self._waiting: list[_Write] = []
        self._writing: asyncio.Future[list[Any]] | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="store-reader")

    async def write(
        self, work: Callable[[Transaction], T], *, within_seconds: float | None = None
    ) -> T:
        """Do `work` in a write transaction, and return its answer after the commit.

        A write that has begun is finished, whether or not its caller still waits. `work` may be
        done again after a rollback, so it must do nothing but write.

        Raises:
            StoreNotWritable: it could not begin within `within_seconds`, or the store refuses.
            StoreUnreachable: the database does not answer.
        """
        write = _Write(work, asyncio.get_running_loop().create_future())
        self._waiting.append(write)
        self._start_group()
        await asyncio.wait({write.done}, timeout=within_seconds)
        if not write.done.done() and write.withdraw():
            self._forget(write)
            raise StoreNotWritable(f"no write could begin within {within_seconds} s")
        outcome: T | _Failed = await asyncio.shield(write.done)
        if isinstance(outcome, _Failed):
            raise outcome.error
        return outcome

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a read-only transaction.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, self._read, work)

    async def check(self) -> None:
        """Return if the store answers and its schema is this code's.

        Raises:
            StoreError: what is wrong, in one line.
        """
        await asyncio.get_running_loop().run_in_executor(self._reader, ensure_current, self._store)

    async def close(self) -> None:
        """Finish every write that waits; the store itself stays open."""
        while self._writing is not None:
            await asyncio.wait({self._writing})
        self._writer.shutdown()
        self._reader.shutdown()

    def _forget(self, write: _Write) -> None:
        if write in self._waiting:
            self._waiting.remove(write)

    def _start_group(self) -> None:
        if self._writing is not None or not self._waiting:
            return
        group = self._waiting[: self._max_group]
        del self._waiting[: self._max_group]
        loop = asyncio.get_running_loop()
        self._writing = loop.run_in_executor(self._writer, self._write_group, group)
        self._writing.add_done_callback(partial(self._finish_group, group))

    def _finish_group(self, group: Sequence[_Write], outcomes: asyncio.Future[list[Any]]) -> None:
        self._writing = None
        for write, outcome in zip(group, outcomes.result(), strict=True):
            write.done.set_result(outcome)
        self._start_group()

    def _read(self, work: Callable[[Transaction], T]) -> T:
        with self._store.read() as tx:
            return work(tx)

    def _write_group(self, group: Sequence[_Write]) -> list[Any]:
        try:
            with self._store.transaction() as tx:
                going = [write.begin() for write in group]
                return [
                    write.work(tx) if goes else _withdrawn()
                    for write, goes in zip(group, going, strict=True)
                ]
        except (StoreNotWritable, StoreUnreachable) as error:
            return [_Failed(error)] * len(group)
        except Exception:  # noqa: BLE001 - one of them is at fault: each alone shows which
            return [self._write_alone(write) for write in group]

    def _write_alone(self, write: _Write) -> Any:
        if write.withdrawn:
            return _withdrawn()
        try:
            return self._store.run(write.work)
        except Exception as error:  # noqa: BLE001 - raised again where the write was asked for
            return _Failed(error)


def _withdrawn() -> _Failed:
    return _Failed(StoreNotWritable("the write was withdrawn before it began"))
