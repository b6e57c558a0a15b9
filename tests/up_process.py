"""`akeneo-sync up` as a user starts it, on a copy of the project: a fresh clone with its var/."""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PACKAGES = (
    "pim",
    "storage",
    "receiver",
    "api",
    "flows",
    "deployments",
    "cli",
    "simulator",
    "settings",
    "serving",
)
ROOT = Path(__file__).parents[1]


def own_environment() -> dict[str, str]:
    """A newcomer's environment: other tests of this process have set Prefect's for themselves."""
    foreign = ("PREFECT_", "AKENEO_", "SYNC_")
    every = os.environ.items()  # noqa: TID251 - PATH, for the interpreter
    return {name: value for name, value in every if not name.startswith(foreign)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Clone:
    """A copy of the project, ports of its own, and the commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in PACKAGES:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / package, folder / package, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", folder)
        self.env = {
            **own_environment(),
            "PYTHONPATH": str(folder),
            "SYNC_PORT": str(free_port()),
            "SYNC_API_PORT": str(free_port()),
            "PREFECT_SERVER_API_PORT": str(free_port()),
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "cli.main", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command
            self.command(*arguments),
            env=self.env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def live_products(self) -> int:
        answer = self.run("status", "--json")
        live: int = json.loads(answer.stdout)["products"]["live"]
        return live


class Up:
    """A running `up`, and what it says."""

    def __init__(self, clone: Clone) -> None:
        self.said: list[str] = []
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            clone.command("up"),
            env=clone.env,
            cwd=clone.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.said.append(line.rstrip())

    def wait_for(self, text: str) -> None:
        def said_or_ended() -> bool:
            return any(text in line for line in self.said) or self.process.poll() is not None

        until(said_or_ended, f"{text!r} of `up`", seconds=400)  # a busy machine starts slowly
        assert any(text in line for line in self.said), f"ended, having said {self.said}"

    def children(self) -> dict[int, str]:
        """Return the command lines of its children, by process id."""
        listed = subprocess.run(
            ["ps", "-wweo", "pid=,ppid=,command="],  # noqa: S607 - of the system, wherever it is
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split(maxsplit=2) for line in listed.stdout.splitlines()]
        own = str(self.process.pid)
        return {int(pid): command for pid, parent, command in rows if parent == own}

    def worker(self) -> int:
        """Return the worker's process id; 0 if there is none now."""
        found = [pid for pid, line in self.children().items() if line.endswith("cli.main worker")]
        return found[0] if found else 0

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=40)
        self._reader.join(timeout=5)
        return code


def until(condition: Callable[[], bool], what: str, *, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.1)  # noqa: TID251 - a test waits for another process


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def running(clone: Clone) -> Iterator[Up]:
    up = Up(clone)
    try:
        yield up
    finally:
        up.process.kill()
        up.process.wait()
        if up.process.stdout:
            up._reader.join(timeout=15)
            up.process.stdout.close()


def runs_at_work(clone: Clone) -> list[str]:
    return runs_in(clone, "RUNNING") + runs_in(clone, "PENDING") + runs_in(clone, "CANCELLING")


def drains_at_work(clone: Clone) -> list[str]:
    """The ids of the drains that run: a run is renamed as it goes."""
    running = "SELECT id FROM flow_run WHERE state_type = 'RUNNING' AND name LIKE ?"
    return _ask_prefect(clone, running, "process-inbox%")


def lives_of(clone: Clone, run_id: str) -> int:
    """How many times the run with this id has been begun."""
    return int(_ask_prefect(clone, "SELECT run_count FROM flow_run WHERE id = ?", run_id)[0])


def runs_in(clone: Clone, state: str) -> list[str]:
    return _ask_prefect(clone, "SELECT name FROM flow_run WHERE state_type = ?", state)


def _ask_prefect(clone: Clone, query: str, *values: str) -> list[str]:
    database = clone.folder / "var" / "prefect" / "prefect.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return [value for (value,) in connection.execute(query, values)]
