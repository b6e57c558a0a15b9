"""A PIM's deliveries as load, in both dialects: signed, new event ids, over kept connections."""

import asyncio
import hashlib
import hmac
import json
import time
import uuid
from collections import Counter, deque
from datetime import UTC, datetime
from typing import Protocol

from pim.event_platform import PREFIX, sign_body
from receiver.app import EVENT_PLATFORM_PATH, EVENTS_API_PATH
from receiver.delivery import PRIMARY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER

SECRET = "bench-secret"  # noqa: S105 - signs the benchmarks' own deliveries
RATE = 100
EVENTS = 10
EVENT_BYTES = 6_000
CONNECTIONS = 16


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


class CloudEvents:
    """Requests of the Event Platform: one event each, with a new id."""

    def next_request(self) -> bytes:
        """One signed HTTP request."""
        event = {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": "akeneo-event-platform",
            "type": f"{PREFIX}product.updated",
            "subject": "0190fe8a-6213-76ce-8a9f-ba36a5ef555a",
            "datacontenttype": "application/json",
            "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "data": {
                "product": {"uuid": "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"},
                "author": {"identifier": "julia", "type": "user"},
            },
        }
        body = json.dumps(event).encode()
        head = (
            f"POST {EVENT_PLATFORM_PATH} HTTP/1.1\r\nHost: bench\r\n"
            f"Content-Type: application/json\r\n{PRIMARY_HEADER}: {sign_body(SECRET, body)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Requests(Protocol):
    """What is sent."""

    def next_request(self) -> bytes:
        """One signed HTTP request."""
        ...


class Load:
    """Connections that send deliveries and read the answers."""

    def __init__(self, port: int, deliveries: Requests | None = None) -> None:
        self._port = port
        self._deliveries = deliveries or Deliveries()
        # In turn: the server closes a connection that is idle for 5 s.
        self._idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
        self.taken = 0
        self.refused = 0
        self.statuses: Counter[int] = Counter()

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
        self.statuses[status] += 1
        self._idle.append(connection)

    async def close(self) -> None:
        """Close the connections that are kept."""
        while self._idle:
            _, writer = self._idle.popleft()
            writer.close()
            await writer.wait_closed()

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
