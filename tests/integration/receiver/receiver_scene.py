"""A receiver in this process, its store, and a PIM's way of delivering to it."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from fastapi import FastAPI
from sqlalchemy import select, text

from pim.signature import sign_delivery
from receiver.app import build_app
from storage.database.schema import open_store
from storage.database.store import Store
from storage.inbox import is_due
from storage.inbox.refusals import Refusals, list_refusals
from storage.tables import InboxBatch, table_of
from tests.served_app import patient

SECRET = "fixture-secret-1"
PATH = "/webhooks/events-api"
_BATCH = table_of(InboxBatch)


def now() -> datetime:
    return datetime.now(UTC)


def event(event_id: str | None = None, **changes: object) -> dict[str, object]:
    """A product's removal: the smallest event there is."""
    return {
        "action": "product.removed",
        "event_id": event_id or str(uuid.uuid4()),
        "event_datetime": "2026-11-23T10:00:00+00:00",
        "author": "julia",
        "author_type": "ui",
        "pim_source": "https://pim.example.test",
        "data": {"resource": {"identifier": "lamp", "uuid": str(uuid.uuid4())}},
    } | changes


def a_batch(*events: dict[str, object]) -> bytes:
    return json.dumps({"events": list(events)}).encode()


def signed(body: bytes, *, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    timestamp = str(int((at or now()).timestamp()))
    return {
        "Content-Type": "application/json",
        "X-Akeneo-Request-Signature": sign_delivery(secret, timestamp, body),
        "X-Akeneo-Request-Timestamp": timestamp,
    }


async def in_pieces(body: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]
        await asyncio.sleep(0)


@dataclass
class FakeTrigger:
    """Counts what it is told; its coroutine waits to be cancelled."""

    woken: int = 0
    ended: bool = False

    def wake(self) -> None:
        self.woken += 1

    async def run(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


@dataclass
class Receiver:
    """What a test sees of a running receiver."""

    app: FastAPI
    client: httpx.AsyncClient
    store: Store
    trigger: FakeTrigger = field(default_factory=FakeTrigger)
    state: dict[str, object] = field(default_factory=dict)  # of the application's lifespan

    async def deliver(self, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.post(PATH, content=body, headers=headers or signed(body))

    def due(self) -> int:
        with self.store.read() as tx:
            return tx.count_rows(is_due(tx))

    def bodies(self) -> list[bytes]:
        with self.store.read() as tx:
            return list(tx.execute(select(_BATCH.c.body).order_by(_BATCH.c.id)).scalars())

    def rejections(self) -> list[tuple[bytes, str]]:
        rejected = select(_BATCH.c.body, _BATCH.c.rejected).where(_BATCH.c.rejected.is_not(None))
        with self.store.read() as tx:
            return [(row.body, row.rejected) for row in tx.execute(rejected)]


def refusals(store: Store) -> dict[str, Refusals]:
    """What was counted; complete once the receiver has ended."""
    with store.read() as tx:
        listed = list_refusals(tx, since=now() - timedelta(hours=2))
    return {refusal.reason: refusal for refusal in listed}


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Another process is writing to the inbox."""
    url = store.engine.url.render_as_string(hide_password=False)
    with closing(open_store(url)) as other, other.transaction() as tx:
        if not other.is_sqlite:
            tx.execute(text("LOCK TABLE inbox_batch IN EXCLUSIVE MODE"))
        yield


@asynccontextmanager
async def running(
    store: Store, *, secrets: Iterable[str] = (SECRET,), **settings: object
) -> AsyncIterator[Receiver]:
    """A receiver with its lifespan, called without a socket."""
    trigger = FakeTrigger()
    app = build_app(patient(*secrets, **settings), store, trigger)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app) as state,
        httpx.AsyncClient(transport=transport, base_url="http://receiver") as client,
    ):
        yield Receiver(app, client, store, trigger, dict(state or {}))
