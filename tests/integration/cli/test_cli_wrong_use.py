"""Commands used wrongly, or in a bad place: one line and the right exit code, never a traceback.

The commands are those of the help: a new one is tried with wrong settings by itself.
"""

import json
from pathlib import Path

import pytest
from typer.testing import Result

from cli.command_help import COMMANDS
from storage import Store
from tests.integration.cli.shop_store import Call, Shop

NEEDED = {
    "changes": ["--after", "0"],
    "subscriptions": ["list"],
    "tokens": ["list"],
    "webhooks": ["list"],
    "why": ["SKU-1"],
    "replay": ["--all"],
    "discard": ["--all", "--note", "x"],
}
# It is a PIM of its own: it reads no setting, and would serve until it is stopped.
WITHOUT_SETTINGS = {"simulator"}
WITH_STORE = ("status", "why", "export", "events", "replay", "discard", "approve")
LONG = "x" * 10_000


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """One kind of store: what is tested here happens before it is asked."""
    return sqlite_url


def lines_of(result: Result) -> list[str]:
    assert "Traceback" not in result.stderr
    assert "akeneo-sync: unexpected" not in result.stderr
    return result.stderr.splitlines()


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in WITHOUT_SETTINGS])
def test_a_wrong_setting_ends_every_command_in_one_line(
    root: Path, call: Call, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", "mysql://sync:hush@db/shop")
    result = call(name, *NEEDED.get(name, []))
    assert result.exit_code == 1
    told = [line for line in (result.stdout + result.stderr).splitlines() if "DATABASE" in line]
    assert len(told) == 1
    assert "; write sqlite:///" in told[0] or name == "doctor"  # which says the cure on its own
    assert "hush" not in result.stdout + result.stderr
    assert not (root / "var").exists()


NO_STORES = {
    "missing.db": "run `akeneo-sync migrate`",
    "no/folder/shop.db": "run `akeneo-sync migrate`",
    "folder": "check SYNC_DATABASE_URL",
    "text.db": "move it away and run `akeneo-sync migrate`",
    "text.db/shop.db": "run `akeneo-sync migrate`",
    "empty.db": "run `akeneo-sync migrate`",
}


@pytest.mark.parametrize("name", WITH_STORE)
@pytest.mark.parametrize("path", NO_STORES)
def test_no_store_is_one_line_with_what_to_do(
    root: Path, call: Call, monkeypatch: pytest.MonkeyPatch, name: str, path: str
) -> None:
    (root / "folder").mkdir()
    (root / "empty.db").touch()
    (root / "text.db").write_text("this is no database, only a text that is long enough" * 50)
    monkeypatch.setenv("SYNC_DATABASE_URL", f"sqlite:///{path}")
    result = call(name, *NEEDED.get(name, []))
    assert result.exit_code == 1
    (line,) = lines_of(result)
    assert NO_STORES[path] in line


@pytest.mark.parametrize(
    ("path", "cure"),
    [
        ("folder", "; check SYNC_DATABASE_URL"),
        ("text.db", "move it away and run `akeneo-sync migrate`"),
        ("text.db/shop.db", "; check SYNC_DATABASE_URL"),
        ("/dev/full", "; check SYNC_DATABASE_URL"),
    ],
)
def test_migrate_into_what_is_no_place_for_a_store_is_one_line(
    root: Path, call: Call, monkeypatch: pytest.MonkeyPatch, path: str, cure: str
) -> None:
    (root / "folder").mkdir()
    (root / "text.db").write_text("this is no database, only a text that is long enough" * 50)
    monkeypatch.setenv("SYNC_DATABASE_URL", f"sqlite:///{path}")
    result = call("migrate")
    assert result.exit_code == 1
    (line,) = lines_of(result)
    assert cure in line


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", WITH_STORE)
def test_an_empty_store_is_no_error(call: Call, name: str) -> None:
    result = call(name, *NEEDED.get(name, []))
    assert (result.exit_code, len(lines_of(result))) == ((1, 1) if name == "why" else (0, 0))


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "arguments",
    [
        ["why"],
        ["why", "a", "b"],
        ["why", "x", "--limit", "0"],
        ["why", "x", "--limit", "9" * 30],
        ["why", "\udcff"],
        ["events", "--outcome", "nonsense"],
        ["events", "--outcome", ""],
        ["events", "--limit", "-1"],
        ["events", "--limit", "9" * 30],
        ["events", "--limit", "many"],
        ["replay"],
        ["replay", "x", "--all"],
        ["replay", "\udcff"],
        ["discard", "x"],
        ["discard", "--all"],
        ["discard", "--all", "--note", " "],
        ["discard", "--all", "--note", "a\udcff"],
        ["discard", "--all", "--note", "a\0"],
        ["approve", "x", "--all"],
        ["approve", "\udcff"],
        ["reconcile", "--full", "--key", "x"],
        ["reconcile", "--key", ""],
        ["reconcile", "x"],
        ["export", "--json"],
        ["status", "x"],
        ["simulator", "--port", "99999"],
        ["simulator", "--products", "-1"],
        ["statuss"],
        ["--nonsense"],
        [],
    ],
    ids=lambda arguments: " ".join(arguments)[:30].encode("ascii", "backslashreplace").decode(),
)
def test_wrong_usage_is_said_with_exit_code_2(call: Call, arguments: list[str]) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert lines_of(result)


