"""Every command, while the store cannot be used: one line that says what is wrong, and exit code 1.

What reads goes on reading where the store can be read.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import Result

from storage import open_store
from tests.integration.cli.shop_store import Call, Shop

READING = (
    ["status"],
    ["status", "--json"],
    ["why", "SKU-1"],
    ["export"],
    ["events"],
    ["approve"],
)
WRITING = (
    ["replay", "--all"],
    ["discard", "--all", "--note", "no longer needed"],
    ["reconcile", "--full"],
)
PASSWORD = "geheim"

Outage = Callable[[], AbstractContextManager[None]]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNC_BUSY_TIMEOUT_SECONDS", "0.1")


@pytest.fixture
def sqlite_file(sqlite_url: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The SQLite file that the commands use."""
    del root  # a project folder of its own, without a developer's .env
    monkeypatch.setenv("SYNC_DATABASE_URL", sqlite_url)
    return Path(sqlite_url.removeprefix("sqlite:///"))


@pytest.fixture
def postgres_shop(postgres_url: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop on PostgreSQL, where a server can go away and come back."""
    del root
    monkeypatch.setenv("SYNC_DATABASE_URL", postgres_url)
    with closing(open_store(postgres_url)) as store:
        yield Shop(store)


@contextmanager
def held_by_a_person(file: Path, *before: str) -> Iterator[None]:
    """Somebody sits in the sqlite3 shell, in a transaction."""
    with closing(sqlite3.connect(file, isolation_level=None)) as shell:
        for statement in (*before, "BEGIN EXCLUSIVE", "UPDATE door SET attempt = attempt"):
            shell.execute(statement)
        yield


def said(result: Result) -> str:
    """The one line on stderr of a command that could not be done."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1, lines
    assert "unexpected" not in lines[0]
    assert PASSWORD not in lines[0]
    return lines[0]


def said_by(call: Call, commands: tuple[list[str], ...]) -> set[str]:
    """What each of these commands said; a set of one where they agree."""
    return {re.sub(r"^akeneo-sync: ", "", said(call(*command))) for command in commands}


@pytest.mark.usefixtures("pim")
def test_what_writes_says_that_it_is_locked_and_what_reads_goes_on(
    sqlite_file: Path, call: Call
) -> None:
    with held_by_a_person(sqlite_file):
        for line in said_by(call, WRITING):
            assert f"the database {sqlite_file} refuses: database is locked" in line
            assert "who else writes to it" in line
        for command in (["status"], ["export"], ["events"]):
            assert call(*command).exit_code == 0
        shown = json.loads(call("status", "--json").stdout)
    assert shown["store"]["writable"] is False
    assert shown["alarms"][0]["name"] == "store-not-writable"
    assert "database is locked" in shown["alarms"][0]["text"]
    assert json.loads(call("status", "--json").stdout)["store"]["writable"] is True


@pytest.mark.usefixtures("pim")
def test_a_file_that_one_process_keeps_for_itself_is_locked_for_all_commands(
    sqlite_file: Path, call: Call
) -> None:
    with held_by_a_person(sqlite_file, "PRAGMA locking_mode = EXCLUSIVE"):
        (line,) = said_by(call, READING + WRITING)
    assert "database is locked" in line


@pytest.mark.usefixtures("pim")
def test_a_damaged_file_is_said_to_be_and_how_to_get_a_new_one(
    sqlite_file: Path, call: Call
) -> None:
    with sqlite_file.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 3000)
    (line,) = said_by(call, (*READING, *WRITING, ["migrate"]))
    assert f"the database {sqlite_file} refuses: " in line
    assert "malformed" in line
    assert "reconcile --full" in line


@pytest.mark.usefixtures("pim")
def test_a_text_is_no_database(sqlite_file: Path, call: Call) -> None:
    sqlite_file.write_text("a text, and long enough to be taken for a header " * 9)
    (line,) = said_by(call, (*READING, *WRITING, ["migrate"]))
    assert "file is not a database" in line


@pytest.mark.usefixtures("pim")
def test_a_missing_file_is_not_made_by_what_only_wants_to_use_it(
    sqlite_file: Path, call: Call
) -> None:
    sqlite_file.unlink()
    (line,) = said_by(call, READING + WRITING)
    assert "run `akeneo-sync migrate`" in line
    assert not sqlite_file.exists()


@pytest.mark.usefixtures("pim")
def test_a_newer_schema_wants_newer_code(shop: Shop, store_url: str, call: Call) -> None:
    shop.store.close()
    with closing(open_store(store_url)) as store, store.transaction() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '0999_later'"))
    (line,) = said_by(call, (*READING, *WRITING, ["migrate"]))
    assert "0999_later" in line
    assert "update akeneo-sync" in line


@pytest.mark.usefixtures("pim")
def test_a_server_that_is_away_is_named_without_its_password(
    root: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    del root
    address = f"postgresql://someone:{PASSWORD}@127.0.0.1:1/shop"
    monkeypatch.setenv("SYNC_DATABASE_URL", address)
    (line,) = said_by(call, (*READING, *WRITING, ["migrate"]))
    assert "the database postgresql://127.0.0.1:1/shop refuses: " in line
    assert "Connection refused" in line
    assert "check SYNC_DATABASE_URL" in line


@pytest.mark.usefixtures("pim")
def test_a_server_that_went_away_is_used_again_when_it_is_back(
    postgres_shop: Shop, postgres_outage: Outage, call: Call
) -> None:
    postgres_shop.write("SKU-1")
    with postgres_outage():
        for line in said_by(call, READING + WRITING):
            assert "check SYNC_DATABASE_URL" in line
    assert call("why", "SKU-1").exit_code == 0


@pytest.mark.usefixtures("pim")
def test_a_read_only_server_is_read_and_said_to_take_no_writes(
    postgres_shop: Shop, postgres_url: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres_shop.write("SKU-1")
    read_only = "options=-c%20default_transaction_read_only%3Don"
    monkeypatch.setenv("SYNC_DATABASE_URL", f"{postgres_url}&{read_only}")
    for command in READING[:3]:
        assert call(*command).exit_code == 0, command
    for line in said_by(call, WRITING):
        assert "in a read-only transaction" in line
