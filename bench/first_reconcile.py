"""The first full reconcile, from an empty store, against a bare paging loop over the same pages.

The loop reads the same lists of products, models, records and assets, page after page, parses and
hashes each item and inserts it into SQLite: no catalog, no document, no change row, no order guard.
Both run in processes of their own, against the same warm simulated PIM, in turns.

    python bench/first_reconcile.py [--products 5000] [--models 500] [--records 1000]
        [--assets 1000] [--rounds 3]
"""

import argparse
import asyncio
import hashlib
import json
import multiprocessing
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from flows.run import spare_the_collector
from flows.sweeps.run import ReconcileRequest, run_reconcile
from pim.json_types import JsonObject
from settings import load_settings
from simulator.config import SimulatorConfig
from simulator.serve import run_simulator
from storage import migrate, open_store
from storage.views.status import read_status

RESULTS = Path(__file__).parent / "results" / "first_reconcile.json"
TOKEN = "benchmark"  # noqa: S105 - of a server that lives for minutes
API = "/api/rest/v1"
_FLAGS = "with_attribute_options=true&with_quality_scores=true&with_completenesses=true"
_BY_CURSOR = "pagination_type=search_after&limit=100"
_TIMEOUT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Turn:
    """One way through the PIM; memory is the process's largest resident set."""

    seconds: float
    calls: int
    items: int
    megabytes: float


def serve(config: SimulatorConfig, ready: Connection) -> None:
    """Run the simulated PIM in this process."""
    run_simulator(config, announce=ready.send)


def reconcile(pim_url: str, folder: Path) -> Turn:
    """Fill an empty store by the command's own way; raises if anything is left to tell."""
    settings = load_settings(
        {
            "AKENEO_BASE_URL": pim_url,
            "AKENEO_ACCESS_TOKEN": TOKEN,
            "AKENEO_WEBHOOK_SECRETS": "none-comes",
            "SYNC_DATABASE_URL": f"sqlite:///{folder}/store.db",
        },
        root=folder,
    )
    migrate(settings.database_url)
    began = time.perf_counter()
    spare_the_collector()  # as the worker and the command do
    report = asyncio.run(run_reconcile(settings, ReconcileRequest(full=True)))
    seconds = time.perf_counter() - began
    with closing(open_store(settings.database_url)) as store, store.read() as tx:
        live = read_status(tx, now=datetime.now(UTC)).products.live
    if report.failed or live != report.products:
        raise SystemExit(f"not whole: {live} live of {report.products}, {report.failed[:3]}")
    return Turn(seconds, report.calls, report.products, _megabytes())


def page_barely(pim_url: str, folder: Path) -> Turn:
    """Read, parse, hash and insert every page of the big lists, one after the other."""
    calls = items = 0
    began = time.perf_counter()
    with (
        httpx.Client(base_url=pim_url, timeout=_TIMEOUT_SECONDS) as http,
        closing(sqlite3.connect(folder / "bare.db")) as db,
    ):
        http.headers["Authorization"] = f"Bearer {TOKEN}"
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE item (key TEXT PRIMARY KEY, hash TEXT, body TEXT)")
        for path in _big_lists(http):
            for page in _pages(http, path):
                calls += 1
                items += len(page)
                with db:
                    db.executemany("REPLACE INTO item VALUES (?, ?, ?)", map(_row, page))
    return Turn(time.perf_counter() - began, calls, items, _megabytes())


def _big_lists(http: httpx.Client) -> Iterator[str]:
    yield f"{API}/products-uuid?{_BY_CURSOR}&{_FLAGS}"
    yield f"{API}/product-models?{_BY_CURSOR}"
    for homes, lists in (("reference-entities", "records"), ("asset-families", "assets")):
        for page in _pages(http, f"{API}/{homes}"):
            for home in page:
                yield f"{API}/{homes}/{home['code']}/{lists}"


def _pages(http: httpx.Client, path: str) -> Iterator[list[JsonObject]]:
    following: str | None = path
    while following is not None:
        body = http.get(following).raise_for_status().json()
        yield body["_embedded"]["items"]
        link = body["_links"].get("next")
        address = None if link is None else urlsplit(link["href"])
        following = None if address is None else f"{address.path}?{address.query}"


def _row(item: JsonObject) -> tuple[str, str, str]:
    body = json.dumps(item, sort_keys=True)
    key = str(item.get("uuid") or json.dumps(item["_links"]))
    return key, hashlib.sha256(body.encode()).hexdigest(), body


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def take_turn(way: Callable[[str, Path], Turn], pim_url: str) -> Turn:
    """Go one way in a process and a folder of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        process = context.Process(target=_send_turn, args=(way, pim_url, folder, theirs))
        process.start()
        theirs.close()
        try:
            turn = ours.recv()
        except EOFError:
            raise SystemExit(f"{way.__name__} ended without figures (its error is above)") from None
        finally:
            process.join()
    assert isinstance(turn, Turn)  # noqa: S101 - what _send_turn sends
    return turn


def _send_turn(
    way: Callable[[str, Path], Turn], pim_url: str, folder: str, answers: Connection
) -> None:
    answers.send(way(pim_url, Path(folder)))


@contextmanager
def simulated_pim(config: SimulatorConfig) -> Iterator[str]:
    """The base URL of a simulated PIM in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(config, theirs))
    process.start()
    try:
        yield str(ours.recv())
    finally:
        process.terminate()
        process.join()


def measure(config: SimulatorConfig, rounds: int) -> dict[str, object]:
    """All figures of one run: medians of so many turns each."""
    with simulated_pim(config) as pim_url:
        take_turn(page_barely, pim_url)  # the simulator writes each product down once
        turns = [
            (take_turn(reconcile, pim_url), take_turn(page_barely, pim_url)) for _ in range(rounds)
        ]
    ours = statistics.median(turn.seconds for turn, _ in turns)
    limit = statistics.median(bare.seconds for _, bare in turns)
    return {
        "products": config.products,
        "seconds": round(ours, 1),
        "limit_seconds": round(limit, 1),
        "ratio": round(ours / limit, 2),
        "calls": turns[0][0].calls,
        "limit_calls": turns[0][1].calls,
        "megabytes": round(max(turn.megabytes for turn, _ in turns)),
        "turns": [[asdict(turn), asdict(bare)] for turn, bare in turns],
    }


def main() -> None:
    """Measure, print, and keep the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--products", type=int, default=5000)
    parser.add_argument("--models", type=int, default=500)
    parser.add_argument("--records", type=int, default=1000)
    parser.add_argument("--assets", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    config = SimulatorConfig(
        port=0,
        products=asked.products,
        models=asked.models,
        edition="EE",
        records=asked.records,
        assets=asked.assets,
        app_token=TOKEN,
    )
    figures = measure(config, asked.rounds)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(
        f"first full reconcile of {asked.products} products, {asked.models} models, "
        f"{asked.records} records and {asked.assets} assets: {figures['seconds']} s, "
        f"{figures['calls']} calls, {figures['megabytes']} MB; a bare loop over the pages of these "
        f"takes {figures['limit_seconds']} s and {figures['limit_calls']} calls: "
        f"ratio {figures['ratio']}"
    )


if __name__ == "__main__":
    main()
