"""A burst of edits being drained, against the fewest calls by which it could be read.

A simulated PIM saves edits, ten at once, 5 of 100 of them deletions, and delivers the events; then
one drain settles them all. The limit: a bare loop that asks for the same products with one search
a hundred, and once by its URL for each that the search does not show, parses and inserts them into
SQLite: no documents, no change rows, no order guard, and nobody's associations read again.

    python bench/burst.py [--products 500] [--edits 1000] [--rounds 1] [--full]

`--full`: 10,000 edits of 5,000 products.
"""

import argparse
import asyncio
import json
import math
import sqlite3
import statistics
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import uvicorn
from pydantic import SecretStr

from bench.first_reconcile import API, TOKEN, simulated_pim
from bench.support.deliveries import SECRET
from bench.support.handlers import NoTrigger
from flows.drain import (
    ChunkOutcome,
    DrainReport,
    Fence,
    FollowedModels,
    FollowedStructure,
    drain_inbox,
    enrich_chunk,
    follow_models,
    follow_structure,
    upsert_chunk,
)
from flows.sweeps.run import ReconcileRequest, run_reconcile
from pim.canonical import dump_json
from pim.ids import RunId
from pim.json_types import JsonObject
from pim.search import products_named
from pim.vocabulary import CallKind, Identity
from receiver.app import EVENTS_API_PATH, build_app
from receiver.config import ReceiverConfig
from receiver.serve import listen
from settings import Settings, load_settings
from simulator.config import SimulatorConfig
from storage import Store, migrate, open_store
from storage.inbox import DueEvent
from storage.inbox.listed_events import list_events

