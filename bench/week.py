"""A week of the most that a PIM sends, and what housekeeping leaves of it on the disk.

The most: 1.1 deliveries a second of 10 events, about 60 kB each, day and night. Played with times
of a week that has passed, one delivery for every `--scale`, with a housekeeping after every hour;
what a delivery leaves is measured, and multiplied. "Without" is the same week, nothing removed.

Then: whether taking a chunk and counting what is due slow down as the history grows; and how long a
delivery's commit waits beside a housekeeping that has a whole hour's bodies to compress.

    python bench/week.py [--scale 240] [--history 300000] [--bodies 1000]
"""

import argparse
import asyncio
import json
import multiprocessing
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from bench.support.week_load import RATE, Week, make_body, make_events
from flows.retention.store import tidy_store
from pim.events import Batch
from pim.ids import Generation, RunId
from pim.vocabulary import Channel
from settings import load_settings
from storage import Store, migrate, open_store
from storage.database.condition import read_size
from storage.inbox import is_due, store_batch
from storage.inbox.door import open_door
from storage.inbox.due_events import count_due_products, take_chunk
from storage.inbox.settling import give_back_all
from storage.tables import InboxEvent, table_of

RESULTS = Path(__file__).parent / "results" / "week.json"
KEEP = load_settings({}).keep
DRAIN = Generation("bench")
HISTORIES = (10_000, 100_000)
REPEATS = 40
DAYS = 7


def make_store(url: str) -> Store:
    """Open a store that is not there yet."""
    migrate(url)
    return open_store(url)


def play_week(folder: Path, scale: int) -> dict[str, object]:
    """Play the week; sizes in MB, as they would be at the full rate."""
    store = make_store(f"sqlite:///{folder}/week.db")
    start = datetime.now(UTC) - timedelta(days=DAYS)
    week = Week(store, scale)
    empty = used(store)
    written, removed_seconds, days = 0, 0.0, []
    for hour in range(DAYS * 24):
        before = used(store)
        week.play_hour(start + timedelta(hours=hour))
        written += used(store) - before
        began = time.monotonic()
        now = start + timedelta(hours=hour + 1)
        asyncio.run(tidy_store(store, KEEP, now=now, ends_at=began + 3600))
        removed_seconds += time.monotonic() - began
        if (hour + 1) % 24 == 0:
            with store.read() as tx:
                file = read_size(tx).total
            days.append(
                {
                    "day": hour // 24 + 1,
                    "used_mb": round((used(store) - empty) * scale / 1e6),
                    "file_mb": round((file - empty) * scale / 1e6),
                    "without_mb": round(written * scale / 1e6),
                }
            )
            print(json.dumps(days[-1]), flush=True)
    split = split_by_table(folder / "week.db", scale)
    store.close()
    return {
        "scale": scale,
        "deliveries": week.deliveries,
        "days": days,
        "ratio": round(days[-1]["file_mb"] / days[-1]["without_mb"], 3),
        "mb_by_table_day_7": split,
        "housekeeping_seconds_an_hour": round(removed_seconds / DAYS / 24 * scale, 1),
    }


def used(store: Store) -> int:
    """Bytes that hold something."""
    with store.read() as tx:
        size = read_size(tx)
    return size.total - size.reusable


def split_by_table(file: Path, scale: int) -> dict[str, int]:
    """Tell what the tables and their indexes take, at the full rate."""
    sql = (
        "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema m ON m.name = d.name"
        " GROUP BY 1 ORDER BY 2 DESC LIMIT 4"
    )
    with sqlite3.connect(file) as db:
        return {name: round(size * scale / 1e6) for name, size in db.execute(sql)}


def grow_history(folder: Path, most: int) -> list[dict[str, float]]:
    """Time what a drain asks of the inbox, beside more and more settled events."""
    store = make_store(f"sqlite:///{folder}/history.db")
    with store.transaction() as tx:
        now = datetime.now(UTC)
        events = [event for number in range(40) for event in make_events(number)]
        batch = Batch(tuple(events), ())
        store_batch(tx, channel=Channel.EVENTS_API, raw=b"{}", batch=batch, received_at=now)
        lease = timedelta(hours=1)
        open_door(tx, generation=DRAIN, run_id=RunId("bench"), run_name="bench", lease=lease)
    rows = 0
    found: list[dict[str, float]] = []
    for wanted in (*HISTORIES, most):
        add_history(store, wanted - rows)
        rows = wanted
        found.append(
            {
                "settled": rows,
                "take_chunk_ms": median_ms(lambda: take_and_give_back(store)),
                "count_due_products_ms": median_ms(lambda: count_products(store)),
                "count_due_ms": median_ms(lambda: store.run(lambda tx: tx.count_rows(is_due(tx)))),
            }
        )
        print(json.dumps(found[-1]), flush=True)
    store.close()
    return found


