"""A full reconcile, the first and one without drift, against a bare paging loop over its pages.

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import httpx

from flows.run import spare_the_collector
from flows.sweeps.run import ReconcileRequest, run_reconcile
from pim.json_types import JsonObject
from settings import Settings, load_settings
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
    """One way through the PIM; memory is the process's largest resident set.

    `cpu_seconds` are the process's own: they tell the work where others keep the machine busy.
    """

    seconds: float
    cpu_seconds: float
    calls: int
    items: int
    megabytes: float

    def against(self, limit: "Turn") -> dict[str, float]:
        """How many times the limit it took, by the clock and of CPU time."""
        return {
            "ratio": round(self.seconds / limit.seconds, 2),
            "cpu_ratio": round(self.cpu_seconds / limit.cpu_seconds, 2),
        }

    def told(self) -> str:
        """The figures in words."""
        return (
            f"{self.seconds:.1f} s ({self.cpu_seconds:.1f} s of CPU), {self.calls} calls, "
            f"{self.megabytes:.0f} MB"
        )


Way: TypeAlias = Callable[[str, Path], list[Turn]]
FIRST, AGAIN, LIMIT = "the first", "without drift", "the bare loop"


def serve(config: SimulatorConfig, ready: Connection) -> None:
    """Run the simulated PIM in this process."""
    run_simulator(config, announce=ready.send)


def fill(pim_url: str, folder: Path) -> list[Turn]:
    """Fill an empty store by the command's own way; raises SystemExit if anything is missing."""
    return _reconcile(pim_url, folder, sweeps=1)


def fill_and_sweep(pim_url: str, folder: Path) -> list[Turn]:
    """Fill an empty store, and sweep it again, which finds nothing; raises SystemExit as `fill`."""
    return _reconcile(pim_url, folder, sweeps=2)


def _reconcile(pim_url: str, folder: Path, *, sweeps: int) -> list[Turn]:
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
    spare_the_collector()  # as the worker and the command do
    turns = [sweep_all(settings) for _ in range(sweeps)]
    with closing(open_store(settings.database_url)) as store, store.read() as tx:
        live = read_status(tx, now=datetime.now(UTC)).products.live
    if {turn.items for turn in turns} != {live}:
        raise SystemExit(f"not whole: {live} live of {[turn.items for turn in turns]}")
    return turns


def sweep_all(settings: Settings) -> Turn:
    """Reconcile everything once; raises SystemExit if a product failed."""
    began, spent = time.perf_counter(), time.process_time()
    report = asyncio.run(run_reconcile(settings, ReconcileRequest(full=True)))
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    if report.failed:
        raise SystemExit(f"not whole: {report.failed[:3]}")
    return Turn(seconds, cpu, report.calls, report.products, _megabytes())


def page_barely(pim_url: str, folder: Path) -> list[Turn]:
    """Read, parse, hash and insert every page of the big lists, one after the other."""
    calls = items = 0
    began, spent = time.perf_counter(), time.process_time()
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
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    return [Turn(seconds, cpu, calls, items, _megabytes())]


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


def take_turns(way: Way, pim_url: str) -> list[Turn]:
    """Go one way in a process and a folder of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        process = context.Process(target=_send_turns, args=(way, pim_url, folder, theirs))
        process.start()
        theirs.close()
        try:
            turns = ours.recv()
        except EOFError:
            raise SystemExit(f"{way.__name__} ended without figures (its error is above)") from None
        finally:
            process.join()
    assert isinstance(turns, list)  # noqa: S101 - what _send_turns sends
    return turns


def _send_turns(way: Way, pim_url: str, folder: str, answers: Connection) -> None:
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


def measure(config: SimulatorConfig, rounds: int) -> dict[str, Turn]:
    """The first reconcile, the one without drift, and the limit: medians of so many turns."""
    turns: dict[str, list[Turn]] = {FIRST: [], AGAIN: [], LIMIT: []}
    with simulated_pim(config) as pim_url:
        take_turns(page_barely, pim_url)  # the simulator writes each product down once
        for _ in range(rounds):
            both = [*take_turns(fill_and_sweep, pim_url), *take_turns(page_barely, pim_url)]
            for name, turn in zip(turns, both, strict=True):
                turns[name].append(turn)
    return {name: median_turn(some) for name, some in turns.items()}


def median_turn(turns: Sequence[Turn]) -> Turn:
    """The medians of the times, the most memory, and the calls and items, which do not differ."""
    return Turn(
        seconds=statistics.median(turn.seconds for turn in turns),
        cpu_seconds=statistics.median(turn.cpu_seconds for turn in turns),
        calls=turns[0].calls,
        items=turns[0].items,
        megabytes=max(turn.megabytes for turn in turns),
    )


def read_config(parser: argparse.ArgumentParser) -> tuple[SimulatorConfig, argparse.Namespace]:
    """Take the size of the shop from the command line, among the parser's own options."""
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
    return config, asked


def main() -> None:
    """Measure, print, and keep the figures."""
    config, asked = read_config(
        argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    )
    turns = measure(config, asked.rounds)
    limit = turns[LIMIT]
    ratios = {name: turns[name].against(limit) for name in (FIRST, AGAIN)}
    RESULTS.parent.mkdir(exist_ok=True)
    figures = {
        "products": config.products,
        "turns": {name: asdict(turn) for name, turn in turns.items()},
        "ratios": ratios,
    }
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n")
    print(
        f"{asked.products} products, {asked.models} models, {asked.records} records, "
        f"{asked.assets} assets; a bare loop over their pages: {limit.told()}"
    )
    for name, ratio in ratios.items():
        told = f"ratio {ratio['ratio']}, of CPU time {ratio['cpu_ratio']}"
        print(f"full reconcile, {name}: {turns[name].told()}: {told}")


if __name__ == "__main__":
    main()
