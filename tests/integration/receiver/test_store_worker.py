import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from receiver.store_worker import StoreWorker
from storage.database.store import Store, Transaction
from storage.errors import StoreNotWritable, StoreRace
from storage.state.alarms import list_alarms, raise_alarm

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)


class Note:
    """A write whose trace is an alarm of its name."""

    def __init__(self, name: str, *errors: Exception) -> None:
        self._name = name
        self._errors = list(errors)
        self.transactions: list[Transaction] = []

    def __call__(self, tx: Transaction) -> str:
        self.transactions.append(tx)
        raise_alarm(tx, name=self._name, text="", now=NOW)
        if self._errors:
            raise self._errors.pop(0)
        return self._name


class Gate:
    """A write that stays open until it is told to end."""

    def __init__(self, error: Exception | None = None) -> None:
        self.entered = threading.Event()
        self.released = threading.Event()
        self._error = error

    def __call__(self, _tx: Transaction) -> None:
        self.entered.set()
        assert self.released.wait(30)
        if self._error is not None:
            raise self._error


@asynccontextmanager
async def working(store: Store) -> AsyncIterator[StoreWorker]:
    worker = StoreWorker(store)
    yield worker
    await worker.close()


def written(store: Store) -> set[str]:
    with store.read() as tx:
        return {alarm.name for alarm in list_alarms(tx)}


async def in_one_group(worker: StoreWorker, *writes: Note) -> list[object]:
    """Let the writes wait behind another, so that they make one group."""
    gate = Gate()
    held = asyncio.create_task(worker.write(gate))
    await asyncio.to_thread(gate.entered.wait)
    tasks = [asyncio.create_task(worker.write(write)) for write in writes]
    await asyncio.sleep(0)
    gate.released.set()
    await held
    return list(await asyncio.gather(*tasks, return_exceptions=True))


async def test_writes_that_wait_share_one_transaction(store: Store) -> None:
    notes = [Note("a"), Note("b"), Note("c")]
    async with working(store) as worker:
        assert await in_one_group(worker, *notes) == ["a", "b", "c"]
    assert len({id(note.transactions[0]) for note in notes}) == 1
    assert written(store) == {"a", "b", "c"}


async def test_a_write_that_fails_fails_alone(store: Store) -> None:
    wrong = ValueError("bad data")
    async with working(store) as worker:
        outcomes = await in_one_group(
            worker, Note("a"), Note("b", wrong, ValueError("bad again")), Note("c")
        )
    assert [str(outcome) for outcome in outcomes] == ["a", "bad again", "c"]
    assert written(store) == {"a", "c"}


async def test_a_write_that_lost_a_race_is_done_once_more(store: Store) -> None:
    note = Note("a", StoreRace("in company"), StoreRace("alone"))
    async with working(store) as worker:
        assert await worker.write(note) == "a"
    assert len(note.transactions) == 3


async def test_what_would_be_tried_alone_is_not_where_the_store_takes_no_writes(
    store: Store,
) -> None:
    gone = StoreNotWritable("disk full")
    first, rest = Note("a", StoreRace("in company"), gone), [Note("b"), Note("c")]
    async with working(store) as worker:
        outcomes = await in_one_group(worker, first, *rest)
    assert [str(outcome) for outcome in outcomes] == ["disk full"] * 3
    assert all(not note.transactions for note in rest)


async def test_what_waits_for_a_store_that_takes_no_writes_fails_with_it(store: Store) -> None:
    gate, notes = Gate(StoreNotWritable("disk full")), [Note("a"), Note("b")]
    async with working(store) as worker:
        held = asyncio.create_task(worker.write(gate))
        await asyncio.to_thread(gate.entered.wait)
        waiting = [worker.submit(note) for note in notes]
        gate.released.set()
        with pytest.raises(StoreNotWritable):
            await held
        await asyncio.wait(waiting)
        assert [str(each.exception()) for each in waiting] == ["disk full"] * 2
        assert await worker.write(Note("c")) == "c"
    assert written(store) == {"c"}


async def test_a_write_that_insists_outlasts_a_store_that_takes_no_writes(store: Store) -> None:
    away = StoreNotWritable("locked")
    patient, hasty = Note("patient", away, away), Note("hasty")
    async with working(store) as worker:
        waiting = [worker.submit(patient, insist_seconds=60.0), worker.submit(hasty)]
        assert worker.waiting == 2
        await asyncio.wait([waiting[1]])
        assert worker.waiting == 1
        await asyncio.wait(waiting)
        assert waiting[0].result() == "patient"
        assert str(waiting[1].exception()) == "locked"
        assert worker.problem is None
    assert worker.waiting == 0
    assert written(store) == {"patient"}


async def test_the_end_waits_for_no_store_that_takes_no_writes(store: Store) -> None:
    never = [StoreNotWritable("disk full")] * 1000
    async with working(store) as worker:
        write = worker.submit(Note("a", *never), insist_seconds=3600.0)
    assert str(write.exception()) == "disk full"


async def test_a_write_whose_caller_is_gone_is_done(store: Store) -> None:
    gate, note = Gate(), Note("orphan")
    async with working(store) as worker:
        held = asyncio.create_task(worker.write(gate))
        await asyncio.to_thread(gate.entered.wait)
        caller = asyncio.create_task(worker.write(note))
        await asyncio.sleep(0)
        caller.cancel()
        gate.released.set()
        await held
    assert written(store) == {"orphan"}