def add_history(store: Store, count: int) -> None:
    """Add settled events as they are after a week: ids at random, products again and again."""
    common = {"batch_id": 1, "kind": "product", "removed": False, "attempts": 1}
    now = datetime.now(UTC)
    for start in range(0, count, 10_000):
        rows = [
            common
            | {
                "event_id": f"{random.getrandbits(128):032x}",
                "number": number,
                "received_at": now,
                "resource_key": f"{random.randrange(100_000):036d}",
                "outcome": "applied",
                "settled_at": now,
            }
            for number in range(start, min(count, start + 10_000))
        ]
        with store.transaction() as tx:
            tx.execute(insert(table_of(InboxEvent)), rows)


def take_and_give_back(store: Store) -> None:
    """Take a chunk of 100 products, as a drain does, and leave it as it was."""
    with store.transaction() as tx:
        taken = take_chunk(tx, generation=DRAIN, max_attempts=1000)
        if not taken.events:
            raise RuntimeError("nothing was due")
        give_back_all(tx, generation=DRAIN)


def count_products(store: Store) -> int:
    """Count what a drain could take."""
    with store.read() as tx:
        return count_due_products(tx, generation=DRAIN)


def median_ms(work: Callable[[], object]) -> float:
    """Time something often; the median in ms."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        work()
        times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 2)


def deliver_beside_housekeeping(folder: Path, bodies: int) -> dict[str, object]:
    """Time deliveries' commits alone, and beside a housekeeping in another process."""
    url = f"sqlite:///{folder}/beside.db"
    store = make_store(url)
    Week(store, 1).play(datetime.now(UTC) - timedelta(hours=1), bodies)
    alone = commit_times(store, lambda: False, at_least=200)
    process = multiprocessing.get_context("spawn").Process(target=keep_house, args=(url,))
    process.start()
    began = time.monotonic()
    beside = commit_times(store, process.is_alive, at_least=1)
    process.join()
    seconds = round(time.monotonic() - began, 1)
    store.close()
    return {"bodies": bodies, "seconds": seconds, "alone_ms": alone, "beside_ms": beside}


def keep_house(url: str) -> None:
    """One housekeeping."""
    store = open_store(url)
    asyncio.run(tidy_store(store, KEEP, now=datetime.now(UTC), ends_at=time.monotonic() + 3600))
    store.close()


def commit_times(store: Store, more: Callable[[], bool], *, at_least: int) -> dict[str, float]:
    """Store deliveries at random moments, 20 a second; how long their commits took, in ms."""
    times: list[float] = []
    while more() or len(times) < at_least:
        time.sleep(random.expovariate(20))  # noqa: TID251 - the load's own pace
        body, batch = make_body(), Batch(tuple(make_events(0)), ())
        began = time.perf_counter()
        with store.transaction() as tx:
            now = datetime.now(UTC)
            store_batch(tx, channel=Channel.EVENTS_API, raw=body, batch=batch, received_at=now)
        times.append((time.perf_counter() - began) * 1000)
    ordered = sorted(times)
    return {
        "count": len(ordered),
        **{f"p{at}": round(ordered[int(at / 100 * (len(ordered) - 1))], 1) for at in (50, 95, 99)},
        "max": round(ordered[-1], 1),
    }


def main() -> None:
    """Measure, print and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=int, default=240)
    parser.add_argument("--history", type=int, default=300_000)
    parser.add_argument("--bodies", type=int, default=1_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="akeneo-sync-week-") as name:
        folder = Path(name)
        beside = deliver_beside_housekeeping(folder, options.bodies)
        print(json.dumps(beside), flush=True)
        week = play_week(folder, options.scale)
        history = grow_history(folder, options.history)
    result = {
        "machine": platform.platform(),
        "deliveries_per_second": RATE,
        "keep": {name: str(age) for name, age in asdict(KEEP).items()},
        "week": week,
        "history": history,
        "delivery_beside_housekeeping": beside,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(f"day 7: {week['ratio']} of what it would be without; see {RESULTS}")


if __name__ == "__main__":
    main()
