import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest

from pim.ids import Generation
from receiver.config import ReceiverConfig, utc_now
from receiver.connections import Connections
from receiver.metrics.scrape import OwnFigures, Scrape
from receiver.refusals import RefusalCounter, Seldom, SlowAnswers
from storage import StoreUnreachable
from storage.database.store import Transaction
from storage.inbox.door import DoorView
from storage.state.source import BreakerView
from storage.views.metrics import Metrics
from tests.scraped import parse_scrape

pytestmark = pytest.mark.anyio

T = TypeVar("T")

NOTHING = Metrics(
    due=7,
    put_off=0,
    held=0,
    dead=0,
    oldest_due_seconds=12.5,
    held_deletions=0,
    marks_open=0,
    door=DoorView(False, False, Generation("g"), 0, None, None, None, None, None),  # noqa: FBT003
    breaker=BreakerView(False, None, None, 0, None),  # noqa: FBT003
    sweeps=(),
    needs=(),
    counts={("calls", "token,200"): 3, ("freshness", "2"): 1, ("freshness", "+Inf"): 2},
    size_bytes=4096,
    read_at=utc_now(),
)


class Reader:
    """A store that answers when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.waiting = 3
        self.answers = asyncio.Event()
        self.error: Exception | None = None
        self.unwritable: Exception | None = None

    async def read(self, _work: Callable[[Transaction], T]) -> T:
        self.asked += 1
        await self.answers.wait()
        if self.error is not None:
            raise self.error
        return NOTHING  # type: ignore[return-value] # the one thing that is asked for

    async def check(self) -> None:
        if self.unwritable is not None:
            raise self.unwritable


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def make_scrape(reader: Reader, clock: Clock, *, patience: float = 30.0) -> Scrape:
    config = ReceiverConfig(secrets=())
    return Scrape(
        config,
        reader=reader,
        own=OwnFigures(SlowAnswers(Seldom()), Connections(config, RefusalCounter())),
        database="sqlite",
        clock=clock,
        patience_seconds=patience,
    )


async def up(scrape: Scrape) -> float | None:
    return parse_scrape((await scrape.text()).decode()).value("store_up")


async def test_many_scrapes_at_once_ask_the_store_once_a_second() -> None:
    reader, clock = Reader(), Clock()
    scrape = make_scrape(reader, clock)
    reader.answers.set()
    texts = await asyncio.gather(*(scrape.text() for _ in range(20)))
    assert len(set(texts)) == 1
    clock.now = 0.9
    await scrape.text()
    assert reader.asked == 1
    clock.now = 1.0
    await scrape.text()
    assert reader.asked == 2


async def test_a_store_that_hangs_is_not_waited_for_nor_asked_again_meanwhile() -> None:
    reader, clock = Reader(), Clock()
    scrape = make_scrape(reader, clock, patience=0.0)
    for _ in range(3):
        assert await up(scrape) == 0
        clock.now += 10
    assert reader.asked == 1
    reader.answers.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await up(scrape) == 1


async def test_a_store_that_fails_is_told_by_one_figure() -> None:
    reader, clock = Reader(), Clock()
    reader.answers.set()
    reader.error = StoreUnreachable("no route")
    scrape = make_scrape(reader, clock)
    assert await up(scrape) == 0
    reader.error = None
    clock.now += 1
    assert await up(scrape) == 1


async def test_what_the_store_adds_up_becomes_counters_and_histograms() -> None:
    reader = Reader()
    reader.answers.set()
    seen = parse_scrape((await make_scrape(reader, Clock()).text()).decode())
    assert seen.value("pim_calls_total", kind="token", status="200") == 3
    assert seen.value("freshness_seconds_bucket", le="1") == 0
    assert seen.value("freshness_seconds_bucket", le="600") == 1
    assert seen.value("freshness_seconds_count") == 3
    assert seen.value("inbox_oldest_due_seconds") == 12.5
    assert seen.value("waiting_writes") == 3
    assert seen.value("drift_total", mode="full", drift="missing") == 0
    assert seen.value("source_failing_since_timestamp_seconds") is None
    assert seen.types["akeneo_sync_source_failing_since_timestamp_seconds"] == "gauge"
