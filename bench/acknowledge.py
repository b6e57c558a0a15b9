"""Acknowledgement of deliveries, how soon and how many a second: measured beside a bare handler.

The bare handler reads, verifies and parses on the same server, and stores nothing: what it takes
is the price of HTTP and Python. The receiver is measured alone, and while another process writes
products as a drain does with a backlog. Deliveries carry 10 full events, about 60 kB. At 100 a
second the load is open: a late answer does not delay the next request, and waiting counts from the
moment a request was due. Sustained: 16 connections, each sending as soon as it is answered.

    python bench/acknowledge.py [--rounds 3] [--seconds 15]
"""

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import statistics
import tempfile
import uuid
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.support.backlog import draining_backlog
from bench.support.deliveries import EVENTS, RATE, Deliveries, Load
from bench.support.handlers import server
from storage import migrate, open_store
from storage.inbox import is_due

RESULTS = Path(__file__).parent / "results" / "acknowledge.json"


@dataclass(frozen=True, slots=True)
class Figures:
    """One handler's figures: milliseconds at 100 deliveries/s, and deliveries/s sustained.

    `refused`: deliveries not answered 200, of all.
    """

    p50: float
    p95: float
    p99: float
    longest: float
    sustained: float
    refused: int


async def measure(port: int, seconds: float) -> tuple[Figures, int]:
    """Measure one server; also gives how many events it took."""
    load = Load(port)
    await load.at_rate(2)  # warm-up
    took = sorted(1000 * each for each in await load.at_rate(seconds))
    per_second = await load.sustained(seconds / 2)
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return Figures(cuts[49], cuts[94], cuts[98], took[-1], per_second, load.refused), load.taken


def run_once(case: str, folder: Path, seconds: float) -> Figures:
    """Measure one case once, on a fresh store; what was answered must be stored."""
    handler = "bare" if case == "bare" else "receiver"
    database = f"sqlite:///{folder / uuid.uuid4().hex}.db"
    migrate(database)
    store = open_store(database)
    beside = draining_backlog(database) if case == "backlog" else nullcontext()
    with server(handler, database) as port, beside:
        figures, taken = asyncio.run(measure(port, seconds))
    with store.read() as tx:
        stored = tx.count_rows(is_due(tx))
    store.close()
    if handler == "receiver" and stored < taken:  # one answered late may be stored as well
        raise RuntimeError(f"{taken} events were acknowledged, {stored} are stored")
    print(
        f"{case:9s} p50 {figures.p50:6.1f}  p95 {figures.p95:6.1f}  p99 {figures.p99:6.1f}"
        f"  max {figures.longest:6.1f} ms   {figures.sustained:6.0f} deliveries/s"
        f"  {figures.refused} refused"
    )
    return figures


def medians(rounds: list[Figures]) -> Figures:
    """The median of each figure."""
    rows = [asdict(figures) for figures in rounds]
    return Figures(**{name: statistics.median(row[name] for row in rows) for name in rows[0]})


def main() -> None:
    """Measure the cases in turn, print the ratios, and write the figures down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    figures: dict[str, list[Figures]] = {"bare": [], "receiver": [], "backlog": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for case, rounds in figures.items():
                rounds.append(run_once(case, Path(folder), options.seconds))
    bare, receiver, backlog = (medians(rounds) for rounds in figures.values())
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "system": platform.platform(),
        },
        "load": {"rate": RATE, "events": EVENTS, "bytes": len(Deliveries().next_request())},
        "rounds": options.rounds,
        "bare": asdict(bare),
        "receiver": asdict(receiver),
        "backlog": asdict(backlog),
        "ratio_p99": receiver.p99 / bare.p99,
        "ratio_p99_backlog": backlog.p99 / bare.p99,
        "ratio_sustained": receiver.sustained / bare.sustained,
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"median p99 {receiver.p99:.1f} ms, {receiver.p99 / bare.p99:.1f} x bare; while a backlog"
        f" drains {backlog.p99:.1f} ms (budget 50), {backlog.p99 / bare.p99:.1f} x bare;"
        f" sustained {receiver.sustained / bare.sustained:.2f} of bare (budget 0.5)"
    )


if __name__ == "__main__":
    main()
