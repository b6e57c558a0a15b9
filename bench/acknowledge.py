"""How soon a delivery is acknowledged, and how many a second: measured beside a bare handler.

The bare handler reads, verifies and parses on the same server, and stores nothing: what it takes
is the price of HTTP and Python. Deliveries carry 10 full events, about 60 kB. At 100 a second the
load is open: a late answer does not delay the next request, and waiting counts from the moment a
request was due. Sustained: 16 connections, each sending as soon as it is answered.

    python bench/acknowledge.py [--rounds 3] [--seconds 15]
"""

import argparse
import asyncio
import hashlib
import hmac
import json
import multiprocessing
import os
import platform
import socket
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from pim.events import Batch
from receiver.answers import Receipt
from receiver.app import EVENTS_API_PATH, build_app
from receiver.body import BodyProblem, HeldBytes, read_body
from receiver.config import ReceiverConfig
from receiver.delivery import SIGNATURE_HEADER, TIMESTAMP_HEADER, Delivery, judge_delivery
from receiver.serve import listen, serve_app
from storage.inbox import count_due
from storage.opening import open_store

SECRET = "bench-secret"  # noqa: S105 - signs this benchmark's own deliveries
CONFIG = ReceiverConfig(secrets=(SECRET,))
RATE = 100
EVENTS = 10
EVENT_BYTES = 6_000
CONNECTIONS = 16
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
    app = FastAPI()
    held = HeldBytes(CONFIG.max_held_bytes)

    @app.post(EVENTS_API_PATH)
    async def take(request: Request) -> JSONResponse:
        with held.hold() as hold:
            body = await read_body(
                request.stream(), limit=CONFIG.max_body_bytes, hold=hold, within_seconds=10
            )
        if isinstance(body, BodyProblem):
            return JSONResponse({"detail": body}, status_code=413)
        delivery = Delivery(
            signature=request.headers.get(SIGNATURE_HEADER),
            timestamp=request.headers.get(TIMESTAMP_HEADER),
            body=body,
            received_at=datetime.now(UTC),
        )
        verdict = judge_delivery(delivery, CONFIG.secrets)
        taken = len(verdict.events) if isinstance(verdict, Batch) else 0
        return JSONResponse(Receipt(accepted=taken, duplicates=0, invalid=0).model_dump())

    return app


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


class Deliveries:
    """Requests, each with new event ids."""

    def __init__(self) -> None:
        event = {
            "action": "product.updated",
            "event_id": "@",
            "event_datetime": "2026-11-23T10:00:00+00:00",
            "author": "julia",
            "author_type": "ui",
            "pim_source": "https://pim.example.test",
            "data": {"resource": self._resource()},
        }
        self._parts = json.dumps({"events": [event] * EVENTS}).encode().split(b"@")

    def next_request(self) -> bytes:
        """One signed HTTP request."""
        pieces = [self._parts[0]]
        for part in self._parts[1:]:
            pieces += [str(uuid.uuid4()).encode(), part]
        body = b"".join(pieces)
        timestamp = str(int(time.time()))
        signature = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
        head = (
            f"POST {EVENTS_API_PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"{SIGNATURE_HEADER}: {signature.hexdigest()}\r\n{TIMESTAMP_HEADER}: {timestamp}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    @staticmethod
    def _resource() -> dict[str, object]:
        text = "A lamp with a long description. " * 4
        values = {
            f"attribute_{number}": [{"locale": "en_US", "scope": None, "data": text}]
            for number in range(EVENT_BYTES // 200)
        }
        key = "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"
        updated = "2026-11-23T10:00:00+00:00"
        return {"uuid": key, "identifier": "lamp", "updated": updated, "values": values}


class Load:
    """Connections that send deliveries and read the answers."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._deliveries = Deliveries()
        # In turn: the server closes a connection that is idle for 5 s.
        self._idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
        self.taken = 0
        self.refused = 0

    async def deliver(self) -> None:
        """Send one delivery and read its answer."""
        connection = self._idle.popleft() if self._idle else await self._connect()
        reader, writer = connection
        writer.write(self._deliveries.next_request())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        length = next(
            int(line.split(b":")[1])
            for line in head.lower().split(b"\r\n")
            if line.startswith(b"content-length")
        )
        answer = json.loads(await reader.readexactly(length))
        self.taken += answer.get("accepted", 0)
        self.refused += status != 200  # noqa: PLR2004
        self._idle.append(connection)

    async def at_rate(self, seconds: float) -> list[float]:
        """Deliver `RATE` times a second; gives the seconds each took from when it was due."""
        start = time.perf_counter()
        tasks = []
        for number in range(int(seconds * RATE)):
            due = start + number / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(self._timed(due)))
        return await asyncio.gather(*tasks)

    async def sustained(self, seconds: float) -> float:
        """Deliver as fast as answers come; gives deliveries a second."""
        start = time.perf_counter()
        counts = await asyncio.gather(*(self._until(start + seconds) for _ in range(CONNECTIONS)))
        return sum(counts) / (time.perf_counter() - start)

    async def _timed(self, due: float) -> float:
        await self.deliver()
        return time.perf_counter() - due

    async def _until(self, end: float) -> int:
        count = 0
        while time.perf_counter() < end:
            await self.deliver()
            count += 1
        return count

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self._port)


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


def run_once(handler: str, folder: Path, seconds: float) -> Figures:
    """Measure one handler once, on a fresh store; what was answered must be stored."""
    database = f"sqlite:///{folder / uuid.uuid4().hex}.db"
    store = open_store(database, create=True)
    with server(handler, database) as port:
        figures, taken = asyncio.run(measure(port, seconds))
    with store.read() as tx:
        stored = count_due(tx)
    store.close()
    if handler == "receiver" and stored < taken:  # one answered late may be stored as well
        raise RuntimeError(f"{taken} events were acknowledged, {stored} are stored")
    print(
        f"{handler:9s} p50 {figures.p50:6.1f}  p95 {figures.p95:6.1f}  p99 {figures.p99:6.1f}"
        f"  max {figures.longest:6.1f} ms   {figures.sustained:6.0f} deliveries/s"
        f"  {figures.refused} refused"
    )
    return figures


def medians(rounds: list[Figures]) -> Figures:
    """The median of each figure."""
    rows = [asdict(figures) for figures in rounds]
    return Figures(**{name: statistics.median(row[name] for row in rows) for name in rows[0]})


def main() -> None:
    """Measure both handlers in turn, print the ratios, and write the figures down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    figures: dict[str, list[Figures]] = {"bare": [], "receiver": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for handler, rounds in figures.items():
                rounds.append(run_once(handler, Path(folder), options.seconds))
    bare, receiver = medians(figures["bare"]), medians(figures["receiver"])
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
        "ratio_p99": receiver.p99 / bare.p99,
        "ratio_sustained": receiver.sustained / bare.sustained,
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n")
    print(
        f"median p99 {receiver.p99:.1f} ms (budget 50), {receiver.p99 / bare.p99:.1f} x bare;"
        f" sustained {receiver.sustained / bare.sustained:.2f} of bare (budget 0.5)"
    )


if __name__ == "__main__":
    main()