@pytest.mark.parametrize("key", ["unknown", LONG, "a\x1b[2Jb\a", "' OR 1=1 --", "%", "日本"])
@pytest.mark.parametrize("command", [["why"], ["why", "--json"], ["replay"], ["approve"]])
def test_a_key_that_nothing_has_is_one_line_that_steers_no_terminal(
    shop: Shop, call: Call, command: list[str], key: str
) -> None:
    shop.write("SKU-1")
    result = call(*command, key)
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = lines_of(result)
    assert line.isprintable()
    assert len(line) < 400
    assert "; " in line


ODD = "Grö\u00dfe \u001b[31m \U0001f4a1 \udc80"


@pytest.mark.parametrize(
    "arguments", [["status"], ["why", "SKU-1"], ["events"], ["events", "--outcome", "dead"]]
)
def test_json_is_json_whatever_the_store_holds(
    shop: Shop, call: Call, arguments: list[str]
) -> None:
    shop.write("SKU-1")
    shop.deliver({"event_id": "e-1", "action": ODD, "author": ODD}, {"event_id": ODD}, [ODD], 1e308)
    shop.tell("SKU-1", event_id="e-2")
    result = call(*arguments, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout, parse_constant=pytest.fail)
    assert result.stdout.isascii()


def test_an_export_is_json_in_every_line(shop: Shop, call: Call) -> None:
    numbers = '{"n":[{"locale":null,"scope":null,"data":[1e400,-0,0.10,"Gr\\u00f6\\ud800"]}]}'
    shop.write("SKU-1", raw=numbers)
    shop.write("SKU-2")
    shop.delete("SKU-2")
    lines = call("export", "--tombstones").stdout.splitlines()
    products = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    assert {product["deleted"] for product in products} == {False, True}
    assert "[1e400,-0,0.10," in "".join(lines)


@pytest.mark.parametrize("columns", ["1", "0", "-5", "wide", "9" * 12])
@pytest.mark.parametrize("arguments", [["status"], ["why", "SKU-1"], ["events"]])
def test_a_terminal_of_any_width_shows_words(
    shop: Shop, call: Call, monkeypatch: pytest.MonkeyPatch, columns: str, arguments: list[str]
) -> None:
    shop.tell("SKU-1", event_id="e-1")
    monkeypatch.setenv("COLUMNS", columns)
    result = call(*arguments)
    assert result.exit_code == 0
    assert "SKU" in result.stdout or "products" in result.stdout


def test_a_locked_store_is_said_to_be_so(
    shop: Shop, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_BUSY_TIMEOUT_SECONDS", "0.1")
    locked: Store = shop.store
    with locked.transaction():
        result = call("replay", "--all")
    assert result.exit_code == 1
    (line,) = lines_of(result)
    assert "locked" in line
    assert "; check the database's disk and rights, and who else writes to it" in line