RESULTS = Path(__file__).parent / "results" / "burst.json"
FULL = (5_000, 10_000)
A_SAVE = 10
PAGE = 100
_TIMEOUT_SECONDS = 600
_FLAGS = {
    "with_attribute_options": "true",
    "with_quality_scores": "true",
    "with_completenesses": "true",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One way to read a burst."""

    seconds: float
    searches: int
    single_reads: int
    calls: int


@dataclass(frozen=True, slots=True)
class Round:
    """One burst: its size, and both ways."""

    events: int
    products: int
    deleted: int
    ours: Turn
    limit: Turn


async def settle_chunk(fence: Fence, events: Sequence[DueEvent]) -> ChunkOutcome:
    """Settle a chunk as the flow does, without Prefect."""
    structure, models = FollowedStructure.of(events), FollowedModels(events)
    await follow_structure(fence, structure)
    await follow_models(fence, models)
    outcome = models.outcome
    outcome.add(structure.outcome)
    if models.left:
        enriched = await enrich_chunk(fence.session, models.left)
        outcome.add(await upsert_chunk(fence, enriched))
    return outcome


def drain(settings: Settings) -> tuple[Turn, DrainReport]:
    """Settle all that is due."""
    report, name = DrainReport(), str(uuid4())
    began = time.perf_counter()
    asyncio.run(
        drain_inbox(settings, run_id=RunId(name), run_name=name, step=settle_chunk, report=report)
    )
    seconds = time.perf_counter() - began
    kinds: Counter[CallKind] = Counter()
    for (_, kind), calls in report.calls.items():
        kinds[kind] += calls
    searches, singles = kinds[CallKind.PRODUCT_LIST], kinds[CallKind.PRODUCT]
    return Turn(seconds, searches, singles, kinds.total()), report


def read_barely(pim_url: str, folder: Path, keys: Sequence[str]) -> Turn:
    """Search for these products, ask for those that are not shown, parse and insert them."""
    singles = 0
    began = time.perf_counter()
    with (
        httpx.Client(base_url=pim_url, timeout=_TIMEOUT_SECONDS) as http,
        closing(sqlite3.connect(folder / "bare.db")) as db,
    ):
        http.headers["Authorization"] = f"Bearer {TOKEN}"
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE IF NOT EXISTS item (key TEXT PRIMARY KEY, body TEXT)")
        for start in range(0, len(keys), PAGE):
            some = keys[start : start + PAGE]
            shown = {product["uuid"]: json.dumps(product) for product in _search(http, some)}
            for key in set(some) - set(shown):
                http.get(f"{API}/products-uuid/{key}", params=_FLAGS)
                singles += 1
            with db:
                db.executemany("REPLACE INTO item VALUES (?, ?)", list(shown.items()))
    searches = math.ceil(len(keys) / PAGE)
    return Turn(time.perf_counter() - began, searches, singles, searches + singles)


def _search(http: httpx.Client, keys: Sequence[str]) -> list[JsonObject]:
    search = dump_json(products_named(keys, Identity.UUID))
    query = {"search": search, "pagination_type": "search_after", "limit": str(PAGE), **_FLAGS}
    answer = http.get(f"{API}/products-uuid", params=query).raise_for_status()
    items: list[JsonObject] = answer.json()["_embedded"]["items"]
    return items


@contextmanager
def served_receiver(store: Store, path: str = EVENTS_API_PATH) -> Iterator[str]:
    """The address for deliveries of a receiver in this process, in the dialect of this path."""
    known = (SecretStr(SECRET),)
    config = ReceiverConfig(
        secrets=known, platform_secrets=known, answer_seconds=60.0, platform_answer_seconds=60.0
    )
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(
        uvicorn.Config(build_app(config, store, NoTrigger()), log_level="warning", access_log=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{path}"
    finally:
        server.should_exit = True
        thread.join()


def play_round(settings: Settings, store: Store, pim_url: str, edits: int) -> Round:
    """Have a burst told, drain it, and read the same barely."""
    with store.read() as tx:
        before = {event.row_id for event in list_events(tx, limit=10**7)}
    control = httpx.Client(base_url=f"{pim_url}/_simulator", timeout=_TIMEOUT_SECONDS)
    with served_receiver(store) as webhook, control:
        control.post("webhook", json={"url": webhook, "secret": SECRET}).raise_for_status()
        control.post("edits", json={"operations": edits, "bulk": A_SAVE}).raise_for_status()
        control.post("webhook", json={"url": None}).raise_for_status()
    ours, report = drain(settings)
    with store.read() as tx:
        events = [each for each in list_events(tx, limit=10**7) if each.row_id not in before]
    keys = sorted({event.resource_key for event in events if event.resource_key})
    with tempfile.TemporaryDirectory() as folder:
        limit = read_barely(pim_url, Path(folder), keys)
    deleted = report.total.written["deleted"] + report.total.written["absent"]
    return Round(len(events), len(keys), deleted, ours, limit)


def measure(products: int, edits: int, rounds: int) -> dict[str, object]:
    """All figures of one run."""
    config = SimulatorConfig(
        port=0,
        products=products,
        app_token=TOKEN,
        webhook_timeout_seconds=60.0,
        webhook_use_uuid=True,
    )
    with simulated_pim(config) as pim_url, tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            {
                "AKENEO_BASE_URL": pim_url,
                "AKENEO_ACCESS_TOKEN": TOKEN,
                "AKENEO_WEBHOOK_SECRETS": SECRET,
                "SYNC_DATABASE_URL": f"sqlite:///{folder}/store.db",
                "SYNC_LINGER_SECONDS": "0",
                "SYNC_PACE_SECONDS": "0",
                "SYNC_MAX_SESSION_SECONDS": "86400",  # one drain, however slow the machine
            },
            root=Path(folder),
        )
        migrate(settings.database_url)
        asyncio.run(run_reconcile(settings, ReconcileRequest(full=True)))
        busy = timedelta(seconds=30)
        with closing(open_store(settings.database_url, busy_timeout=busy)) as store:
            played = [play_round(settings, store, pim_url, edits) for _ in range(rounds)]
    return {
        "products": products,
        "edits": edits,
        "ratio_calls": _median(each.ours.calls / each.limit.calls for each in played),
        "ratio_searches": _median(each.ours.searches / each.limit.searches for each in played),
        "single_reads_a_deletion": _median(
            each.ours.single_reads / max(1, each.deleted) for each in played
        ),
        "ratio_seconds": _median(each.ours.seconds / each.limit.seconds for each in played),
        "rounds": [asdict(each) for each in played],
    }


def _median(values: Iterator[float]) -> float:
    return round(statistics.median(values), 2)


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--products", type=int, default=500)
    parser.add_argument("--edits", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--full", action="store_true")
    asked = parser.parse_args()
    products, edits = FULL if asked.full else (asked.products, asked.edits)
    figures = measure(products, edits, asked.rounds)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(
        f"a burst of {edits} edits of {products} products: {figures['ratio_calls']} x the calls of "
        f"a bare loop over the same ({figures['ratio_searches']} x its searches, budget 2; "
        f"{figures['single_reads_a_deletion']} single reads a deletion, budget 1.2), "
        f"{figures['ratio_seconds']} x its time"
    )


if __name__ == "__main__":
    main()
