"""The command in this process, on a SQLite store of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from storage import migrate, open_store
from tests.integration.cli.shop_store import Call, Shop


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder of its own: a developer's `.env` must not reach a test."""
    monkeypatch.setattr("settings.loading.project_root", lambda: tmp_path)
    monkeypatch.setattr("cli.guard.project_root", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def shop(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    url = f"sqlite:///{root}/shop.db"
    monkeypatch.setenv("SYNC_DATABASE_URL", url)
    migrate(url)
    store = open_store(url)
    yield Shop(store)
    store.close()


@pytest.fixture
def call(root: Path) -> Call:
    """The command in this process: `call("status", "--json")`."""
    del root

    def run(*arguments: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(app, list(arguments), input=answer)

    return run
