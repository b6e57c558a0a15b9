"""The receiver as its command starts it: a process of its own."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from storage.database.schema import open_store
from storage.inbox import is_due
from tests.integration.receiver.receiver_scene import PATH, SECRET, a_batch, event, signed
from tests.prefect_fixtures import free_port

LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, {files})); "
COMMAND = "import sys; from cli.commands.servers.receiver import run; sys.exit(run())"


@pytest.fixture
def env(sqlite_url: str, tmp_path: Path) -> dict[str, str]:
    """A receiver whose Prefect server is not there."""
    return os.environ | {  # noqa: TID251 - a process needs PATH
        "SYNC_DATABASE_URL": sqlite_url,
        "SYNC_PORT": str(free_port()),
        "AKENEO_BASE_URL": "https://pim.example.test",
        "AKENEO_ACCESS_TOKEN": "token",
        "AKENEO_WEBHOOK_SECRETS": SECRET,
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
        "PREFECT_HOME": str(tmp_path / "prefect"),
    }


@contextmanager
def started(env: Mapping[str, str], *, files: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """The receiver's process; `files` is how many it may open."""
    few = "" if files is None else LIMITED.format(files=files)
    process = subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-c", few + COMMAND], env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if text in line:
            return line
    raise AssertionError(f"it ended without saying {text!r}")


def delivery(client: httpx.Client, body: bytes | None = None) -> httpx.Response:
    body = body or a_batch(event())
    return client.post(PATH, content=body, headers=signed(body))


def delivered(client: httpx.Client, body: bytes | None = None) -> int:
    """Deliver until it is taken, `body` or another event each time; say how often that took.

    A receiver as its command starts it answers 503 where a slow machine takes long to commit.
    """
    tries = 1
    while (answer := delivery(client, body)).status_code == 503:
        tries += 1
    assert answer.status_code == 200
    return tries


def fails(env: Mapping[str, str]) -> str:
    """It ends with 1; gives what it said, which is one line."""
    with started(env) as process:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 1
    assert len(said.splitlines()) == 1
    return said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_takes_deliveries_and_stops_cleanly(env: dict[str, str], number: int) -> None:
    body = a_batch(event())
    with started(env) as process:
        read_until(process, f"listening on http://127.0.0.1:{env['SYNC_PORT']}")
        assert PATH in read_until(process, "URL for the PIM")
        with httpx.Client(base_url=f"http://127.0.0.1:{env['SYNC_PORT']}", timeout=60) as client:
            assert delivered(client, body)
            assert client.get("/livez").status_code == 200
            assert client.get("/readyz").status_code == 200
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
        assert process.returncode == 0
    assert SECRET not in said
    assert "Traceback" not in said
    store = open_store(env["SYNC_DATABASE_URL"])
    with store.read() as tx:
        assert tx.count_rows(is_due(tx)) == 1
    store.close()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="no way to fill another's disk here")
def test_a_full_disk_refuses_deliveries_until_there_is_room(env: dict[str, str]) -> None:
    with (
        started(env) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{env['SYNC_PORT']}", timeout=60) as client,
    ):

        def grow_to(size: int) -> None:
            limits = (size, resource.RLIM_INFINITY)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)

        read_until(process, "listening on")
        told = delivered(client)
        grow_to(1)  # every file of the process: what comes after its first byte is not written
        assert delivery(client).status_code == 503
        unready = client.get("/readyz")
        assert unready.status_code == 503
        assert env["SYNC_DATABASE_URL"].removeprefix("sqlite:///") in unready.text
        grow_to(resource.RLIM_INFINITY)
        told += 1 + delivered(client)
        assert client.get("/readyz").status_code == 200
    with closing(open_store(env["SYNC_DATABASE_URL"])) as store, store.read() as tx:
        assert tx.count_rows(is_due(tx)) == told  # what was refused is stored after all


def test_a_taken_port_is_said_in_one_line(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(env["SYNC_PORT"]))):
        said = fails(env)
    assert f"port {env['SYNC_PORT']} on 127.0.0.1 is taken" in said
    assert "SYNC_PORT" in said


def test_a_missing_store_is_said_in_one_line(env: dict[str, str], tmp_path: Path) -> None:
    said = fails(env | {"SYNC_DATABASE_URL": f"sqlite:///{tmp_path / 'none.db'}"})
    assert "akeneo-sync migrate" in said


def test_with_a_pim_and_no_webhook_secret_it_refuses_to_start(env: dict[str, str]) -> None:
    del env["AKENEO_WEBHOOK_SECRETS"]
    assert "AKENEO_WEBHOOK_SECRETS" in fails(env)


def test_its_lines_are_json_where_that_is_set(env: dict[str, str]) -> None:
    env |= {"SYNC_LOG_FORMAT": "json"}
    body = a_batch(event())
    with started(env) as process:
        listening = json.loads(read_until(process, "listening on"))
        assert listening["logger"] == "receiver.serve"
        json.loads(read_until(process, "URL for the PIM"))
        with httpx.Client(base_url=f"http://127.0.0.1:{env['SYNC_PORT']}", timeout=60) as client:
            forged = signed(body, secret="another")
            assert client.post(PATH, content=body, headers=forged).status_code == 401
        refused = json.loads(read_until(process, "refused"))
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert (refused["level"], refused["deliveries"]) == ("WARNING", 1)
    assert refused["reason"] == "signature_unknown"
    assert all(json.loads(line)["level"] for line in said.splitlines())


def test_listening_on_every_address_is_warned_of(env: dict[str, str]) -> None:
    with started(env | {"SYNC_HOST": "0.0.0.0"}) as process:  # noqa: S104 - what is warned of
        assert "WARNING" in read_until(process, "without TLS")


def test_few_files_and_many_half_open_connections_keep_no_delivery_out(env: dict[str, str]) -> None:
    with started(env, files=400) as process:
        assert "at most 144 connections" in read_until(process, "so few files may be open")
        read_until(process, "URL for the PIM")
        port = int(env["SYNC_PORT"])
        url = f"http://127.0.0.1:{port}{PATH}"
        with ExitStack() as held:
            answers = []
            for number in range(450):
                held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
                if number % 30 == 0:
                    body = a_batch(event())
                    answer = httpx.post(url, content=body, headers=signed(body), timeout=60)
                    answers.append(answer.status_code)
        assert answers == [200] * 15
        assert "connections closed: half open (144 at once" in read_until(process, "closed")
