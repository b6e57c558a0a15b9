"""Whatever is sent, the receiver answers by its table; what nobody signed is never stored."""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copy

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pim.event_platform import EVENT_TYPES
from storage import Store, open_store
from tests.property.receiver_world import (
    EVENTS_API,
    LIMIT,
    PLATFORM,
    PLATFORM_SECRET,
    PRIMARY,
    SECONDARY,
    SECRET,
    SIGNATURE,
    TIMESTAMP,
    Spoken,
    World,
    events_in,
    expected_status,
    receiver_world,
    signed,
    signed_by_platform,
)

SPOKEN = pytest.mark.parametrize("spoken", [EVENTS_API, PLATFORM], ids=["events", "platform"])

DEEP = b'{"events":[' + b"[" * 10_000 + b"]" * 10_000 + b"]}"
EVENT: dict[str, object] = {
    "action": "product.removed",
    "event_id": "0",
    "event_datetime": "2026-11-23T10:00:00+00:00",
    "author": "julia",
    "author_type": "ui",
    "data": {"resource": {"identifier": "lamp", "uuid": "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"}},
}

# Pieces that JSON is made of, and what parsers stumble over: together they are rarely valid.
PIECES = st.sampled_from(
    [b"{", b"}", b"[", b"]", b",", b":", b'"', b'"events"', b'"event_id"', b'"data"', b"NaN",
     b"-Infinity", b"1e400", b"9" * 400, b"-0", b"0.1", b"null", b"true", b'"\\ud800"', b"\\",
     b"\xff", b"\xef\xbb\xbf", b"\x00", b'"\\u0000"', b" ", b"\xed\xa0\x80", b"/*", b'{"events":[',
     b"]}"]
)  # fmt: skip
NUMBERS = st.sampled_from(["1e400", "-1e-999", "9" * 400, "0.10", "12345678901234567890123"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.sampled_from(["\ud800", "\0"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@st.composite
def batches(draw: st.DrawFn) -> bytes:
    """Valid JSON: a batch of whole, half and odd events; ids few enough to repeat."""
    count = draw(st.integers(0, 4))
    events = [draw(_events()) for _ in range(count)]
    ascii_only = draw(st.booleans()) or "\\ud" in json.dumps(events)
    text = json.dumps({"events": events}, ensure_ascii=ascii_only)
    number = draw(st.none() | NUMBERS)
    if number is not None:
        text = text.replace('"lamp"', number)
    head = draw(st.sampled_from(["{", '{"events":[{"event_id":"x"}],', '{"events":7,']))
    return (head + text[1:]).encode()  # a key said twice: the last one counts


@st.composite
def _events(draw: st.DrawFn) -> object:
    event = EVENT | {"event_id": draw(st.sampled_from(["a", "b", "c", "", " ", "\ud800"]))}
    for name in draw(st.sets(st.sampled_from(sorted(EVENT)), max_size=2)):
        if draw(st.booleans()):
            event[name] = draw(VALUES)
        else:
            del event[name]
    return draw(st.one_of(st.just(event), st.just(event), VALUES))


CLOUD_EVENT: dict[str, object] = {
    "specversion": "1.0",
    "id": "0",
    "source": "akeneo-event-platform",
    "type": "com.akeneo.pim.v1.product.updated",
    "subject": "0190fe8a-6213-76ce-8a9f-ba36a5ef555a",
    "datacontenttype": "application/json",
    "time": None,
    "data": {
        "product": {"uuid": "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"},
        "author": {"identifier": "julia", "type": "user"},
    },
}


@st.composite
def cloud_events(draw: st.DrawFn) -> bytes:
    """Valid JSON: one CloudEvent, whole or odd; ids and types few enough to repeat."""
    types = sorted(f"com.akeneo.pim.v1.{name}" for name in EVENT_TYPES)
    event = CLOUD_EVENT | {
        "id": draw(st.sampled_from(["a", "b", "", " ", "\ud800"])),
        "type": draw(st.sampled_from([*types, "com.akeneo.pim.v1.unheard.of", ""])),
    }
    for name in draw(st.sets(st.sampled_from(sorted(CLOUD_EVENT)), max_size=2)):
        if draw(st.booleans()):
            event[name] = draw(VALUES)
        else:
            del event[name]
    return json.dumps(event).encode()


BODIES = st.one_of(
    st.just(b""),
    cloud_events(),
    batches(),
    batches().map(lambda body: body[:-1]),
    batches().map(lambda body: body + b"}"),
    batches().map(lambda body: body.decode().encode("utf-16")),
    batches().map(lambda body: b"\xef\xbb\xbf" + body),
    st.lists(PIECES, max_size=12).map(b"".join),
    st.binary(max_size=60),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.integers(LIMIT - 1, LIMIT + 2).map(lambda size: b"x" * size),
)


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    file = tmp_path_factory.mktemp("receiver") / "store.db"
    copy(sqlite_template, file)
    store: Store
    with closing(open_store(f"sqlite:///{file}")) as store, receiver_world(store) as running:
        yield running


@SPOKEN
@given(body=BODIES)
@example(DEEP)
@example(b'{"events":[1e400,{"event_id":"x","event_id":"y"}]}')
@example(json.dumps(CLOUD_EVENT).encode())
@settings(max_examples=60, deadline=None)
def test_a_signed_delivery_is_answered_by_the_table_and_its_events_add_up(
    world: World, spoken: Spoken, body: bytes
) -> None:
    before = world.kept()

    answer = world.deliver(body, spoken.sign(body), spoken.path)

    assert answer.status_code == spoken.status(body, is_signed=True)
    after = world.kept()
    if answer.status_code != 200:
        assert list(answer.json()) == ["detail"]
        assert after.due == before.due
        assert after.batches == before.batches + (answer.status_code == 400)
        return
    receipt = answer.json()
    events = spoken.events(body) or 0
    assert sum(receipt.values()) == events
    assert after.due - before.due == receipt["accepted"]
    assert after.batches - before.batches == spoken.batches_for(body)
    again = world.deliver(body, spoken.sign(body), spoken.path).json()
    assert again == {"accepted": 0, "duplicates": events, "invalid": 0}


_DIGITS = st.text("0123456789", min_size=1, max_size=14)
STAMPS = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.integers(301, 10**6).map(lambda age: str(int(time.time()) - age)),
    st.integers(310, 10**6).map(lambda ahead: str(int(time.time()) + ahead)),
    st.sampled_from(
        ["+1", "1e9", "1.5", "nan", "0x10", "", " ", "1_000", "\uff19", "²", "9" * 5000]
    ),
    _DIGITS,
)


def _is_now(stamp: str) -> bool:
    plain = stamp.isascii() and stamp.isdigit()
    return plain and len(stamp) < 13 and abs(int(stamp) - time.time()) < 302


@given(body=BODIES, stamp=STAMPS.filter(lambda stamp: not _is_now(stamp)))
@settings(max_examples=60, deadline=None)
def test_the_right_signature_of_another_time_opens_nothing(
    world: World, body: bytes, stamp: str
) -> None:
    before = world.kept()

    headers = [(name, value) for name, value in signed(body, timestamp=stamp or " ")]
    headers[1] = (TIMESTAMP.encode(), stamp.encode())
    answer = world.deliver(body, headers)

    assert answer.status_code == expected_status(body, is_signed=False)
    assert world.kept() == before


@st.composite
def forged_headers(draw: st.DrawFn, body: bytes) -> list[tuple[bytes, bytes]]:
    """Headers that are nearly right."""
    good = signed(body)
    signature, stamp = (value.decode() for _, value in good)
    other = draw(
        st.sampled_from(
            [signature.upper() if signature.upper() != signature else "0", signature[:-1],
             signature + "0", signature[:20] + " " + signature[20:], f"sha256={signature}",
             f'"{signature}"', "0" * 64, f"{signature},{signature}", "é", "", "x" * 20_000]
        )
    )  # fmt: skip
    name = SIGNATURE.encode()
    return draw(
        st.sampled_from(
            [
                [good[0]],
                [good[1]],
                [],
                [(name, other.encode()), good[1]],
                [good[0], good[0], good[1]],
                [good[0], good[1], (TIMESTAMP.encode(), b"0")],
                [good[0], (TIMESTAMP.encode(), str(int(stamp) + 1).encode())],
                signed(body + b" "),
                signed(body, secret=SECRET + "x"),
                signed(body, secret=SECRET[:-1]),
            ]
        )
    )


@st.composite
def headers_of_no_platform(draw: st.DrawFn, body: bytes) -> list[tuple[bytes, bytes]]:
    """Headers that are nearly right, for the dialect that signs the body alone."""
    ((name, good),) = signed_by_platform(body)
    signature = good.decode()
    other = draw(
        st.sampled_from(
            [signature[:-1], signature + "0", f"sha256={signature}", f'"{signature}"', "0" * 64,
             f"{signature},{signature}", "é", "", "x" * 20_000]
        )
    )  # fmt: skip
    return draw(
        st.sampled_from(
            [
                [],
                signed(body),
                [(name, other.encode())],
                [(name, good), (name, good)],
                [(PRIMARY.encode(), b"0" * 64), (SECONDARY.encode(), other.encode())],
                [(SIGNATURE.encode(), good)],
                signed_by_platform(body + b" "),
                signed_by_platform(body, secret=PLATFORM_SECRET + "x"),
                signed_by_platform(body, secret=SECRET),
            ]
        )
    )


@SPOKEN
@given(data=st.data(), body=BODIES)
@settings(max_examples=60, deadline=None)
def test_a_forgery_is_never_stored(
    world: World, spoken: Spoken, data: st.DataObject, body: bytes
) -> None:
    before = world.kept()
    forged = forged_headers if spoken is EVENTS_API else headers_of_no_platform

    answer = world.deliver(body, data.draw(forged(body)), spoken.path)

    assert answer.status_code == spoken.status(body, is_signed=False)
    assert world.kept() == before


@SPOKEN
@given(body=batches().filter(lambda body: 0 < len(body) <= LIMIT and events_in(body) is not None))
@settings(max_examples=10, deadline=None)
def test_headers_that_nobody_signed_change_nothing(
    world: World, spoken: Spoken, body: bytes
) -> None:
    odd = [
        (b"Content-Encoding", b"gzip"),
        (b"Content-Type", b"text/xml; charset=utf-16"),
        (b"X-HTTP-Method-Override", b"DELETE"),
        (b"X-Forwarded-For", b"\xff\xfe"),
        (b"Expect", b"100-continue"),
        (b"User-Agent", b"x" * 8000),
        (b"ce-id", b"another"),
        (b"ce-type", b"com.akeneo.pim.v1.product.deleted"),
    ]
    assert world.deliver(body, [*spoken.sign(body), *odd], spoken.path).status_code == 200
