"""A receiver on the loopback, PIMs that sign in both dialects, and what their tables say."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import NoReturn

import httpx
from pydantic import SecretStr
from sqlalchemy import func, select

from pim.event_platform import sign_body
from pim.signature import sign_delivery
from receiver.app import build_app
from receiver.serve import server_config
from storage.database.store import Store
from storage.inbox import is_due
from storage.tables import InboxBatch, table_of
from tests.integration.receiver.receiver_scene import FakeTrigger
from tests.served_app import open_http, patient, served

SECRET = "fixture-secret-1"
PATH = "/webhooks/events-api"
SIGNATURE, TIMESTAMP = "X-Akeneo-Request-Signature", "X-Akeneo-Request-Timestamp"
PLATFORM_PATH = "/webhooks/event-platform"
PLATFORM_SECRET = "fixture-primary-secret-0001"
PRIMARY, SECONDARY = "X-Akeneo-Signature-Primary", "X-Akeneo-Signature-Secondary"
LIMIT = 4096
_BATCH = table_of(InboxBatch)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store holds."""

    batches: int
    due: int


@dataclass(frozen=True, slots=True)
class World:
    """A receiver that takes bodies of up to LIMIT bytes, and its store."""

    url: str
    client: httpx.Client
    store: Store

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 0

    def deliver(
        self, body: bytes, headers: list[tuple[bytes, bytes]], path: str = PATH
    ) -> httpx.Response:
        return self.client.post(path, content=body, headers=headers)

    def kept(self) -> Kept:
        with self.store.read() as tx:
            batches = tx.execute(select(func.count()).select_from(_BATCH)).scalar_one()
            return Kept(batches, tx.count_rows(is_due(tx)))


@contextmanager
def receiver_world(
    store: Store, *, max_body_bytes: int = LIMIT, body_seconds: float = 10.0
) -> Iterator[World]:
    config = patient(
        SECRET,
        max_body_bytes=max_body_bytes,
        body_seconds=body_seconds,
        platform_secrets=(SecretStr("a-secret-of-before-it"), SecretStr(PLATFORM_SECRET)),
    )
    app = build_app(config, store, FakeTrigger())
    with (
        served(app, config=server_config(app)) as url,
        closing(open_http(timeout=60, base_url=url)) as client,
    ):
        yield World(url, client, store)


def signed(
    body: bytes, *, secret: str = SECRET, timestamp: str | None = None
) -> list[tuple[bytes, bytes]]:
    at = timestamp or str(int(time.time()))
    signature = sign_delivery(secret, at, body)
    return [(SIGNATURE.encode(), signature.encode()), (TIMESTAMP.encode(), at.encode())]


def events_in(body: bytes) -> int | None:
    """How many events are in a body by the letter of JSON; None if it is no batch."""
    try:
        sent = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    events = sent.get("events") if isinstance(sent, dict) else None
    return len(events) if isinstance(events, list) else None


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def expected_status(body: bytes, *, is_signed: bool) -> int:
    """The table of answers, in its order."""
    if len(body) > LIMIT:
        return 413
    if not is_signed:
        return 401
    if not body:
        return 200
    return 400 if events_in(body) is None else 200


def signed_by_platform(
    body: bytes, *, secret: str = PLATFORM_SECRET, header: str = PRIMARY
) -> list[tuple[bytes, bytes]]:
    return [(header.encode(), sign_body(secret, body).encode())]


def platform_status(body: bytes, *, is_signed: bool) -> int:
    """What is signed is stored and answered 200, whatever it is: all else counts against us."""
    if len(body) > LIMIT:
        return 413
    return 200 if is_signed else 401


@dataclass(frozen=True, slots=True)
class Spoken:
    """One of the two dialects, as a sender speaks it."""

    path: str
    sign: Callable[[bytes], list[tuple[bytes, bytes]]]
    status: Callable[..., int]
    events: Callable[[bytes], int | None]

    def batches_for(self, body: bytes) -> int:
        """How many rows a signed body of allowed length leaves."""
        return 1 if body or self is PLATFORM else 0


EVENTS_API = Spoken(PATH, signed, expected_status, events_in)
PLATFORM = Spoken(PLATFORM_PATH, signed_by_platform, platform_status, lambda _body: 1)
