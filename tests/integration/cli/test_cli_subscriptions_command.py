"""`subscriptions`, and `doctor`'s look at them, against a small management API."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from receiver.app import EVENT_PLATFORM_PATH
from tests.fake_platform import API, FakePlatform, problem
from tests.integration.cli.shop_store import Call
from tests.served_app import served

PRIMARY, SECONDARY = "hush-primary-secret", "hush-secondary-secret"
PUBLIC = "http://sync.example.test"
HERE = f"{PUBLIC}{EVENT_PLATFORM_PATH}"
NOW = ("--yes", "--no-wait")


@pytest.fixture
def platform(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePlatform]:
    """The management API and the PIM's login at one address, known to the command."""
    del root
    fake = FakePlatform()
    with served(fake.app()) as url:
        env = {
            "AKENEO_BASE_URL": url,
            "AKENEO_CLIENT_ID": "the-client",
            "AKENEO_CLIENT_SECRET": "hush-client",
            "AKENEO_USERNAME": "julia",
            "AKENEO_PASSWORD": "hush-password",
            "AKENEO_EVENT_PLATFORM_URL": f"{url}{API}",
            "AKENEO_EVENT_PLATFORM_SECRETS": f"{PRIMARY},{SECONDARY}",
            "SYNC_PUBLIC_URL": PUBLIC,
        }
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        yield fake


@pytest.fixture
def mine(platform: FakePlatform) -> str:
    """A subscription to this receiver."""
    return platform.add_subscription(platform.add_subscriber(), HERE)


def changes_of(platform: FakePlatform) -> list[tuple[str, str]]:
    return [(method, path) for method, path, _ in platform.sent if method != "GET"]


def last_body(platform: FakePlatform, method: str) -> Any:
    return next(body for sent, _, body in reversed(platform.sent) if sent == method)


