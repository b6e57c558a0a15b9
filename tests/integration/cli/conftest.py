"""The command in this process, on a store of its own: once of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from simulator.config import SimulatorConfig
from storage import open_store
from tests.integration.cli.shop_store import Call, Pim, Shop
from tests.prefect_fixtures import prefect_server
from tests.served_app import bind_loopback, served_simulator

__all__ = ["prefect_server"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder of its own: a developer's `.env` must not reach a test."""
    monkeypatch.setattr("settings.loading.project_root", lambda: tmp_path)
    monkeypatch.setattr("cli.guard.project_root", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def shop(root: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    del root  # of this test, like the store
    monkeypatch.setenv("SYNC_DATABASE_URL", store_url)
    store = open_store(store_url)
    yield Shop(store)
    store.close()


@pytest.fixture
def call(root: Path) -> Call:
    """The command in this process: `call("status", "--json")`."""
    del root

    def run(*arguments: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(app, list(arguments), input=answer)

    return run


@pytest.fixture
def pim(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pim]:
    """A PIM of 30 products, known to the command."""
    listener = bind_loopback()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = SimulatorConfig(products=30, public_url=url)
    env = {
        "AKENEO_BASE_URL": url,
        "AKENEO_CLIENT_ID": config.client_id,
        "AKENEO_CLIENT_SECRET": config.client_secret,
        "AKENEO_USERNAME": config.username,
        "AKENEO_PASSWORD": config.password,
    }
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with served_simulator(config, listener):
        yield Pim(url, env)


@pytest.fixture(autouse=True)
def no_prefect_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """No command meets the server of other tests, which may run already or not yet.

    A flow run that fails in this process leaves Prefect's connections open, which the next garbage
    collection tells to whatever test is at work then.
    """
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")  # the port that discards


@pytest.fixture(autouse=True)
def unhurried_doctor(monkeypatch: pytest.MonkeyPatch) -> None:
    """`doctor` waits on a busy machine for what a person would have had within seconds."""
    monkeypatch.setattr("cli.checks.running.SECONDS", 120.0)
    for part in ("address", "event_platform", "prefect_server", "receiver", "source"):
        monkeypatch.setattr(f"cli.checks.{part}._CALL_SECONDS", 60.0)
