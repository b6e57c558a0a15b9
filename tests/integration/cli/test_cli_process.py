"""The command as a process: what it imports, and how it ends when it is interrupted."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from random import Random

import pytest

from settings import read_environment
from tests.integration.cli.shop_store import Call, Shop

_TELL_MODULES = """
import json, sys
from cli.main import main
sys.argv = ["akeneo-sync", *json.loads(sys.argv[1])]
try:
    main()
finally:
    print(json.dumps(sorted(name for name in sys.modules if "." not in name)), file=sys.stderr)
"""
# A test run started in the background ignores Ctrl-C, and its children would inherit that.
_HEARING_CTRL_C = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from cli.main import main
main()
"""
_HEAVY = {"prefect", "fastapi", "starlette", "uvicorn", "httpx", "alembic", "pyarrow"}


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """How a process starts and ends is the same on PostgreSQL."""
    return sqlite_url


def environment(**added: str) -> dict[str, str]:
    return {**read_environment(), **added}


def start(shop: Shop, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        [sys.executable, "-c", _HEARING_CTRL_C, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(SYNC_DATABASE_URL=str(shop.store.engine.url), **env),
    )


@pytest.mark.parametrize(
    "arguments", [["status"], ["why", "SKU-1"], ["export"], ["events"], ["--help"]]
)
def test_what_reads_the_store_waits_for_no_heavy_import(shop: Shop, arguments: list[str]) -> None:
    shop.write("SKU-1")

    done = subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, "-c", _TELL_MODULES, json.dumps(arguments)],
        capture_output=True,
        check=False,
        env=environment(SYNC_DATABASE_URL=str(shop.store.engine.url)),
    )

    assert done.returncode == 0
    assert _HEAVY & set(json.loads(done.stderr.splitlines()[-1])) == set()


@pytest.mark.parametrize(
    ("form", "begins"), [("ndjson", b'{"key":'), ("csv", b"uuid,"), ("parquet", b"PAR1")]
)
def test_a_reader_that_has_had_enough_ends_the_export_quietly(
    shop: Shop, form: str, begins: bytes
) -> None:
    rng = Random(1)
    for number in range(5):  # more than a pipe holds, and not to be packed into less
        text = rng.randbytes(30_000).hex()
        values = json.dumps({"text": [{"locale": None, "scope": None, "data": text}]})
        shop.write(f"SKU-{number}", raw=values)

    with start(shop, "export", "--format", form) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(len(begins)) == begins
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (0, b"")


def test_a_table_piped_into_head_is_quiet_too(shop: Shop) -> None:
    with start(shop, "status") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()

    assert (process.returncode, said) == (0, b"")


def test_ctrl_c_is_quiet(shop: Shop) -> None:
    values = json.dumps({"text": [{"locale": None, "scope": None, "data": "x" * 60_000}]})
    for number in range(5):
        shop.write(f"SKU-{number}", raw=values)

    with start(shop, "export") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)  # it is at work, and stays so: the pipe is full and nobody reads
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()

    assert process.returncode == 130
    assert b"Traceback" not in said


def test_the_simulator_serves_until_ctrl_c(shop: Shop) -> None:
    with start(shop, "simulator", "--port", "0", "--products", "5") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        announced = process.stdout.readline().decode()
        address = announced.removeprefix("simulated PIM at ").strip()
        with urllib.request.urlopen(f"{address}/_simulator/state", timeout=10) as answer:  # noqa: S310 -- the loopback
            assert answer.status == 200
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()

    assert process.returncode == 130
    assert b"Traceback" not in said


def test_a_taken_port_is_one_line(shop: Shop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with start(shop, "simulator", "--port", port) as process:
            assert process.stderr is not None
            said = process.stderr.read().decode()

    assert process.returncode == 1
    assert said.startswith(f"akeneo-sync: cannot listen on 127.0.0.1:{port}: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "said_of"),
    [("receiver", "AKENEO_WEBHOOK_SECRETS"), ("deploy", "http://127.0.0.1:9/api")],
)
def test_a_service_that_cannot_do_its_work_says_why_in_one_line(
    shop: Shop, command: str, said_of: str
) -> None:
    env = {
        "AKENEO_BASE_URL": "http://pim.test",
        "AKENEO_ACCESS_TOKEN": "hush",
        "PREFECT_API_URL": "http://127.0.0.1:9/api",  # the port that discards: nobody is there
    }
    with start(shop, command, **env) as process:
        assert process.stderr is not None
        said = process.stderr.read().decode()

    assert process.returncode == 1
    assert said.count("\n") == 1, said
    assert said_of in said
    assert "hush" not in said


def test_migrate_creates_then_leaves_alone(
    root: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", "sqlite:///var/new.db")

    first, second = call("migrate"), call("migrate")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert ": created (" in first.stdout
    assert ": was up to date already (" in second.stdout
    assert (root / "var" / "new.db").is_file()


def test_a_store_that_is_no_database_is_one_line(
    root: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "text.db").write_text("this is no database, only a text that is long enough" * 50)
    monkeypatch.setenv("SYNC_DATABASE_URL", "sqlite:///text.db")

    result = call("status")

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "unexpected" not in result.stderr


def test_what_a_command_makes_is_for_this_users_eyes_only(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "migrate"],
        capture_output=True,
        check=False,
        env=environment(SYNC_DATABASE_URL=f"sqlite:///{folder}/store.db"),
    )
    assert done.returncode == 0, done.stderr
    made = [folder, *folder.iterdir()]
    assert len(made) > 1
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in made} == {
        path.name: "0o0" for path in made
    }
