"""What HTTP itself lets a sender do: odd heads, odd bodies, and senders that say nothing."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copy

import httpx
import pytest

from receiver.app import build_app
from receiver.connections import PatientProtocol
from receiver.serve import listen, server_config
from storage import Store, open_store
from tests.integration.receiver.receiver_scene import (
    PATH,
    SECRET,
    FakeTrigger,
    a_batch,
    event,
    signed,
)
from tests.property.receiver_world import World, receiver_world
from tests.served_app import patient, served

LIMIT = 100_000
BODY = a_batch(event())
CLOSE = "Connection: close"
CHUNKED = "Transfer-Encoding: chunked"
SIGNATURE = "X-Akeneo-Request-Signature"


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    file = tmp_path_factory.mktemp("receiver") / "store.db"
    copy(sqlite_template, file)
    with (
        closing(open_store(f"sqlite:///{file}")) as store,
        receiver_world(store, max_body_bytes=LIMIT, body_seconds=0.5) as running,
    ):
        yield running


def head(*lines: str, start: str = f"POST {PATH} HTTP/1.1") -> bytes:
    signature = [f"{name}: {value}" for name, value in signed(BODY).items()]
    return "\r\n".join([start, "Host: receiver", *signature, *lines, "", ""]).encode("latin-1")


LENGTH = f"Content-Length: {len(BODY)}"


def in_chunks(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


def talk(port: int, sent: bytes) -> bytes:
    """Send, and read until the receiver closes."""
    answer = b""
    with connected(port) as sender:
        sender.sendall(sent)
        while part := sender.recv(65536):
            answer += part
    return answer


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def statuses(answer: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


@pytest.mark.parametrize(
    "sent",
    [
        lambda: head(LENGTH, start=f"POST {PATH} HTTP/1.0") + BODY,
        lambda: head(CHUNKED, CLOSE) + in_chunks(BODY[:9], BODY[9:]),
        lambda: head(CHUNKED, CLOSE) + in_chunks(BODY, end=f"0\r\n{SIGNATURE}: 0\r\n\r\n".encode()),
        lambda: head(LENGTH, CLOSE, "Content-Encoding: gzip") + BODY,
        lambda: head(LENGTH, CLOSE, "Content-Type: text/plain; charset=utf-16") + BODY,
        lambda: head(LENGTH, CLOSE, "X-Odd: \xff\xfe") + BODY,
        lambda: head(LENGTH, CLOSE, LENGTH) + BODY,
        lambda: head(LENGTH, CLOSE, "X-Long: " + "x" * 50_000) + BODY,
        lambda: head(LENGTH, CLOSE, start=f"POST {PATH}?a=b HTTP/1.1") + BODY,
        lambda: head(LENGTH, CLOSE).replace(b"Signature: ", b"Signature:\r\n \t  ") + BODY,
        lambda: head(LENGTH, CLOSE, *(f"X-{number}: x" for number in range(1000))) + BODY,
        lambda: head(LENGTH, "Upgrade: websocket", "Connection: close, upgrade") + BODY,
    ],
    ids=["HTTP/1.0", "chunks", "trailers", "claims gzip", "claims UTF-16", "header not ASCII",
         "length twice", "long header", "query", "folded header", "many headers", "upgrade"],
)  # fmt: skip
def test_a_signed_delivery_is_taken_in_whatever_form(
    world: World, sent: Callable[[], bytes]
) -> None:
    before = world.kept()
    answer = talk(world.port, sent())
    assert statuses(answer) == [200]
    assert b'"invalid":0' in answer
    assert world.kept().batches == before.batches + 1


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (lambda: head(LENGTH, CLOSE, f"{SIGNATURE}: 0") + BODY, [401]),
        (lambda: head(LENGTH, CLOSE).replace(b"Signature:", b"Signature-Of:") + BODY, [401]),
        (lambda: head(CLOSE), [401]),
        (lambda: head(LENGTH, CLOSE, start="POST /webhooks/event-platform HTTP/1.1") + BODY, [401]),
        (lambda: head(LENGTH, CLOSE, start=f"POST {PATH}/ HTTP/1.1") + BODY, [404]),
        (lambda: head(LENGTH, CLOSE, start=f"POST /{PATH} HTTP/1.1") + BODY, [404]),
        (lambda: head(LENGTH, CLOSE, start=f"POST http://receiver{PATH} HTTP/1.1") + BODY, [404]),
        (lambda: head(LENGTH, CLOSE, start=f"PUT {PATH} HTTP/1.1") + BODY, [405]),
        (lambda: head(LENGTH, CLOSE, start=f"post {PATH} HTTP/1.1") + BODY, [405]),
        (lambda: head(CLOSE, start=f"HEAD {PATH} HTTP/1.1"), [405]),
        (lambda: head(CLOSE, start=f"OPTIONS {PATH} HTTP/1.1"), [405]),
        (lambda: head(CLOSE, start=f"BREW {PATH} HTTP/1.1"), [405]),
        (lambda: head(f"Content-Length: {LIMIT + 1}", CLOSE), [413]),
        (lambda: head("Content-Length: 5", CLOSE) + BODY, [401]),
        (lambda: head("Content-Length: -1") + BODY, [400]),
        (lambda: head("Content-Length: +5") + BODY, [400]),
        (lambda: head("Content-Length: " + "9" * 400) + BODY, [400]),
        (lambda: head(LENGTH, "Content-Length: 5") + BODY, [400]),
        (lambda: head(LENGTH, "Transfer-Encoding: gzip") + BODY, [400]),
        (lambda: head("Transfer-Encoding: gzip, chunked") + in_chunks(BODY), [400]),
        (lambda: head(CHUNKED) + b"zz\r\n", [400]),
        (lambda: head(CHUNKED) + b"-5\r\nabcde\r\n", [400]),
        (lambda: head(LENGTH, "X-Nul: a\0b") + BODY, [400]),
        (lambda: head(LENGTH).replace(b"Host: receiver\r\n", b"") + BODY, [400]),
        (lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 99 + b"\r\n\r\n", [400]),
        (lambda: b"\0\r\n\r\n", [400]),
    ],
    ids=["signature twice", "other header", "no body", "event platform", "slash", "two slashes",
         "absolute", "PUT", "small post", "HEAD", "OPTIONS", "BREW", "declared long", "cut short",
         "negative", "plus", "huge", "two lengths", "odd coding", "gzip chunks", "bad chunk",
         "negative chunk", "NUL", "no host", "TLS", "garbage"],
)  # fmt: skip
def test_what_is_no_delivery_is_refused_and_the_receiver_goes_on(
    world: World, sent: Callable[[], bytes], answered: list[int]
) -> None:
    before = world.kept()
    assert statuses(talk(world.port, sent())) == answered
    assert world.kept() == before
    assert statuses(talk(world.port, head(LENGTH, CLOSE) + BODY)) == [200]


def test_deliveries_in_one_go_are_answered_in_turn(world: World) -> None:
    before = world.kept()
    long = head(f"Content-Length: {LIMIT + 1}") + b"x" * (LIMIT + 1)
    forged = head("Content-Length: 2") + b"{}"
    sent = long + head(LENGTH) + BODY + forged + head(LENGTH, CLOSE) + BODY
    assert statuses(talk(world.port, sent)) == [413, 200, 401, 200]
    assert world.kept().batches == before.batches + 2


def test_a_sender_who_asks_first_is_told_to_go_on(world: World) -> None:
    with connected(world.port) as sender:
        sender.sendall(head(LENGTH, CLOSE, "Expect: 100-continue"))
        assert statuses(sender.recv(4096)) == [100]
        sender.sendall(BODY)
        assert statuses(sender.recv(4096)) == [200]


def test_with_both_length_and_chunks_the_chunks_count(world: World) -> None:
    both = head(LENGTH, CHUNKED) + in_chunks(BODY)
    assert statuses(talk(world.port, both + head(LENGTH, CLOSE) + BODY)) == [200, 200]


@pytest.mark.parametrize(
    "sent",
    [lambda: head("Content-Length: 9") + b"{", lambda: head(CHUNKED) + b"5\r\n{"],
    ids=["length", "chunks"],
)
def test_a_body_that_never_comes_is_not_waited_for(world: World, sent: Callable[[], bytes]) -> None:
    with connected(world.port) as sender:
        sender.sendall(sent())
        assert statuses(sender.recv(4096)) == [408]


class Impatient(PatientProtocol):
    """Waits for a head so long that a test can wait for its end."""

    head_seconds = 0.5


@pytest.fixture
def impatient(sqlite_store: Store) -> Iterator[int]:
    """The port of a receiver without patience."""
    app = build_app(patient(SECRET, answer_seconds=1.0), sqlite_store, FakeTrigger())
    config = server_config(app)
    config.http = Impatient
    with served(app, config=config) as url:
        yield httpx.URL(url).port or 0


@pytest.mark.parametrize(
    "sent", [b"", b"POST", b"POST / HTTP/1.1\r\nHost: x\r\nX: "], ids=["nothing", "a word", "half"]
)
def test_a_head_that_never_comes_is_not_waited_for(impatient: int, sent: bytes) -> None:
    assert talk(impatient, sent) == b""


def test_nor_is_a_head_after_a_request(impatient: int) -> None:
    with connected(impatient) as sender:
        sender.sendall(head(start="HEAD /livez HTTP/1.1"))
        assert statuses(sender.recv(4096)) == [405]
        sender.sendall(b"POST")
        assert sender.recv(4096) == b""


def test_a_sender_whose_answer_takes_long_is_kept(impatient: int, sqlite_store: Store) -> None:
    with sqlite_store.transaction(), connected(impatient) as sender:
        sender.sendall(head(LENGTH, CLOSE) + BODY)
        assert statuses(sender.recv(4096)) == [503]  # after twice the patience with a head


def test_an_answer_leaves_at_once() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
