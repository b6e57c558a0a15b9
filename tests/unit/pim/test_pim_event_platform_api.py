"""The client of the Event Platform's management API: what it sends, reads and says."""

import json

import httpx
import pytest
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from pim.errors import PlatformError, SourceUnauthorized
from pim.event_platform import DELIVERIES_PATH
from pim.event_platform_api import (
    USEFUL_EVENTS,
    EventPlatformClient,
    PlatformConflict,
    PlatformForbidden,
    PlatformNotFound,
    PlatformUnauthorized,
    PlatformUnreachable,
    Subscription,
    UnfitSetting,
    WantedSubscriber,
    WantedSubscription,
    build_destination,
    check_secrets,
    choose_events,
)
from pim.http import AppToken, PasswordCredentials, PimConnection
from pim.json_types import JsonObject
from tests.fake_platform import API, FakePlatform, problem

pytestmark = pytest.mark.anyio

PIM = "https://pim.example.test"
PASSWORD = PasswordCredentials("the-client", SecretStr("hush-1"), "julia", SecretStr("hush-2"))
SECRETS = (SecretStr("hush-primary-secret"), SecretStr("hush-secondary-secret"))
WANTED = WantedSubscription(
    subject=PIM, url="https://sync.example.test/in", events=USEFUL_EVENTS, secrets=SECRETS
)


def client_of(
    platform: FakePlatform, credentials: PasswordCredentials | AppToken = PASSWORD
) -> EventPlatformClient:
    return EventPlatformClient(
        PimConnection(PIM, credentials),
        api_url=f"https://platform.example.test{API}",
        client_id="the-client",
        transport=httpx.ASGITransport(platform.app()),
    )


