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
import multiprocessing
import os
import platform
import socket
import sqlite3
import statistics
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from bench.support.backlog import draining_backlog
from bench.support.deliveries import EVENTS, RATE, SECRET, Deliveries, Load
from pim.events import Batch
from receiver.answers import Receipt
from receiver.app import EVENTS_API_PATH, build_app
from receiver.body import BodyProblem, ReservedBytes, read_body
from receiver.config import ReceiverConfig
from receiver.connections import CONNECTIONS, Connections
from receiver.delivery import SIGNATURE_HEADER, TIMESTAMP_HEADER, Delivery, judge_delivery
from receiver.refusals import RefusalCounter
from receiver.serve import listen, serve_app
from storage import migrate, open_store
from storage.inbox import is_due

CONFIG = ReceiverConfig(secrets=(SecretStr(SECRET),))
RESULTS = Path(__file__).parent / "results" / "acknowledge.json"


class NoTrigger:
    """There is no Prefect here; the trigger works beside the request path anyway."""

    def wake(self) -> None:
        """Do nothing."""

    async def run(self) -> None:
        """Wait to be cancelled."""
        await asyncio.Event().wait()


def bare_app() -> FastAPI:
    """Read, verify, parse, answer."""
    app = FastAPI(lifespan=holding_connections)
    memory = ReservedBytes(CONFIG.max_reserved_bytes)

    @app.post(EVENTS_API_PATH)
    async def take(request: Request) -> JSONResponse:
        with memory.reserve() as reservation:
            body = await read_body(
                request.stream(),
                limit=CONFIG.max_body_bytes,
                reservation=reservation,
                within_seconds=10,
            )
        if isinstance(body, BodyProblem):
            return JSONResponse({"detail": body}, status_code=413)
        delivery = Delivery(
            headers={name: request.headers[name] for name in (SIGNATURE_HEADER, TIMESTAMP_HEADER)},
            body=body,
            received_at=datetime.now(UTC),
        )
        verdict = judge_delivery(delivery, CONFIG.secrets)
        taken = len(verdict.events) if isinstance(verdict, Batch) else 0
        return JSONResponse(Receipt(accepted=taken, duplicates=0, invalid=0).model_dump())

    return app


@asynccontextmanager
async def holding_connections(_app: FastAPI) -> AsyncIterator[dict[str, Connections]]:
    """The receiver's server looks there for the connections of what it serves."""
    yield {CONNECTIONS: Connections(CONFIG, RefusalCounter())}


def serve_handler(handler: str, database: str, listener: socket.socket) -> None:
    """Serve one of the two handlers in this process, until SIGTERM."""
    if handler == "bare":
        serve_app(bare_app(), listener)
        return
    store = open_store(database)
    serve_app(build_app(CONFIG, store, NoTrigger()), listener)
    store.close()


@contextmanager
def server(handler: str, database: str) -> Iterator[int]:
    """A server process; gives its port."""
    context = multiprocessing.get_context("spawn")
    with listen("127.0.0.1", 0) as listener:
        process = context.Process(target=serve_handler, args=(handler, database, listener))
        process.start()
        port = listener.getsockname()[1]
    try:
        yield port
    finally:
        process.terminate()
        process.join(10)


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
