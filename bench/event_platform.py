"""Acknowledgement of the Event Platform's deliveries at its highest rate, beside a bare handler.

100 events a second, one a request, as the platform sends at most to one subscription. The load is
open: a late answer does not delay the next request. The bare handler reads, verifies and parses on
the same server, and stores nothing. Counted are the answers by status, for each 5xx would count
against the subscription, and the receiver's memory at the start and at the end.

    python bench/event_platform.py [--rounds 3] [--seconds 20]
"""

import argparse
import asyncio
import json
import os
import platform
import re
import sqlite3
import statistics
import tempfile
import urllib.request
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.support.deliveries import RATE, CloudEvents, Load
from bench.support.handlers import server
from storage import migrate, open_store
from storage.inbox import is_due

RESULTS = Path(__file__).parent / "results" / "event_platform.json"
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds to the answer, answers other than 200, and MiB of memory that were added."""

    p50: float
    p99: float
    longest: float
    other_than_200: int
    memory_before: float
    memory_after: float


def resident(port: int, handler: str) -> float:
    """The receiver's memory in MiB, as it tells it itself; 0 of the bare handler."""
    if handler == "bare":
        return 0.0
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        found = re.search(rb"^process_resident_memory_bytes (\S+)$", answer.read(), re.MULTILINE)
    return float(found.group(1)) / _MEBIBYTE if found else 0.0


async def measure(port: int, handler: str, seconds: float) -> tuple[Figures, Load]:
    """Measure one server."""
    load = Load(port, CloudEvents())
    await load.at_rate(2)  # warm-up
    before = await asyncio.to_thread(resident, port, handler)
    took = sorted(1000 * each for each in await load.at_rate(seconds))
    after = await asyncio.to_thread(resident, port, handler)
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    await load.close()
    return Figures(cuts[49], cuts[98], took[-1], load.refused, before, after), load


def run_once(handler: str, folder: Path, seconds: float) -> Figures:
    """Measure one handler once, on a fresh store; what was answered 200 must be stored."""
    database = f"sqlite:///{folder / uuid.uuid4().hex}.db"
    migrate(database)
    with server(handler, database) as port:
        figures, load = asyncio.run(measure(port, handler, seconds))
    store = open_store(database)
    with store.read() as tx:
        stored = tx.count_rows(is_due(tx))
    store.close()
    if handler == "receiver" and stored < load.taken:
        raise RuntimeError(f"{load.taken} events were acknowledged, {stored} are stored")
    answers = ", ".join(f"{count:,} x {status}" for status, count in load.statuses.items())
    print(
        f"{handler:9s} p50 {figures.p50:.1f}  p99 {figures.p99:.1f}  max {figures.longest:.1f} ms"
        f"  {answers}  memory {figures.memory_before:.0f} -> {figures.memory_after:.0f} MiB"
    )
    return figures


def main() -> None:
    """Measure both in turn, print the ratio, and write the figures down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    figures: dict[str, list[Figures]] = {"bare": [], "receiver": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for handler, rounds in figures.items():
                rounds.append(run_once(handler, Path(folder), options.seconds))
    bare, receiver = (
        statistics.median(each.p99 for each in figures[name]) for name in ("bare", "receiver")
    )
    result = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "system": platform.platform(),
        },
        "load": {"rate": RATE, "seconds": options.seconds},
        "rounds": {name: [asdict(each) for each in rounds] for name, rounds in figures.items()},
        "ratio_p99": receiver / bare,
        "other_than_200": sum(each.other_than_200 for each in figures["receiver"]),
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"median p99 {receiver:.1f} ms, {receiver / bare:.1f} x bare; the platform waits for 5 s;"
        f" {result['other_than_200']} answers other than 200"
    )


if __name__ == "__main__":
    main()
