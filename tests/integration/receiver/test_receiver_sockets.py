"""What only a real server shows: bytes on a connection."""

import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from receiver.app import build_app
from receiver.serve import listen
from storage.database.store import Store
from storage.inbox import is_due
from tests.integration.receiver.receiver_scene import (
    PATH,
    SECRET,
    FakeTrigger,
    a_batch,
    event,
    signed,
)
from tests.served_app import patient, served

LIMIT = 100_000


@pytest.fixture
def address(sqlite_store: Store) -> Iterator[tuple[str, int]]:
    config = patient(SECRET, max_body_bytes=LIMIT, body_seconds=2)
    with served(build_app(config, sqlite_store, FakeTrigger())) as url:
        yield "127.0.0.1", httpx.URL(url).port or 0


def due(store: Store) -> int:
    with store.read() as tx:
        return tx.count_rows(is_due(tx))


def request(body: bytes, **headers: str) -> bytes:
    all_headers = {"Host": "receiver"} | signed(body) | headers
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in all_headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


def talk(address: tuple[str, int], *sent: bytes) -> bytes:
    """Send, and read the answer's head and what came with it."""
    with socket.create_connection(address, timeout=60) as connection:
        for part in sent:
            connection.sendall(part)
        return connection.recv(65536)


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_a_chunked_delivery_is_taken(address: tuple[str, int], sqlite_store: Store) -> None:
    body = a_batch(event(), event())
    answer = talk(address, request(body, **{"Transfer-Encoding": "chunked"}), chunked(body))
    assert status(answer) == 200
    assert due(sqlite_store) == 2


def test_a_chunked_body_over_the_limit_is_refused(address: tuple[str, int]) -> None:
    body = b"x" * (LIMIT + 1)
    answer = talk(address, request(b"", **{"Transfer-Encoding": "chunked"}), chunked(body))
    assert status(answer) == 413


def test_a_declared_length_over_the_limit_is_refused_before_the_body_is_sent(
    address: tuple[str, int],
) -> None:
    answer = talk(address, request(b"", **{"Content-Length": str(LIMIT + 1)}))
    assert status(answer) == 413


def test_a_refused_sender_can_send_on_and_be_heard_again(
    address: tuple[str, int], sqlite_store: Store
) -> None:
    long, good = b"x" * (LIMIT + 1), a_batch(event())
    with httpx.Client(base_url=f"http://{address[0]}:{address[1]}") as client:
        for body, expected in ((long, 413), (good, 200), (b"", 200), (b"{", 400)):
            answer = client.post(PATH, content=body, headers=signed(body))
            assert answer.status_code == expected
    assert due(sqlite_store) == 1


def test_a_body_shorter_than_declared_is_not_waited_for(
    address: tuple[str, int], sqlite_store: Store
) -> None:
    body = a_batch(event())
    answer = talk(address, request(body, **{"Content-Length": str(len(body) + 1)}), body)
    assert status(answer) == 408
    assert due(sqlite_store) == 0


def test_a_delivery_whose_sender_hung_up_is_stored(
    address: tuple[str, int], sqlite_store: Store
) -> None:
    body = a_batch(event())
    with sqlite_store.transaction(), socket.create_connection(address) as connection:
        connection.sendall(request(body, **{"Content-Length": str(len(body))}) + body)
    end = time.monotonic() + 60
    while due(sqlite_store) == 0 and time.monotonic() < end:
        time.sleep(0.01)  # noqa: TID251 - the other side of a socket
    assert due(sqlite_store) == 1


def test_an_answers_body_does_not_wait_for_the_acknowledgement_of_its_head() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
