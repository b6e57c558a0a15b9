"""One thread collects all garbage: what it has to wait for holds up nobody else."""

import gc
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.prefect_env import child_environment
from deployments.prefect_server import as_its_own_server, collect_apart
from settings import load_settings

WAIT_SECONDS = 60.0


class Ring:
    """Garbage that only a collection finds."""

    def __init__(self, *held: object) -> None:
        self.me = self
        self.held = held


@pytest.fixture
def collector() -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = collect_apart(stop, seconds=0.01)
    yield thread
    stop.set()
    thread.join(WAIT_SECONDS)
    assert gc.isenabled()


def test_garbage_is_collected_by_that_thread_alone(collector: threading.Thread) -> None:
    collected_by: list[threading.Thread] = []
    collected = threading.Event()

    def note() -> None:
        collected_by.append(threading.current_thread())
        collected.set()

    weakref.finalize(Ring(), note)
    assert collected.wait(WAIT_SECONDS)
    assert collected_by == [collector]
    assert not gc.isenabled()


def connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        file, isolation_level=None, timeout=WAIT_SECONDS, check_same_thread=False
    )


def test_a_cursor_that_waits_for_its_connection_holds_up_no_transaction(tmp_path: Path) -> None:
    """What made the server answer nobody for a minute, on the scale of a test.

    The other connection waits for our write lock, and the garbage for the other connection: if the
    garbage were collected in this thread, all three would wait until the time-out.
    """
    file = tmp_path / "x.db"
    ours, other = connect(file), connect(file)
    ours.execute("PRAGMA journal_mode = WAL")
    ours.execute("CREATE TABLE x (y)")
    gc.disable()
    cursor = other.cursor()
    cursor.execute("SELECT 1 UNION ALL SELECT 2")  # open, and without a lock on anything
    Ring(cursor)
    del cursor
    ours.execute("BEGIN IMMEDIATE")
    waiting = threading.Thread(target=other.execute, args=("BEGIN IMMEDIATE",))
    waiting.start()

    begun = threading.Event()
    gc.callbacks.append(lambda *_: begun.set())
    stop = threading.Event()
    collecting = collect_apart(stop, seconds=0.01)
    assert begun.wait(WAIT_SECONDS)
    gc.callbacks.pop()
    ours.execute("COMMIT")
    waiting.join(WAIT_SECONDS / 2)

    assert not waiting.is_alive()
    assert other.in_transaction
    stop.set()
    collecting.join(WAIT_SECONDS)
    ours.close()
    other.close()


def test_a_server_of_its_own_asks_for_the_login_that_the_parts_say(tmp_path: Path) -> None:
    """And its UI asks it on this machine: a browser may not know the name that the parts use."""
    parts = {
        "PREFECT_API_URL": "http://prefect.internal:4200/api",
        "PREFECT_API_AUTH_STRING": "admin:a-password",
    }
    env = child_environment(as_its_own_server(load_settings(parts, root=tmp_path)), parts)
    assert env["PREFECT_SERVER_API_AUTH_STRING"] == "admin:a-password"
    assert env["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"


def test_a_login_for_the_server_alone_is_its_own(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PREFECT_SERVER_API_AUTH_STRING=admin:of-the-server\n")
    parts = {"PREFECT_API_URL": "http://prefect.internal:4200/api"}
    env = child_environment(as_its_own_server(load_settings(parts, root=tmp_path)), parts)
    assert env["PREFECT_SERVER_API_AUTH_STRING"] == "admin:of-the-server"