def answering(answer: httpx.Response | Exception) -> EventPlatformClient:
    """A client to which everything but the login is answered so."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/api/oauth"):
            return httpx.Response(200, json={"access_token": "hush-token"})
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return EventPlatformClient(
        PimConnection(PIM, PASSWORD),
        api_url=f"https://platform.example.test{API}",
        client_id="the-client",
        transport=httpx.MockTransport(handle),
    )


async def test_a_platform_without_anything_lists_nothing() -> None:
    platform = FakePlatform()
    async with client_of(platform) as client:
        assert await client.list_subscribers() == []
        subscriber = await client.create_subscriber(WantedSubscriber("mine", "ops@example.test"))
        assert await client.list_subscriptions(subscriber.id) == []
        assert await client.read_log() == []


async def test_what_is_made_is_sent_whole_and_read_without_secrets() -> None:
    platform = FakePlatform()
    notified = WantedSubscriber(
        "mine", "ops@example.test", "https://sync.example.test/notes", SecretStr("hush-notes-12345")
    )
    async with client_of(platform) as client:
        subscriber = await client.create_subscriber(notified)
        made = await client.create_subscription(subscriber.id, WANTED)
        (read,) = await client.list_subscriptions(subscriber.id)
    assert read == made
    assert (made.status, made.url, made.secrets) == ("active", WANTED.url, 2)
    assert made.events == USEFUL_EVENTS
    assert subscriber.notification_url == "https://sync.example.test/notes"
    assert subscriber.created_at is not None
    assert "hush" not in repr((subscriber, made, notified, WANTED))
    (_, _, contact), (_, _, body) = [each for each in platform.sent if each[0] == "POST"]
    assert contact["contact"]["notification_webhook_secret"] == "hush-notes-12345"
    assert contact["contact"]["notification_channels"] == ["email", "webhook"]
    assert body["config"] == {
        "url": WANTED.url,
        "secret": {"primary": "hush-primary-secret", "secondary": "hush-secondary-secret"},
    }
    assert (body["source"], body["subject"], body["type"]) == ("pim", PIM, "https")


async def test_an_update_sends_every_field_of_ours_and_nothing_that_was_read() -> None:
    platform = FakePlatform()
    subscriber = platform.add_subscriber()
    subscription = platform.add_subscription(subscriber, "https://old.example.test")
    async with client_of(platform) as client:
        await client.update_subscription(subscriber, subscription, WANTED)
    method, path, body = platform.sent[-1]
    assert (method, path) == ("PATCH", f"subscribers/{subscriber}/subscriptions/{subscription}")
    assert body == WANTED.payload()
    assert "redacted" not in json.dumps(body)


async def test_suspend_resume_and_delete_take_202_and_an_answer_without_body() -> None:
    platform = FakePlatform()
    subscriber = platform.add_subscriber()
    subscription = platform.add_subscription(subscriber, "https://sync.example.test")
    async with client_of(platform) as client:
        await client.suspend(subscriber, subscription)
        assert (await client.read_subscription(subscriber, subscription)).status == "suspended"
        await client.resume(subscriber, subscription)
        assert (await client.read_subscription(subscriber, subscription)).is_active
        await client.delete_subscription(subscriber, subscription)
        await client.delete_subscriber(subscriber)
    assert (platform.subscribers, platform.subscriptions) == ({}, {})
    async with answering(httpx.Response(204)) as client:
        await client.suspend("a", "b")


async def test_answers_are_read_in_every_spelling() -> None:
    odd: JsonObject = {
        "id": "one",
        "status": "active",
        "type": "https",
        "events": None,
        "options": {"send_product_identifier_in_changes": True},
        "config": {"url": "https://sync.example.test", "headers": {"X-Route": "***redacted***"}},
        "createdAt": "2026-11-20T09:00:00Z",
        "updated_at": "2026-11-20T09:00:00.123456789+00:00",
        "another": {"member": []},
    }
    async with answering(httpx.Response(207, json=[odd])) as client:
        (read,) = await client.list_subscriptions("any")
    assert isinstance(read, Subscription)
    assert read.sends_identifier
    assert read.header_names == ("X-Route",)
    assert read.events == ()
    assert read.created_at is not None
    assert read.updated_at is not None


async def test_the_log_is_read_by_its_filters() -> None:
    platform = FakePlatform()
    line = {"timestamp": "2026-11-20T10:07:56Z", "operation": "failed", "subscription_id": "one"}
    platform.logs = [
        {**line, "log_type": "error", "error_reason": "destination_timeout", "request": {"a": 1}},
        {**line, "log_type": "action"},
    ]
    async with client_of(platform) as client:
        (read,) = await client.read_log(kind="error", subscription_id="one")
        assert (read.reason, read.kind) == ("destination_timeout", "error")
        assert len(await client.read_log()) == 2
        assert len(await client.read_log(limit=1)) == 1
        assert await client.read_log(subscription_id="two") == []


async def test_a_refused_token_is_renewed_once() -> None:
    platform = FakePlatform()
    async with client_of(platform) as client:
        await client.list_subscribers()
        platform.token = "token-2"
        assert await client.list_subscribers() == []
        platform.client_id = "another"
        with pytest.raises(PlatformUnauthorized, match=r"does not take the PIM's token") as caught:
            await client.list_subscribers()
    assert "AKENEO_CLIENT_ID" in caught.value.cure


async def test_an_apps_token_is_sent_as_it_is_and_cannot_be_renewed() -> None:
    platform = FakePlatform(token="app-token")
    async with client_of(platform, AppToken(SecretStr("app-token"))) as client:
        assert await client.list_subscribers() == []
        platform.token = "another"
        with pytest.raises(SourceUnauthorized):
            await client.list_subscribers()
    assert platform.logins == 0


@pytest.mark.parametrize(
    ("answer", "kind", "cure"),
    [
        (problem(403, "no permission"), PlatformForbidden, "tick the Event Platform checkbox"),
        (JSONResponse("<html>", 403), PlatformForbidden, "firewall or proxy"),
        (problem(404, "unknown"), PlatformNotFound, "subscriptions list"),
        (problem(409, "maximum number of subscribers"), PlatformConflict, "at most 20"),
        (problem(429, "slow down"), PlatformUnreachable, "later"),
        (problem(500, "down"), PlatformUnreachable, "later"),
        (JSONResponse(None, 302, {"Location": "/login"}), PlatformUnreachable, "final address"),
    ],
    ids=lambda value: str(getattr(value, "status_code", "")),
)
async def test_a_failure_is_one_line_with_its_cure(
    answer: JSONResponse, kind: type[PlatformError], cure: str
) -> None:
    platform = FakePlatform(fails=lambda _method, _path: answer)
    async with client_of(platform) as client:
        with pytest.raises(kind) as caught:
            await client.list_subscribers()
    assert cure in caught.value.cure
    assert "\n" not in str(caught.value)
    assert f"status {answer.status_code}" in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.ConnectError("refused"), "the connection failed: refused"),
        (httpx.ReadTimeout("slow"), "no whole answer in time"),
        (httpx.Response(200, text="<html>"), "what answers is no JSON"),
    ],
    ids=["refused", "slow", "html"],
)
async def test_what_is_no_answer_is_said_in_one_line(
    answer: httpx.Response | Exception, said: str
) -> None:
    async with answering(answer) as client:
        with pytest.raises(PlatformUnreachable, match=said) as caught:
            await client.list_subscribers()
    assert caught.value.retryable
    assert "AKENEO_EVENT_PLATFORM_URL" in caught.value.cure


async def test_an_error_that_quotes_our_request_shows_no_secret() -> None:
    quoted = {"errors": [{"message": f"bad: {json.dumps(WANTED.payload()['config'])}, hush-token"}]}
    async with answering(httpx.Response(400, json=quoted)) as client:
        with pytest.raises(PlatformError) as caught:
            await client.create_subscription("a", WANTED)
    assert "bad: " in str(caught.value)
    assert "hush" not in str(caught.value)


def test_events_of_jobs_and_workflows_are_of_no_use() -> None:
    assert not [event for event in USEFUL_EVENTS if ".job." in event or ".workflow." in event]
    assert len(set(USEFUL_EVENTS)) == len(USEFUL_EVENTS) == 33


def test_events_are_chosen_by_pattern_or_whole_name() -> None:
    assert choose_events(["category.*"]) == tuple(
        f"com.akeneo.pim.v1.category.{verb}" for verb in ("created", "updated", "deleted")
    )
    assert choose_events(["*"]) == USEFUL_EVENTS
    assert choose_events(["com.akeneo.pim.v1.a.new.one"]) == ("com.akeneo.pim.v1.a.new.one",)
    with pytest.raises(ValueError, match="no event type"):
        choose_events(["products"])


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        ([], "no secret"),
        (["x" * 15], "16 to 256"),
        (["x" * 257], "16 to 256"),
        (["x" * 16, "short"], "16 to 256"),
        (["x" * 16] * 3, "a subscription has 2"),
    ],
)
def test_secrets_that_the_platform_would_refuse_are_not_sent(secrets: list[str], said: str) -> None:
    with pytest.raises(UnfitSetting, match=said) as caught:
        check_secrets([SecretStr(secret) for secret in secrets], setting="THE_SETTING")
    assert "THE_SETTING" in caught.value.cure


@pytest.mark.parametrize("length", [16, 256])
def test_secrets_of_a_legal_length_are_taken(length: int) -> None:
    check_secrets([SecretStr("x" * length)], setting="THE_SETTING")


REAL = "https://event.prd.sdk.akeneo.cloud/api/v1"


@pytest.mark.parametrize(
    ("public_url", "said"),
    [
        (None, "not set"),
        ("http://sync.example.com", "not https"),
        ("https://localhost", "private"),
        ("https://10.0.0.7:8000", "private"),
        ("https://sync", "private"),
        ("https://sync.internal", "private"),
    ],
)
def test_a_url_to_which_the_platform_does_not_deliver_is_refused(
    public_url: str | None, said: str
) -> None:
    with pytest.raises(UnfitSetting, match=said):
        build_destination(public_url, api_url=REAL)


def test_a_simulated_platform_delivers_by_plain_http() -> None:
    public, simulated = "http://127.0.0.1:8000", "http://127.0.0.1:9000/event-platform/api/v1"
    assert build_destination(public, api_url=simulated) == f"{public}{DELIVERIES_PATH}"
    assert build_destination("https://sync.example.com/a", api_url=REAL) == (
        f"https://sync.example.com/a{DELIVERIES_PATH}"
    )
