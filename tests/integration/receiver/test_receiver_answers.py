import gzip
from datetime import timedelta

import pytest

from receiver.config import MEBIBYTE
from storage.database.store import Store
from tests.integration.receiver.receiver_scene import (
    PATH,
    SECRET,
    a_batch,
    event,
    in_pieces,
    now,
    refusals,
    running,
    signed,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """One kind of store: what is tested here happens before it, or is tested with it."""
    return sqlite_store


async def test_a_batch_is_stored_and_its_events_are_counted(store: Store) -> None:
    body = a_batch(event("e-1"), event("e-2"), {"event_id": "e-3", "action": "product.removed"})
    async with running(store) as receiver:
        answer = await receiver.deliver(body)
        assert (answer.status_code, answer.json()) == (
            200,
            {"accepted": 2, "duplicates": 0, "invalid": 1},
        )
        assert receiver.bodies() == [body]
        assert receiver.due() == 2
        assert receiver.trigger.woken == 1


async def test_an_event_id_seen_before_is_a_duplicate_even_with_other_content(
    store: Store,
) -> None:
    async with running(store) as receiver:
        await receiver.deliver(a_batch(event("e-1")))
        other = event("e-1", action="product_model.removed", data={"resource": {"code": "x"}})
        answer = await receiver.deliver(a_batch(other, event("e-2"), event("e-2")))
        assert answer.json() == {"accepted": 1, "duplicates": 2, "invalid": 0}
        assert receiver.due() == 2


async def test_a_batch_without_events_is_accepted(store: Store) -> None:
    async with running(store) as receiver:
        answer = await receiver.deliver(a_batch())
        assert (answer.status_code, answer.json()) == (
            200,
            {"accepted": 0, "duplicates": 0, "invalid": 0},
        )


async def test_the_test_button_is_answered_and_not_stored(store: Store) -> None:
    async with running(store) as receiver:
        answer = await receiver.deliver(b"")
        assert (answer.status_code, answer.json()) == (
            200,
            {"accepted": 0, "duplicates": 0, "invalid": 0},
        )
        assert receiver.bodies() == []


async def test_the_test_button_must_be_signed_too(store: Store) -> None:
    async with running(store) as receiver:
        answer = await receiver.deliver(b"", signed(b"", secret="another"))
        assert answer.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b'{"events":{}}',
        b'{"event":[]}',
        b'{"events":[NaN]}',
        b'{"events":["\xff"]}',
        b'{"events":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        gzip.compress(b'{"events":[]}'),
    ],
    ids=["cut", "list", "null", "no list", "no events", "NaN", "bad UTF-8", "deep", "gzip"],
)
async def test_what_is_no_batch_is_refused_and_kept(store: Store, body: bytes) -> None:
    async with running(store) as receiver:
        answer = await receiver.deliver(body)
        assert answer.status_code == 400
        detail = answer.json()["detail"]
        assert receiver.rejections() == [(body, detail)]
        assert receiver.due() == 0
    assert refusals(store)["unreadable"].count == 1


async def test_the_raw_bytes_are_signed_whatever_their_encoding_claims(store: Store) -> None:
    body = a_batch(event())
    async with running(store) as receiver:
        answer = await receiver.deliver(body, signed(body) | {"Content-Encoding": "gzip"})
        assert answer.json()["accepted"] == 1


@pytest.mark.parametrize("secret", [SECRET, "fixture-secret-2"])
async def test_any_known_secret_is_accepted(store: Store, secret: str) -> None:
    body = a_batch(event())
    async with running(store, secrets=[SECRET, "fixture-secret-2"]) as receiver:
        answer = await receiver.deliver(body, signed(body, secret=secret))
        assert answer.status_code == 200


async def test_without_a_secret_every_delivery_is_refused(store: Store) -> None:
    body = a_batch(event())
    async with running(store, secrets=[]) as receiver:
        answer = await receiver.deliver(body, signed(body, secret=""))
        assert answer.status_code == 401


SIGNATURE, TIMESTAMP = "X-Akeneo-Request-Signature", "X-Akeneo-Request-Timestamp"


@pytest.mark.parametrize(
    "changes",
    [
        [(SIGNATURE, None)],
        [(TIMESTAMP, None)],
        [(SIGNATURE, b"")],
        [(SIGNATURE, b"0" * 64)],
        [(SIGNATURE, "é".encode())],
        [(SIGNATURE, b"\xff\xfe")],
        [(TIMESTAMP, b"1700000000")],
        [(TIMESTAMP, b"-5")],
        [(TIMESTAMP, b"9" * 5000)],
        [(TIMESTAMP, b"1e9")],
        [(TIMESTAMP, b"nan")],
        [(TIMESTAMP, "١٢٣".encode())],
        [(TIMESTAMP, "²".encode("latin-1"))],
        [(TIMESTAMP, b"")],
    ],
    ids=repr,
)
async def test_whatever_the_headers_hold_a_forgery_is_refused_and_not_stored(
    store: Store, changes: list[tuple[str, bytes | None]]
) -> None:
    body = a_batch(event())
    headers: dict[str, str | bytes] = dict(signed(body))
    for name, value in changes:
        headers.pop(name)
        if value is not None:
            headers[name] = value
    async with running(store) as receiver:
        raw = [(name.encode(), _bytes(value)) for name, value in headers.items()]
        answer = await receiver.client.post(PATH, content=body, headers=raw)
        assert answer.status_code == 401
        assert list(answer.json()) == ["detail"]
        assert receiver.bodies() == []
        assert receiver.trigger.woken == 0


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


