"""More connections than there is room for: a signed delivery is taken all the same."""

import asyncio
import errno
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest
from pydantic import SecretStr

from receiver.app import build_app
from receiver.config import ReceiverConfig
from receiver.serve import server_config
from storage.database.store import Store
from tests.integration.receiver.receiver_scene import (
    PATH,
    SECRET,
    FakeTrigger,
    a_batch,
    event,
    refusals,
    running,
    signed,
)
from tests.scraped import parse_scrape
from tests.served_app import served

LIMIT = 12
FLOOD = 3 * LIMIT


@contextmanager
def limited(store: Store, limit: int = LIMIT) -> Iterator[str]:
    """The URL of a receiver that takes so many connections."""
    config = ReceiverConfig(
        secrets=(SecretStr(SECRET),), max_connections=limit, answer_seconds=20, scrape_seconds=0
    )
    app = build_app(config, store, FakeTrigger())
    with served(app, config=server_config(app)) as url:
        yield url


@pytest.fixture
def url(sqlite_store: Store) -> Iterator[str]:
    with limited(sqlite_store) as url:
        yield url


def connect(url: str, held: ExitStack) -> socket.socket:
    port = httpx.URL(url).port or 0
    return held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))


def deliver(url: str) -> int:
    body = a_batch(event())
    return httpx.post(url + PATH, content=body, headers=signed(body), timeout=20).status_code


def is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0)
    try:
        return connection.recv(65536) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


SILENT = b""
HALF_A_HEAD = b"POST /webhooks/events-api HTTP/1.1\r\nHost: x\r\nX-Slow: "
NO_BODY = b"POST /webhooks/events-api HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"
IDLE = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "waited_for"),
    [(SILENT, "head"), (HALF_A_HEAD, "head"), (NO_BODY, "body"), (IDLE, "next")],
    ids=["silent", "half a head", "a body that trickles", "idle"],
)
def test_a_flood_of_connections_keeps_no_delivery_out(
    url: str, sent: bytes, waited_for: str
) -> None:
    with ExitStack() as held:
        answers = []
        for number in range(FLOOD):
            connection = connect(url, held)
            connection.sendall(sent)
            if sent is IDLE:
                connection.recv(4096)  # it has had its answer, and idles
            if number % 6 == 5:
                answers.append(deliver(url))
        assert answers == [200] * (FLOOD // 6)
        seen = parse_scrape(httpx.get(f"{url}/metrics", timeout=20).text)
    assert (seen.value("connections") or 0) <= LIMIT
    assert seen.value("connections_closed_for_room_total", waited_for=waited_for)
    assert seen.value("connections_closed_for_room_total", waited_for="answer") == 0


def test_the_oldest_without_a_head_goes_first(url: str) -> None:
    with ExitStack() as held:
        asked = connect(url, held)
        asked.sendall(NO_BODY.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue"))
        assert b" 100 " in asked.recv(4096)  # its head is read
        silent = [connect(url, held) for _ in range(LIMIT - 1)]
        silent[0].sendall(b"GET /livez HTTP/1.1\r\n")
        newest = connect(url, held)
        newest.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert newest.recv(4096).startswith(b"HTTP/1.1 200")
        assert [is_closed(each) for each in silent] == [True] + [False] * (LIMIT - 2)
        assert not is_closed(asked)


def test_who_reads_no_answer_holds_no_place_for_ever(sqlite_store: Store) -> None:
    with limited(sqlite_store, 2) as url, ExitStack() as held:
        for _ in range(2):
            deaf = held.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", httpx.URL(url).port))
            deaf.settimeout(0)
            with suppress(BlockingIOError):  # it reads no more of us: its answers are not read
                while True:
                    deaf.send(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        end = time.monotonic() + 60  # until then it answers what was asked
        while (status := deliver(url)) == 429 and time.monotonic() < end:
            time.sleep(0.05)  # noqa: TID251 - the other side of a socket
    assert status == 200


def test_what_was_closed_is_in_the_store_by_reason(sqlite_store: Store) -> None:
    with limited(sqlite_store) as url, ExitStack() as held:
        for _ in range(FLOOD):
            connect(url, held)
        assert deliver(url) == 200
    told = refusals(sqlite_store)
    assert set(told) == {"half_open"}
    assert told["half_open"].count == FLOOD + 1 - LIMIT
    assert told["half_open"].detail == f"{LIMIT} at once: who sent no whole request went first"


@pytest.mark.anyio
async def test_a_connection_that_the_system_gives_no_file_for_is_counted(
    sqlite_store: Store,
) -> None:
    async with running(sqlite_store):
        error = OSError(errno.EMFILE, "Too many open files")
        asyncio.get_running_loop().call_exception_handler({"exception": error})
    told = refusals(sqlite_store)
    assert "Too many open files" in (told["too_many_connections"].detail or "")
