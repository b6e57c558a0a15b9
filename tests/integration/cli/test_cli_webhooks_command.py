"""`webhooks` on a real store, with a shop at the end of a wire."""

import json
from collections.abc import Iterator

import pytest

from storage.retention import remove_changes
from storage.state import list_alarms
from storage.webhooks import Webhook, WebhookState, claim_webhook, find_webhook, switch_off_webhook
from tests.hook_shop import Fate, HookShop
from tests.integration.cli.shop_store import Call, Shop
from tests.served_app import bind_loopback, served
from tests.store_builders import LEASE, NOW, at, body_of, live, write

URL = "https://shop.example.test/hook?token=x"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """One kind of store: what both do is tested below the commands."""
    return sqlite_url


@pytest.fixture
def hook_shop() -> Iterator[tuple[HookShop, str]]:
    listening = HookShop()
    with served(listening.app()) as url:
        yield listening, f"{url}/hook"


def stored(shop: Shop, name: str = "webshop") -> Webhook | None:
    with shop.store.read() as tx:
        return find_webhook(tx, name)


def state_of(shop: Shop) -> str:
    found = stored(shop)
    return "" if found is None else found.state


def position_of(shop: Shop) -> int | None:
    found = stored(shop)
    return None if found is None else found.position


def fill(shop: Shop) -> None:
    for product in range(3):
        write(shop.store, live(body_of(product), 1, 2))


def test_a_secret_is_shown_once_and_never_listed(shop: Shop, call: Call) -> None:
    added = call("webhooks", "add", "webshop", URL)
    secret = added.stdout.strip()
    assert (added.exit_code, "not shown again" in added.stderr) == (0, True)
    assert secret.startswith("whsec_")
    found = stored(shop)
    assert found is not None
    assert (found.secret, found.url) == (secret, URL)
    for listed in (call("webhooks", "list"), call("webhooks", "list", "--json"), call("status")):
        assert (listed.exit_code, secret in listed.output) == (0, False)
    (entry,) = json.loads(call("webhooks", "list", "--json").stdout)
    assert (entry["name"], entry["url"], entry["state"]) == ("webshop", URL, "active")


@pytest.mark.parametrize(
    ("options", "position"),
    [((), 3), (("--from", "1"), 1), (("--from", "0"), 0), (("--from-start",), 0)],
)
def test_it_begins_now_or_where_it_is_told_to(
    shop: Shop, call: Call, options: tuple[str, ...], position: int
) -> None:
    fill(shop)
    added = call("webhooks", "add", "webshop", URL, *options)
    assert f"what follows position {position}" in added.stderr
    assert position_of(shop) == position


def test_the_start_is_what_is_still_kept(shop: Shop, call: Call) -> None:
    fill(shop)
    shop.store.run(lambda tx: remove_changes(tx, older_than=at(1), limit=2))
    assert call("webhooks", "add", "webshop", URL, "--from-start").exit_code == 0
    assert position_of(shop) == 2


def test_pause_resume_and_replay_say_what_becomes_of_it(shop: Shop, call: Call) -> None:
    fill(shop)
    call("webhooks", "add", "webshop", URL)
    assert "keeps its position" in call("webhooks", "pause", "webshop").stdout
    assert state_of(shop) == WebhookState.PAUSED
    assert "paused since" in call("webhooks", "list").stdout
    assert "within a minute" in call("webhooks", "resume", "webshop").stdout
    assert state_of(shop) == WebhookState.ACTIVE
    call("webhooks", "pause", "webshop")
    assert "it was 3" in call("webhooks", "replay", "webshop", "--from", "1").stdout
    assert (position_of(shop), state_of(shop)) == (1, WebhookState.ACTIVE)


def test_a_new_secret_takes_the_place_of_the_old_one(shop: Shop, call: Call) -> None:
    old = call("webhooks", "add", "webshop", URL).stdout.strip()
    rotated = call("webhooks", "rotate-secret", "webshop", "--keep-hours", "2")
    found = stored(shop)
    assert found is not None
    assert "for 2 h" in rotated.stderr
    assert (found.secret, found.old_secret) == (rotated.stdout.strip(), old)


