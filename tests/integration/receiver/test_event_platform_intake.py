"""Deliveries of the Event Platform: what is answered decides whether the subscription lives."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from pim.event_platform import sign_body
from receiver.backlog import Backlog
from receiver.serve import _Server, server_config
from storage import Store, StoreUnreachable, Transaction
from storage.inbox import list_events, read_last_deliveries
from storage.state import list_alarms
from storage.tables import PlatformNotice, table_of
from tests.integration.receiver.receiver_scene import (
    FakeTrigger,
    Receiver,
    a_batch,
    event,
    locked,
    now,
    refusals,
    running,
)
from tests.served_app import bind_loopback, patient

pytestmark = pytest.mark.anyio

PATH = "/webhooks/event-platform"
NOTICES = f"{PATH}/notifications"
PRIMARY, SECONDARY = "fixture-primary-secret-0001", "fixture-secondary-secret-02"
NOTICE_SECRET = "fixture-notification-secret"
UUID = "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"
KNOWN: dict[str, Any] = {
    "platform_secrets": (SecretStr(PRIMARY), SecretStr(SECONDARY)),
    "notice_secret": SecretStr(NOTICE_SECRET),
    "platform_answer_seconds": 60.0,
}


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """One kind of store: what is tested here happens before it, or is tested with it."""
    return sqlite_store


def cloud_event(event_id: str = "e-1", name: str = "product.updated", **changes: object) -> bytes:
    sent = {
        "specversion": "1.0",
        "id": event_id,
        "source": "akeneo-event-platform",
        "type": f"com.akeneo.pim.v1.{name}",
        "time": f"{now():%Y-%m-%dT%H:%M:%SZ}",
        "data": {"product": {"uuid": UUID}},
    }
    return json.dumps(sent | changes).encode()


def signed(body: bytes, *, secret: str = PRIMARY, header: str = "Primary") -> dict[str, str]:
    return {
        f"X-Akeneo-Signature-{header}": sign_body(secret, body),
        "X-Akeneo-Signature-Algorithm": "HmacSHA256",
    }


async def deliver(receiver: Receiver, body: bytes, path: str = PATH) -> httpx.Response:
    return await receiver.client.post(path, content=body, headers=signed(body))


@pytest.mark.parametrize("content_type", ["application/json", "application/cloudevents+json", ""])
@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
async def test_an_event_is_stored_whatever_its_content_type_and_the_slash(
    store: Store, path: str, content_type: str
) -> None:
    body = cloud_event()
    async with running(store, **KNOWN) as receiver:
        headers = signed(body) | ({"Content-Type": content_type} if content_type else {})
        answer = await receiver.client.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.json()) == (
            200,
            {"accepted": 1, "duplicates": 0, "invalid": 0},
        )
        assert receiver.bodies() == [body]
        assert receiver.trigger.woken == 1
    with store.read() as tx:
        (listed,) = list_events(tx)
        assert (listed.event_id, listed.resource_key) == ("e-1", UUID)
        assert list(read_last_deliveries(tx)) == ["event-platform"]


@pytest.mark.parametrize("path", [PATH, f"{PATH}/"])
async def test_the_path_never_leads_elsewhere_and_is_always_there(store: Store, path: str) -> None:
    async with running(store, **KNOWN) as receiver:
        assert (await receiver.client.head(path)).status_code == 200
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"):
            answer = await receiver.client.request(method, path)
            assert answer.status_code == 405, method
            assert "location" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        lambda body: signed(body, secret=SECONDARY, header="Secondary"),
        lambda body: signed(body, secret=SECONDARY, header="Primary"),
        lambda body: (
            signed(body, secret="gone") | signed(body, secret=SECONDARY, header="Secondary")
        ),
    ],
)
async def test_any_known_secret_in_either_header_will_do(store: Store, headers: object) -> None:
    body = cloud_event()
    async with running(store, **KNOWN) as receiver:
        assert callable(headers)
        answer = await receiver.client.post(PATH, content=body, headers=headers(body))
        assert answer.status_code == 200


async def test_what_nobody_signed_is_refused_and_not_stored(store: Store) -> None:
    body = cloud_event()
    async with running(store, **KNOWN) as receiver:
        forged = [{}, signed(body, secret="another"), signed(body + b" ")]
        for headers in forged:
            answer = await receiver.client.post(PATH, content=body, headers=headers)
            assert answer.status_code == 401
        assert receiver.bodies() == []
    told = refusals(store)
    assert (told["signature_missing"].count, told["signature_unknown"].count) == (1, 2)
    assert "AKENEO_EVENT_PLATFORM_SECRETS" in str(told["signature_unknown"].detail)


async def test_without_secrets_of_the_platform_everything_is_refused(store: Store) -> None:
    body = cloud_event()
    async with running(store) as receiver:
        assert (await deliver(receiver, body)).status_code == 401


async def test_the_secrets_of_one_dialect_do_not_open_the_other(store: Store) -> None:
    body = cloud_event()
    async with running(store, secrets=(PRIMARY,)) as receiver:
        assert (await deliver(receiver, body)).status_code == 401


async def test_a_repeat_is_a_duplicate_and_another_type_of_the_same_id_is_not(
    store: Store,
) -> None:
    async with running(store, **KNOWN) as receiver:
        for name, accepted in (
            ("product.updated", 1),
            ("product.updated", 0),
            ("product.updated.delta", 1),
        ):
            answer = await deliver(receiver, cloud_event(name=name))
            assert answer.json()["accepted"] == accepted
            assert answer.json()["duplicates"] == 1 - accepted
        assert receiver.due() == 2


async def test_an_id_of_the_events_api_is_another_one(store: Store) -> None:
    async with running(store, **KNOWN) as receiver:
        assert (await receiver.deliver(a_batch(event("e-1")))).json()["accepted"] == 1
        assert (await deliver(receiver, cloud_event("e-1"))).json()["accepted"] == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(body, id=name)
        for name, body in {
            "nothing": b"",
            "cut short": b"{",
            "a list": b"[]",
            "the other dialect": b'{"events":[]}',
            "about nothing": cloud_event(data={}),
            "of no type": cloud_event(type=None),
            "no text": b"\xff",
        }.items()
    ],
)
async def test_what_is_signed_and_unusable_is_a_dead_letter_and_still_200(
    store: Store, body: bytes
) -> None:
    async with running(store, **KNOWN) as receiver:
        first, again = await deliver(receiver, body), await deliver(receiver, body)
        assert (first.status_code, again.status_code) == (200, 200)
        assert first.json() == {"accepted": 0, "duplicates": 0, "invalid": 1}
        assert again.json() == {"accepted": 0, "duplicates": 1, "invalid": 0}
        assert receiver.bodies()[0] == body
    with store.read() as tx:
        (dead,) = list_events(tx, state="dead")
        assert dead.reason


@pytest.mark.parametrize(("hours", "status"), [(23, 200), (25, 401), (-25, 401)])
async def test_what_was_signed_too_long_ago_is_refused(
    store: Store, hours: int, status: int
) -> None:
    at = now() - timedelta(hours=hours)
    body = cloud_event(time=f"{at:%Y-%m-%dT%H:%M:%SZ}")
    async with running(store, **KNOWN) as receiver:
        assert (await deliver(receiver, body)).status_code == status
    assert ("clock_off" in refusals(store)) is (status == 401)


async def test_a_store_that_takes_no_write_is_429_and_what_came_is_stored_later(
    store: Store,
) -> None:
    quick = KNOWN | {"platform_answer_seconds": 0.05}
    body = cloud_event()
    async with running(store, **quick) as receiver:
        with locked(store):
            assert (await deliver(receiver, body)).status_code == 429
        answer = await deliver(receiver, body)
        while answer.status_code == 429:  # the write that insists may be under way still
            answer = await deliver(receiver, body)
        assert answer.status_code == 200
        assert sum(answer.json().values()) == 1
        assert receiver.due() == 1
    told = refusals(store)
    assert told["slowed_down"].count >= 1
    assert not {"store_not_writable", "never_stored"} & told.keys()
    with store.read() as tx:
        assert list_alarms(tx) == []  # nothing is lost


async def test_a_body_over_the_limit_is_refused_unread(store: Store) -> None:
    async with running(store, **KNOWN, max_body_bytes=1024) as receiver:
        assert (await deliver(receiver, b"x" * 1025)).status_code == 413


async def test_a_backlog_slows_the_platform_down_until_a_tenth_of_it_is_gone(store: Store) -> None:
    async with running(store, **KNOWN, most_due=100) as receiver:
        backlog = _backlog_of(receiver)
        taken: list[int] = []
        for due in (100, 101, 95, 91, 90, 100):
            backlog.note(due)
            taken.append(
                (await deliver(receiver, cloud_event(f"e-{due}-{len(taken)}"))).status_code
            )
        assert taken == [200, 429, 429, 429, 200, 200]
        # The Events API never sends again: it is taken whatever the backlog.
        backlog.note(1000)
        assert (await receiver.deliver(a_batch(event("e-1")))).status_code == 200


class Reads:
    """A store that counts so many due events, or does not answer."""

    def __init__(self, *due: int | None) -> None:
        self.due = list(due)
        self.done = asyncio.Event()

    async def read(self, work: object) -> object:
        del work
        if not self.due:
            self.done.set()
            await asyncio.Event().wait()
        count = self.due.pop(0)
        if count is None:
            raise StoreUnreachable("it is away")
        return count


@pytest.mark.parametrize(("due", "is_full"), [((11,), True), ((11, 10), True), ((11, 9), False)])
async def test_the_backlog_is_looked_at_now_and_then(due: tuple[int, ...], is_full: bool) -> None:  # noqa: FBT001
    backlog, reads = Backlog(10), Reads(*due)
    watching = asyncio.create_task(backlog.watch(reads, every_seconds=0))  # type: ignore[arg-type]
    await reads.done.wait()
    watching.cancel()
    assert (backlog.full is not None) is is_full


async def test_a_store_that_is_away_says_nothing_of_a_backlog() -> None:
    backlog, reads = Backlog(10), Reads(11, None)
    watching = asyncio.create_task(backlog.watch(reads, every_seconds=0))  # type: ignore[arg-type]
    await reads.done.wait()
    watching.cancel()
    assert backlog.full is None


def _backlog_of(receiver: Receiver) -> Backlog:
    backlog = receiver.state["backlog"]
    assert isinstance(backlog, Backlog)
    return backlog


async def test_while_the_receiver_stops_the_platform_is_told_to_come_again(store: Store) -> None:
    """Uvicorn closes the listener first: what waits to be accepted would be reset."""
    from receiver.app import build_app  # noqa: PLC0415 - beside its server

    config = patient("s", **KNOWN)
    server = _Server(server_config(build_app(config, store, FakeTrigger())))
    listener = bind_loopback()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
    statuses: list[int] = []
    async with httpx.AsyncClient(timeout=30) as client:
        while True:
            body = cloud_event(f"e-{len(statuses)}")
            try:
                answer = await client.post(
                    url, content=body, headers=signed(body) | {"Connection": "close"}
                )
            except httpx.TransportError:
                break
            statuses.append(answer.status_code)
            server.should_exit = len(statuses) > 3
    await serving
    assert set(statuses) == {200, 429}
    assert statuses == sorted(statuses)


def notice(kind: str = "subscription.suspended.system", at: datetime | None = None) -> bytes:
    told = {
        "notification_type": kind,
        "timestamp": f"{(at or now()):%Y-%m-%dT%H:%M:%SZ}",
        "subscription_id": "0190fe8a-6213-76ce-8a9f-ba36a5ef555a",
        "reason": "Success rate dropped below 90%",
    }
    return json.dumps(told).encode()


async def tell(receiver: Receiver, body: bytes, secret: str = NOTICE_SECRET) -> httpx.Response:
    return await receiver.client.post(NOTICES, content=body, headers=signed(body, secret=secret))


def alarms(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {alarm.name: alarm.text for alarm in list_alarms(tx)}


async def test_a_notice_of_a_suspension_is_an_alarm_until_one_says_that_it_is_over(
    store: Store,
) -> None:
    told, over = notice(), notice("subscription.resumed")
    async with running(store, **KNOWN) as receiver:
        assert (await tell(receiver, told)).json() == {"new": True}
        assert "Success rate dropped below 90%" in alarms(store)["subscription-suspended"]
        assert (await tell(receiver, over)).json() == {"new": True}
        assert alarms(store) == {}
        # A repeat that was under way all the while tells nothing new.
        assert (await tell(receiver, told)).json() == {"new": False}
        assert alarms(store) == {}
    with store.read() as tx:
        kinds = tx.execute(select(table_of(PlatformNotice).c.kind)).scalars().all()
    assert sorted(kinds) == ["subscription.resumed", "subscription.suspended.system"]


async def test_a_notice_of_a_revocation_is_an_alarm_of_its_own(store: Store) -> None:
    async with running(store, **KNOWN) as receiver:
        assert (await tell(receiver, notice("subscription.revoked"))).status_code == 200
    assert list(alarms(store)) == ["subscription-revoked"]


@pytest.mark.parametrize(
    ("body", "secret", "status"),
    [
        (notice(), PRIMARY, 401),
        (notice(at=datetime(2026, 1, 1, tzinfo=UTC)), NOTICE_SECRET, 401),
        (b"{}", NOTICE_SECRET, 400),
        (b"", NOTICE_SECRET, 400),
    ],
    ids=["another secret", "long ago", "no notice", "empty"],
)
async def test_what_is_no_notice_of_now_changes_nothing(
    store: Store, body: bytes, secret: str, status: int
) -> None:
    async with running(store, **KNOWN) as receiver:
        assert (await tell(receiver, body, secret)).status_code == status
    assert alarms(store) == {}


async def test_without_its_secret_no_notice_is_believed(store: Store) -> None:
    async with running(store) as receiver:
        assert (await tell(receiver, notice(), "")).status_code == 401


async def test_a_notice_that_cannot_be_stored_is_to_come_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_tx: Transaction, _notice: object, **_named: object) -> bool:
        raise StoreUnreachable("it is away")

    monkeypatch.setattr("receiver.notices.store_notice", failing)
    async with running(store, **KNOWN) as receiver:
        assert (await tell(receiver, notice())).status_code == 429