def told(call: Call, *arguments: str, code: int = 0) -> str:
    """What a command says, in one line of words; never a secret."""
    result = call("subscriptions", *arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    assert "hush" not in result.output
    return " ".join(result.output.split())


def test_create_makes_subscriber_and_subscription_to_the_new_address(
    platform: FakePlatform, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKENEO_EVENT_PLATFORM_NOTIFICATION_SECRET", "hush-notification-secret")
    said = told(call, "create", "--email", "ops@example.test", *NOW)
    assert "make the subscriber akeneo-sync, e-mail to ops@example.test" in said
    assert f"make a subscription to {HERE}" in said
    (subscriber,), (subscription,) = (
        platform.subscribers.values(),
        platform.subscriptions.values(),
    )
    assert subscriber["contact"]["notification_channels"] == ["email", "webhook"]
    notices = subscriber["contact"]["notification_webhook_url"]
    assert notices == f"{PUBLIC}/webhooks/event-platform/notifications"
    assert subscription["config"]["url"] == HERE
    body = last_body(platform, "POST")
    assert body["config"]["secret"] == {"primary": PRIMARY, "secondary": SECONDARY}
    assert "com.akeneo.pim.v1.product.updated.delta" in body["events"]
    assert not [event for event in body["events"] if ".job." in event]


def test_create_goes_on_with_a_subscriber_that_is_there(platform: FakePlatform, call: Call) -> None:
    known = platform.add_subscriber()
    said = told(call, "create", "--events", "category.*", *NOW)
    assert "keep the subscriber akeneo-sync, e-mail to ops@example.test" in said
    assert changes_of(platform) == [("POST", f"subscribers/{known}/subscriptions")]
    assert len(last_body(platform, "POST")["events"]) == 3


def test_create_makes_no_second_one(platform: FakePlatform, mine: str, call: Call) -> None:
    said = told(call, "create", "--email", "ops@example.test", *NOW, code=1)
    assert f"subscription {mine} (active) delivers there already; " in said
    assert changes_of(platform) == []


def test_nothing_is_changed_where_nobody_can_be_asked(
    platform: FakePlatform, mine: str, call: Call
) -> None:
    for part in (["update", "--no-wait"], ["suspend"], ["delete"], ["rotate-secret", "--no-wait"]):
        assert "nothing was changed" in told(call, *part, code=1)
    platform.subscriptions.clear()
    create = ("create", "--email", "ops@example.test", "--no-wait")
    assert "say --yes" in told(call, *create, code=1)
    assert changes_of(platform) == []
    assert mine


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SYNC_PUBLIC_URL", None, "SYNC_PUBLIC_URL is not set; "),
        ("AKENEO_EVENT_PLATFORM_SECRETS", "hush-short", "16 to 256 characters; "),
        ("AKENEO_EVENT_PLATFORM_SECRETS", None, "no secret is set; "),
        ("AKENEO_EVENT_PLATFORM_NOTIFICATION_SECRET", "hush", "16 to 256 characters; "),
    ],
)
def test_what_the_platform_would_refuse_is_said_before_it_is_asked(
    platform: FakePlatform,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    *,
    name: str,
    value: str | None,
    said: str,
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    assert said in told(call, "create", "--email", "ops@example.test", *NOW, code=1)
    assert platform.sent == []


def test_a_public_address_without_tls_is_refused(
    platform: FakePlatform, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKENEO_EVENT_PLATFORM_URL", "https://event.example.test/api/v1")
    said = told(call, "create", "--email", "ops@example.test", *NOW, code=1)
    assert "which is not https" in said
    assert platform.sent == []


def test_without_the_checkbox_it_is_said_what_to_tick(platform: FakePlatform, call: Call) -> None:
    platform.fails = lambda method, path: (
        problem(403, "forbidden") if method == "POST" and "subscriptions" in path else None
    )
    said = told(call, "create", "--email", "ops@example.test", *NOW, code=1)
    assert "tick the Event Platform checkbox on the connection's page in the PIM" in said
    platform.fails = lambda _method, _path: None
    assert "keep the subscriber" in told(call, "create", *NOW)
    assert len(platform.subscribers) == len(platform.subscriptions) == 1


def test_an_app_without_its_client_id_is_told_so(
    platform: FakePlatform, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"AKENEO_{name}")
    monkeypatch.setenv("AKENEO_ACCESS_TOKEN", platform.token)
    assert "set AKENEO_CLIENT_ID to the App's" in told(call, "list", code=1)
    monkeypatch.setenv("AKENEO_CLIENT_ID", "the-client")
    assert "no subscriber" in told(call, "list")
    assert platform.logins == 0


def test_update_changes_events_and_address_and_keeps_the_rest(
    platform: FakePlatform, call: Call
) -> None:
    subscriber = platform.add_subscriber()
    old = platform.add_subscription(
        subscriber,
        f"{PUBLIC}/webhooks/events-api",
        filter='not user_type="system"',
        options={"send_product_identifier_in_changes": True},
    )
    said = told(call, "update", old, "--events", "product.created,product.deleted", *NOW)
    assert f"deliver to {HERE} in place of {PUBLIC}/webhooks/events-api" in said
    assert "with product.deleted " in said
    body = last_body(platform, "PATCH")
    assert body["filter"] == 'not user_type="system"'
    assert body["send_product_identifier"] is True
    assert body["config"]["secret"]["primary"] == PRIMARY
    assert platform.subscriptions[old]["config"]["url"] == HERE


def test_headers_of_somebodys_own_are_said_to_be_lost(platform: FakePlatform, call: Call) -> None:
    config = {"url": HERE, "secret": {"primary": "p" * 16}, "headers": {"X-Route": "a"}}
    platform.add_subscription(platform.add_subscriber(), HERE, config=config)
    assert "its own headers (X-Route) cannot be read" in told(call, "update", *NOW)
    assert "redacted" not in json.dumps(last_body(platform, "PATCH"))


def test_a_subscriber_is_changed_where_its_contact_is(
    platform: FakePlatform, mine: str, call: Call
) -> None:
    said = told(call, "update", "--email", "new@example.test", *NOW)
    assert "change the subscriber akeneo-sync, e-mail to new@example.test" in said
    (subscriber,) = platform.subscribers.values()
    assert subscriber["contact"]["technical_email"] == "new@example.test"
    assert mine in said


def test_rotate_sends_the_secrets_of_now_and_nothing_else_changes(
    platform: FakePlatform, mine: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(platform.subscriptions[mine])
    monkeypatch.setenv("AKENEO_EVENT_PLATFORM_SECRETS", "hush-newer-secret-1")
    said = told(call, "rotate-secret", *NOW)
    assert "write the new secret behind the old one" in said
    assert last_body(platform, "PATCH")["config"]["secret"] == {"primary": "hush-newer-secret-1"}
    after = platform.subscriptions[mine]
    assert (after["events"], after["config"]["url"]) == (before["events"], HERE)


def test_suspend_resume_and_delete(platform: FakePlatform, mine: str, call: Call) -> None:
    assert f"subscription {mine} suspended" in told(call, "suspend", "--yes")
    assert platform.subscriptions[mine]["status"] == "suspended"
    assert f"subscription {mine} resumed" in told(call, "resume", *NOW)
    assert platform.subscriptions[mine]["status"] == "active"
    assert "is active" in told(call, "resume", *NOW)
    assert "deleted" in told(call, "delete", "--subscriber", "--yes")
    assert (platform.subscribers, platform.subscriptions) == ({}, {})
    assert "no subscription delivers to this receiver; " in told(call, "resume", *NOW, code=1)


def test_a_subscriber_with_another_subscription_stays(
    platform: FakePlatform, mine: str, call: Call
) -> None:
    other = platform.add_subscription("subscriber-1", "https://other.example.test")
    assert other in told(call, "delete", mine, "--subscriber", "--yes", code=1)
    assert changes_of(platform) == []


def test_after_a_change_it_is_waited_until_the_platform_has_taken_it_up(
    platform: FakePlatform, mine: str, call: Call
) -> None:
    said = told(call, "rotate-secret", "--yes", "--wait-minutes", "0.01")
    assert "waiting for 0.01 min" in said
    assert f"subscription {mine} is active; change a product" in said
    assert platform.sent[-1][0] == "GET"


def test_list_and_show_tell_all_but_secrets(platform: FakePlatform, mine: str, call: Call) -> None:
    other = platform.add_subscription("subscriber-1", "https://other.example.test")
    said = told(call, "list")
    assert f"{HERE} (this receiver)" in said
    assert other in said
    listed = json.loads(call("subscriptions", "list", "--json").stdout)
    assert [each["ours"] for each in listed["subscriptions"]] == [True, False]
    assert "redacted" not in json.dumps(listed)
    shown = json.loads(call("subscriptions", "show", "--json").stdout)
    assert (shown["id"], shown["subscriber"]["name"]) == (mine, "akeneo-sync")
    assert "2 secrets, which are never shown" in told(call, "show", mine)
    assert "no subscription 'x'; " in told(call, "show", "x", code=1)
    assert "active" in told(call, "show", other)


def test_logs_are_a_table_and_json(platform: FakePlatform, call: Call) -> None:
    assert "no such line" in told(call, "logs")
    platform.logs = [
        {
            "log_type": "error",
            "timestamp": "2026-11-20T10:07:56Z",
            "operation": "failed_to_deliver_event",
            "subscription_id": "subscription-1",
            "error_reason": "destination_not_found",
            "error_message": "not \x1b[31mfound",
        }
    ]
    assert "destination_not_found" in told(call, "logs", "--kind", "error")
    (line,) = json.loads(call("subscriptions", "logs", "subscription-1", "--json").stdout)
    assert line["reason"] == "destination_not_found"
    assert "no such line" in told(call, "logs", "--kind", "action")


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["create", "--events", "x"], ["logs", "a", "b"]]
)
@pytest.mark.usefixtures("platform")
def test_wrong_usage_is_two(call: Call, arguments: list[str]) -> None:
    assert call("subscriptions", *arguments).exit_code == 2


def test_without_a_pim_it_is_one_line(root: Path, call: Call) -> None:
    del root
    assert "no PIM is configured" in told(call, "list", code=1)


def test_each_part_has_a_help_page(call: Call) -> None:
    shown = call("subscriptions", "--help").output
    for part in ("list", "show", "create", "update", "suspend", "resume", "delete", "logs"):
        assert f"  {part} " in shown
        assert f"akeneo-sync subscriptions {part}" in call("subscriptions", part, "--help").output


def checks_of(call: Call) -> dict[str, dict[str, str]]:
    """What `doctor` says of the Event Platform, by what."""
    checks = json.loads(call("doctor", "--json").stdout)["checks"]
    return {each["what"]: each for each in checks if each["part"] == "Event Platform"}


def states_of(call: Call) -> dict[str, str]:
    return {what: check["state"] for what, check in checks_of(call).items()}


def test_doctor_leaves_alone_what_is_not_used(
    platform: FakePlatform, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AKENEO_EVENT_PLATFORM_SECRETS")
    assert states_of(call) == {"used": "note"}
    assert platform.sent == []


@pytest.mark.usefixtures("mine")
def test_doctor_finds_all_in_order(call: Call) -> None:
    assert states_of(call) == {
        "secrets": "ok",
        "notices": "note",
        "public URL": "ok",
        "management API": "ok",
        "subscription": "ok",
        "signature": "note",
    }


def test_doctor_says_what_is_wrong(
    platform: FakePlatform, mine: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.subscriptions[mine]["status"] = "suspended"
    found = checks_of(call)["subscription"]
    assert (found["state"], "subscriptions resume" in found["advice"]) == ("broken", True)
    platform.subscriptions[mine]["config"]["url"] = f"{PUBLIC}/webhooks/events-api"
    states = states_of(call)
    assert (states["subscription"], states["address"]) == ("broken", "broken")
    platform.fails = lambda _method, _path: problem(403, "forbidden")
    found = checks_of(call)["permission"]
    assert (found["state"], "checkbox" in found["advice"]) == ("broken", True)
    platform.fails = lambda _method, _path: problem(500, "down")
    monkeypatch.setenv("AKENEO_EVENT_PLATFORM_SECRETS", "hush-short")
    monkeypatch.delenv("SYNC_PUBLIC_URL")
    assert states_of(call) == {
        "secrets": "broken",
        "notices": "note",
        "public URL": "broken",
        "management API": "broken",
    }
