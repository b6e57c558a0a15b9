"""`/metrics` of a receiver says what the receiver did, whatever state the store is in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from pim.breaker import SourceFailure
from pim.ids import Generation, OrderNumber, RunId
from storage import Store
from storage.database.store import Transaction
from storage.inbox.door import open_door
from storage.state.alarms import raise_alarm
from storage.state.source import trip_breaker
from storage.state.sweeps import begin_sweep, finish_sweep
from tests.integration.receiver.receiver_scene import (
    Receiver,
    a_batch,
    event,
    now,
    running,
    signed,
)
from tests.scraped import Scraped, parse_scrape

pytestmark = pytest.mark.anyio


async def scrape(receiver: Receiver) -> Scraped:
    answer = await receiver.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == CONTENT_TYPE_PLAIN_0_0_4
    return parse_scrape(answer.text)


async def test_deliveries_and_their_events_are_counted_by_what_they_were_answered(
    store: Store,
) -> None:
    async with running(store, scrape_seconds=0) as receiver:
        body = a_batch(event("one"), event("two"), {"event_id": "bad", "action": "product.updated"})
        for _ in range(3):
            await receiver.deliver(body)
        await receiver.deliver(body, signed(body, secret="another"))
        await receiver.deliver(body, signed(body, at=now() - timedelta(hours=1)))
        await receiver.deliver(b"[]")
        await receiver.deliver(b"")
        seen = await scrape(receiver)
    assert seen.by("deliveries_total", "status") == {"200": 4, "401": 2, "400": 1}
    assert seen.by("deliveries_total", "reason") == {
        "stored": 3,
        "test": 1,
        "signature_unknown": 1,
        "clock_off": 1,
        "unreadable": 1,
    }
    assert seen.by("delivered_events_total", "receipt") == {
        "accepted": 2,
        "duplicates": 6,
        "invalid": 1,
    }
    assert seen.value("acknowledgement_seconds_count") == 4
    assert seen.value("acknowledgement_seconds_bucket", le="+Inf") == 4
    assert seen.by("inbox_events", "state") == {"due": 2, "dead": 1}
    assert seen.by("settled_events_total", "outcome") == {"dead": 1}


async def test_every_receiver_shows_the_refusals_of_all_and_its_own_deliveries(
    store: Store,
) -> None:
    async with running(store) as first:
        await first.deliver(b"{}", signed(b"{}", secret="another"))
    async with running(store) as second:
        seen = await scrape(second)
    assert seen.by("refused_deliveries_total", "reason") == {"signature_unknown": 1}
    assert seen.by("deliveries_total", "reason") == {}


async def test_the_state_of_the_system_is_shown(store: Store) -> None:
    def set_up(tx: Transaction) -> None:
        trip_breaker(tx, SourceFailure("away"))
        raise_alarm(tx, name="no-worker", text="a secret text", now=now())
        lease = timedelta(seconds=60)
        open_door(tx, generation=Generation("g"), run_id=RunId("r"), run_name="r", lease=lease)
        begin_sweep(
            tx,
            name="products/full",
            holder="r",
            first_number=OrderNumber(1),
            source_now=now(),
            lease=lease,
        )
        watermark = now() - timedelta(hours=1)
        finish_sweep(tx, name="products/full", holder="r", watermark=watermark)

    store.run(set_up)
    async with running(store) as receiver:
        answer = await receiver.client.get("/metrics")
    seen = parse_scrape(answer.text)
    assert seen.value("store_up") == 1
    assert seen.value("source_blocked") == 1
    assert seen.value("drain_open") == seen.value("drain_held") == 1
    assert seen.by("alarm", "name") == {"no-worker": 1, "source-failing": 1}
    assert seen.value("store_writable") == 1
    assert "a secret text" not in answer.text
    lag = seen.value("sweep_watermark_lag_seconds", sweep="products/full")
    assert lag is not None
    assert 3599 < lag < 3700
    took = seen.value("sweep_seconds", sweep="products/full")
    assert took is not None
    assert 0 <= took < 60
    assert seen.value("sweep_running", sweep="products/full") == 0
    database = "sqlite" if store.is_sqlite else "postgresql"
    (build,) = [labels for name, labels in seen.samples if name == "akeneo_sync_build_info"]
    assert dict(build)["database"] == database


async def test_a_store_that_is_away_leaves_the_receiver_s_own_figures(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with running(sqlite_store, scrape_seconds=0) as receiver:
        await receiver.deliver(a_batch(event()))
        assert (await scrape(receiver)).value("store_up") == 1
        sqlite_store.engine.dispose()
        with moved_away(tmp_path):
            seen = await scrape(receiver)
            assert seen.value("store_up") == 0
            assert seen.value("inbox_oldest_due_seconds") is None
            assert seen.by("deliveries_total", "status") == {"200": 1}
        assert (await scrape(receiver)).value("store_up") == 1


@contextmanager
def moved_away(folder: Path) -> Iterator[None]:
    """The database's files are elsewhere; what stands in their place cannot be opened."""
    away = folder / "away"
    away.mkdir()
    files = sorted(folder.glob("store.db*"))
    for file in files:
        file.rename(away / file.name)
    (folder / "store.db").mkdir()
    try:
        yield
    finally:
        (folder / "store.db").rmdir()
        for file in files:
            (away / file.name).rename(file)
