"""One real Prefect server for the whole test session, started when the first test asks for it.

A test folder's conftest takes part by importing the fixtures::

    from tests.prefect_fixtures import prefect_server  # noqa: F401

Importing this module, before prefect, gives the process the address the server will have: Prefect
reads its settings once. The server itself takes 9 s to start on a new database, so it is one for
all folders, ends with this process, and has its own home: nothing of the user's is touched.
"""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from deployments.child import child_command
from deployments.prefect_env import apply_prefect_environment, child_environment, prefect_api_url
from settings import Settings, load_settings

_START_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class PrefectServer:
    """A running server. `env` makes a child process use it; this process does already."""

    api_url: str
    settings: Settings
    env: dict[str, str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_until_healthy(api_url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the Prefect server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"{api_url}/health", timeout=5) as answer:  # noqa: S310 - http
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)  # noqa: TID251 - a test waits for a process
    raise RuntimeError("the Prefect server did not become healthy")


@cache
def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="akeneo-sync-test-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    return home


@cache
def _settings() -> Settings:
    home = _home()
    env = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_API_PORT": str(free_port()),
        "SYNC_DATABASE_URL": f"sqlite:///{home / 'store.db'}",
    }
    return load_settings(env, root=home)


@cache
def _start() -> PrefectServer:
    settings = _settings()
    env = child_environment(settings, os.environ)  # noqa: TID251 - the child needs PATH
    reading, writing = os.pipe()  # the write end stays open as long as this process lives
    with (_home() / "server.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            child_command(reading, "deployments.prefect_server", "server", "start"),
            env=env,
            cwd=settings.root,
            pass_fds=[reading],
            process_group=0,
            stdout=log,
            stderr=log,
        )
    os.close(reading)

    def stop() -> None:
        os.close(writing)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)

    atexit.register(stop)
    wait_until_healthy(prefect_api_url(settings), process)
    return PrefectServer(prefect_api_url(settings), settings, env)


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[PrefectServer]:
    yield _start()
    _drain()


def _drain() -> None:
    """End Prefect's background senders: their connections must not outlive the server."""
    from prefect.events.worker import EventsWorker  # noqa: PLC0415 - prefect comes after its address
    from prefect.logging.handlers import APILogWorker  # noqa: PLC0415 - same

    APILogWorker.drain_all(timeout=5)
    EventsWorker.drain_all(timeout=5)


if "prefect" in sys.modules:
    raise RuntimeError("tests/prefect_fixtures.py must be imported before prefect")
apply_prefect_environment(_settings())