@pytest.mark.parametrize("name", [SIGNATURE, TIMESTAMP])
async def test_a_repeated_header_is_refused(store: Store, name: str) -> None:
    body = a_batch(event())
    good = [(key.encode(), value.encode()) for key, value in signed(body).items()]
    async with running(store) as receiver:
        for second in (b"0", dict(signed(body))[name].encode()):
            headers = [*good, (name.encode(), second)]
            answer = await receiver.client.post(PATH, content=body, headers=headers)
            assert answer.status_code == 401
        assert receiver.bodies() == []


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_clock_that_is_off_is_refused_and_said(store: Store, minutes: int) -> None:
    body = a_batch(event())
    async with running(store) as receiver:
        headers = signed(body, at=now() + timedelta(minutes=minutes))
        assert (await receiver.deliver(body, headers)).status_code == 401
        assert receiver.bodies() == []
    detail = refusals(store)["clock_off"].detail
    assert detail in {f"clock off by {60 * minutes} s", f"clock off by {60 * minutes - 1} s"}


async def test_a_long_body_is_refused_before_it_is_read(store: Store) -> None:
    async with running(store, max_body_bytes=1000) as receiver:
        answer = await receiver.client.post(
            PATH, content=in_pieces(b"x"), headers={"Content-Length": "1001"}
        )
        assert answer.status_code == 413
        answer = await receiver.client.post(
            PATH, content=in_pieces(b"x"), headers={"Content-Length": "9" * 5000}
        )
        assert answer.status_code == 413


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "10"}, {"Content-Length": "²"}])
async def test_a_long_body_is_counted_while_it_arrives(
    store: Store, headers: dict[str, str]
) -> None:
    body = a_batch(event())
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    async with running(store, max_body_bytes=1000) as receiver:
        answer = await receiver.client.post(PATH, content=in_pieces(b"x" * 1001), headers=raw)
        assert answer.status_code == 413
        assert (await receiver.deliver(body)).status_code == 200
    assert refusals(store)["too_large"].count == 1


async def test_length_is_judged_before_the_signature(store: Store) -> None:
    async with running(store, max_body_bytes=1000) as receiver:
        answer = await receiver.client.post(PATH, content=b"x" * 1001)
        assert answer.status_code == 413


async def test_the_signature_is_judged_before_the_content(store: Store) -> None:
    async with running(store) as receiver:
        assert (await receiver.deliver(b"{", signed(b"["))).status_code == 401
        assert receiver.bodies() == []


async def test_a_body_of_the_limit_is_taken(store: Store) -> None:
    long = event()
    long["padding"] = "x" * MEBIBYTE
    body = a_batch(long)
    async with running(store, max_body_bytes=len(body)) as receiver:
        assert (await receiver.deliver(body)).json()["accepted"] == 1
        assert receiver.bodies() == [body]


async def test_bodies_that_do_not_fit_into_memory_together_are_refused(store: Store) -> None:
    body = a_batch(event())
    async with running(store, max_reserved_bytes=len(body) - 1) as receiver:
        assert (await receiver.deliver(body)).status_code == 503
    assert refusals(store)["too_much_at_once"].count == 1


async def test_memory_is_given_back_when_a_delivery_is_answered(store: Store) -> None:
    bodies = [a_batch(event()) for _ in range(5)]
    async with running(store, max_reserved_bytes=len(bodies[0])) as receiver:
        for body in bodies:
            assert (await receiver.deliver(body)).status_code == 200
            assert (await receiver.deliver(body, signed(b""))).status_code == 401


async def test_a_flood_of_forgeries_is_counted_exactly(store: Store) -> None:
    async with running(store) as receiver:
        for _ in range(300):
            await receiver.deliver(b"{}", signed(b"x"))
    assert refusals(store)["signature_unknown"].count == 300


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
async def test_other_methods_are_not_allowed(store: Store, method: str) -> None:
    async with running(store) as receiver:
        answer = await receiver.client.request(method, PATH)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("path", [f"{PATH}/", "/", "/docs", "/webhooks"])
async def test_other_paths_are_not_found_and_lead_nowhere(store: Store, path: str) -> None:
    async with running(store) as receiver:
        assert (await receiver.client.post(path)).status_code == 404


async def test_the_interface_is_described(store: Store) -> None:
    async with running(store) as receiver:
        described = (await receiver.client.get("/openapi.json")).json()
    answers = described["paths"][PATH]["post"]["responses"]
    assert set(answers) == {"200", "400", "401", "408", "413", "503"}
