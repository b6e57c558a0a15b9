"""`akeneo-sync api` as a process: it serves, says what is wrong in one line, and stops cleanly."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress

import httpx
import pytest

from storage import open_store
from tests.integration.api.api_scene import LAMPS, shown, token_of
from tests.prefect_fixtures import free_port
from tests.store_builders import uuid_of, write


@pytest.fixture
def env(sqlite_url: str) -> dict[str, str]:
    given = {"SYNC_DATABASE_URL": sqlite_url, "SYNC_API_PORT": str(free_port())}
    return os.environ | given  # noqa: TID251 - a process needs PATH


@contextmanager
def started(env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "api"], env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def read_until(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    assert any(text in line for line in process.stderr), f"it ended without saying {text!r}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_stops_cleanly_with_somebody_waiting(
    env: dict[str, str], number: int
) -> None:
    with closing(open_store(env["SYNC_DATABASE_URL"])) as store:
        token = token_of(store, "shop")
        write(store, shown(1, 1, LAMPS))
    url = f"http://127.0.0.1:{env['SYNC_API_PORT']}"
    headers = {"Authorization": f"Bearer {token}"}
    answers: list[httpx.Response] = []
    with started(env) as process:
        read_until(process, f"the read API listens on {url}")
        with httpx.Client(base_url=url, timeout=60, headers=headers) as client:
            assert client.get("/products/SKU-1").json()["key"] == uuid_of(1)
            now = client.get("/changes").json()["next"]

            def wait() -> None:
                with suppress(httpx.TransportError):  # the signal was faster than the call
                    answers.append(client.get(f"/changes?after={now}&wait=30"))

            waiting = threading.Thread(target=wait)
            waiting.start()
            assert client.get("/livez").status_code == 200
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
            waiting.join()
    assert process.returncode == 0
    assert "Traceback" not in said
    assert all(answer.json()["changes"] == [] for answer in answers)


def fails(env: Mapping[str, str]) -> str:
    """It ends with 1; gives what it said, which is one line."""
    with started(env) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(said.splitlines()) == 1
    return said


def test_a_taken_port_is_one_line_with_the_cure(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(env["SYNC_API_PORT"]))):
        said = fails(env)
    assert f"port {env['SYNC_API_PORT']} on 127.0.0.1 is taken" in said
    assert "SYNC_API_PORT" in said


def test_a_missing_store_is_one_line_with_the_cure(env: dict[str, str]) -> None:
    said = fails({**env, "SYNC_DATABASE_URL": "sqlite:////nowhere/none.db"})
    assert "akeneo-sync migrate" in said
