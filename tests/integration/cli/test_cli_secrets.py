"""No secret in anything that a command says or leaves behind, whatever goes wrong."""

import base64
import logging
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import Result

from cli.commands import status
from pim.signature import sign_delivery
from receiver.app import EVENTS_API_PATH, build_app
from settings import Settings, load_settings
from settings import masking as module
from settings.masking import _Mask
from tests.integration.cli.echoing_pim import echoing_pim
from tests.integration.cli.shop_store import Call, Shop
from tests.served_app import patient, served
from tests.shop import SilentTrigger

CANARIES = {
    "AKENEO_CLIENT_SECRET": "canary-client-<secret>",
    "AKENEO_PASSWORD": "canary/pass&word",
    "AKENEO_WEBHOOK_SECRETS": "canary-webhook-secret-1,canary-webhook-secret-2",
    "AKENEO_EVENT_PLATFORM_SECRETS": "canary-platform-secret-1,canary-platform-secret-2",
    "AKENEO_EVENT_PLATFORM_NOTIFICATION_SECRET": "canary-notification-secret",
    "PREFECT_SERVER_API_AUTH_STRING": "admin:canary-prefect",
    "PREFECT_API_KEY": "canary-prefect-key",
}
BASIC = base64.b64encode(b"the-client:canary-client-<secret>").decode()
COMMANDS = (
    ("doctor",),
    ("doctor", "--json"),
    ("reconcile", "--full"),
    ("reconcile", "--key", "SKU-1"),
    ("approve", "--all"),
    ("status",),
    ("status", "--json"),
    ("why", "SKU-1"),
    ("why", "SKU-1", "--json"),
    ("events",),
    ("export",),
    ("subscriptions", "list"),
    ("webhooks", "list"),
    ("subscriptions", "create", "--email", "ops@example.test", "--yes"),
)


@pytest.fixture(autouse=True)
def canaries(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Secrets that are easily found again, and logs that go to a file, down to the last detail."""
    env = {
        **CANARIES,
        "AKENEO_CLIENT_ID": "the-client",
        "AKENEO_USERNAME": "julia",
        "AKENEO_EVENT_PLATFORM_URL": "http://127.0.0.1:9/api/v1",
        "SYNC_PUBLIC_URL": "http://sync.test",
        "SYNC_PORT": "12",
        "PREFECT_SERVER_API_PORT": "11",
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(module, "_mask", _Mask())
    factory, handler = logging.getLogRecordFactory(), logging.FileHandler(root / "all.log")
    logging.root.addHandler(handler)
    level = logging.root.level
    logging.root.setLevel(logging.DEBUG)
    yield
    logging.root.setLevel(level)
    logging.root.removeHandler(handler)
    handler.close()
    logging.setLogRecordFactory(factory)


def assert_no_secret(root: Path, results: list[Result]) -> None:
    said = {str(number): result.output for number, result in enumerate(results)}
    left = {
        str(path.relative_to(root)): path.read_bytes().decode("utf-8", "replace")
        for path in root.rglob("*")
        if path.is_file()
    }
    assert "all.log" in left
    assert any(text for text in said.values())
    for name, text in (said | left).items():
        for secret in ("canary", BASIC):
            assert secret not in text, f"{name}: …{text[max(0, text.index(secret) - 200) :][:300]}"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("refuses_login", [False, True], ids=["echoes errors", "echoes the login"])
def test_a_pim_that_shows_our_request_back_brings_no_secret_out(
    root: Path,
    shop: Shop,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    refuses_login: bool,  # noqa: FBT001 - parametrized
) -> None:
    shop.tell("SKU-1", event_id="e-1")
    shop.write("SKU-1")
    with served(echoing_pim(refuses_login=refuses_login)) as url:
        monkeypatch.setenv("AKENEO_BASE_URL", url)
        results = [call(*arguments) for arguments in COMMANDS]
    shop.store.close()
    failed = {
        arguments for arguments, each in zip(COMMANDS, results, strict=True) if each.exit_code
    }
    assert {("doctor",), ("reconcile", "--full")} <= failed
    assert any("***" in result.output for result in results)
    assert_no_secret(root, results)


def test_a_database_that_is_away_brings_no_password_out(
    root: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", "postgresql://user:canary%2Fdb@127.0.0.1:9/canal")
    monkeypatch.setenv("AKENEO_BASE_URL", "http://127.0.0.1:9")
    results = [call(*arguments) for arguments in (*COMMANDS, ("migrate",))]
    assert all(result.exit_code == 1 for result in results)
    assert_no_secret(root, results)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_defect_leaves_a_traceback_without_secrets(
    root: Path, shop: Shop, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise RuntimeError(f"a library says {CANARIES['AKENEO_PASSWORD']}")

    monkeypatch.setenv("AKENEO_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr(status, "read_status", failing)
    result = call("status")
    shop.store.close()
    assert result.exit_code == 1
    assert "a library says ***" in result.stderr
    (traceback,) = (root / "var" / "log").glob("command-*.log")
    assert "RuntimeError: a library says ***" in traceback.read_text()
    assert_no_secret(root, [result])


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_receiver_tells_strangers_nothing(
    root: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AKENEO_BASE_URL", "http://127.0.0.1:9")
    settings = load_settings(root=root)
    app = build_app(patient(*settings.webhook_secrets), shop.store, SilentTrigger())

    @app.get("/defect")
    def defect() -> None:
        raise RuntimeError("canary-in-a-traceback")

    with (
        served(app) as url,
        httpx.Client(
            base_url=url,
            headers={"Connection": "close"},  # the server closes after an error anyway
        ) as client,
    ):
        answers = list(ask_everything(client, settings))
    for answer in answers:
        text = f"{dict(answer.headers)} {answer.text}"
        for told in ("canary", "Traceback", ".py", "fastapi", "prefect", "sqlalchemy"):
            assert told not in text.lower()
    assert {answer.status_code for answer in answers} == {200, 400, 401, 404, 405, 500}


def ask_everything(client: httpx.Client, settings: Settings) -> Iterator[httpx.Response]:
    for path in ("/livez", "/readyz", "/metrics", "/", "/defect", EVENTS_API_PATH):
        yield client.get(path)
    yield client.post(EVENTS_API_PATH, content=b"{}")
    timestamp = str(int(time.time()))
    secret = settings.webhook_secrets[0].get_secret_value()
    for body in (b"", b"no json"):
        headers = {
            "X-Akeneo-Request-Timestamp": timestamp,
            "X-Akeneo-Request-Signature": sign_delivery(secret, timestamp, body),
        }
        yield client.post(EVENTS_API_PATH, content=body, headers=headers)