def test_one_is_removed_where_a_person_wants_it(shop: Shop, call: Call) -> None:
    call("webhooks", "add", "webshop", URL)
    refused = call("webhooks", "remove", "webshop")
    assert (refused.exit_code, "say --yes" in refused.stderr) == (1, True)
    assert stored(shop) is not None
    assert call("webhooks", "remove", "webshop", "--yes").exit_code == 0
    assert stored(shop) is None
    assert "webhooks add NAME URL" in call("webhooks", "list").stdout


def test_one_that_is_off_is_told_with_what_helps(shop: Shop, call: Call) -> None:
    fill(shop)
    call("webhooks", "add", "webshop", URL, "--from-start")
    webhook = shop.store.run(
        lambda tx: claim_webhook(tx, "webshop", holder="r", lease=LEASE, now=NOW)
    )
    assert webhook is not None
    shop.store.run(
        lambda tx: switch_off_webhook(
            tx, webhook, holder="r", problem="it answered 410", asked=True, now=NOW
        )
    )
    told = json.loads(call("status", "--json").stdout)
    assert [each["state"] for each in told["webhooks"]] == ["off"]
    (alarm,) = [each for each in told["alarms"] if each["name"] == "webhook-off"]
    assert "webhooks resume NAME" in alarm["advice"]
    assert "1 off" in call("status").stdout
    assert "it answered 410" in call("webhooks", "list").stdout
    call("webhooks", "resume", "webshop")
    with shop.store.read() as tx:
        assert list_alarms(tx) == []


def test_a_ping_says_what_came_back(
    shop: Shop, call: Call, hook_shop: tuple[HookShop, str]
) -> None:
    listening, url = hook_shop
    listening.secret = call("webhooks", "add", "webshop", url).stdout.strip()
    pinged = call("webhooks", "test", "webshop")
    assert (pinged.exit_code, pinged.stdout) == (0, "webshop confirmed with 204\n")
    assert [each.kind for each in listening.received] == ["ping"]
    listening.fate = lambda: Fate.REFUSED
    refused = call("webhooks", "test", "webshop")
    assert refused.exit_code == 1
    assert "it answered 500: out of order; look at the log" in refused.stderr
    assert position_of(shop) == 0


def test_a_ping_to_nobody_is_one_line(shop: Shop, call: Call) -> None:
    with bind_loopback() as listener:
        port = listener.getsockname()[1]
    call("webhooks", "add", "webshop", f"http://127.0.0.1:{port}/hook")
    refused = call("webhooks", "test", "webshop")
    (line,) = refused.stderr.splitlines()
    assert (refused.exit_code, position_of(shop)) == (1, 0)
    assert "no answer: " in line
    assert line.endswith("check the address, and that the shop's receiver runs")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "webshop", URL), 1, "there is a webhook webshop already"),
        (("add", "my shop", URL), 2, "give a NAME"),
        (("add", "other", "shop.example.test"), 2, "does not start with https://"),
        (("add", "other", "ftp://shop.example.test"), 2, "does not start with https://"),
        (("add", "other", "https://u:p@shop.example.test"), 2, "holds a user name or password"),
        (("add", "other", "https://shop.example.test/#x"), 2, "holds a fragment"),
        (("add", "other", URL, "--from", "9"), 1, "begin with an export"),
        (("add", "other", URL, "--from", "1", "--from-start"), 2, "not both"),
        (("replay", "webshop", "--from", "9"), 1, "begin with an export"),
        (("replay", "webshop"), 2, "--from"),
        (("pause", "nobody"), 1, "no webhook 'nobody'; `akeneo-sync webhooks list`"),
        (("resume", "nobody"), 1, "no webhook 'nobody'"),
        (("replay", "nobody", "--from", "0"), 1, "no webhook 'nobody'"),
        (("rotate-secret", "nobody"), 1, "no webhook 'nobody'"),
        (("remove", "nobody", "--yes"), 1, "no webhook 'nobody'"),
        (("test", "nobody"), 1, "no webhook 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    shop: Shop, call: Call, arguments: tuple[str, ...], code: int, said: str
) -> None:
    call("webhooks", "add", "webshop", URL)
    result = call("webhooks", *arguments)
    assert (result.exit_code, "Traceback" in result.output) == (code, False)
    told = " ".join(result.stderr.replace("│", " ").split())
    assert said in told
    assert (stored(shop, "other"), position_of(shop)) == (None, 0)
    if code == 1:
        assert len(result.stderr.splitlines()) == 1
