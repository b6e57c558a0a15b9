"""Whatever arrives is a batch or is rejected, and whatever is kept can be stored."""

import json
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pim.errors import BatchRejected
from pim.events import Batch, Event, InvalidEvent, parse_batch
from pim.json_types import JsonValue
from pim.texts import MAX_KEY_LENGTH
from pim.vocabulary import Action, ResourceKind

STRINGS = st.one_of(
    st.text(st.characters(), max_size=10),
    st.sampled_from(["\ud800", "\x00", "x" * 300, " ", "2020-01-01T00:00:00+01:00", "7F3C"]),
    st.sampled_from([action.value for action in Action]),
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    STRINGS,
)
NAMES = st.sampled_from(
    ["action", "event_id", "event_datetime", "author", "author_type", "data", "resource", "uuid",
     "identifier", "code", "updated"]
)  # fmt: skip
ANY: st.SearchStrategy[JsonValue] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(NAMES, STRINGS), inner, max_size=4)
    ),
    max_leaves=15,
)
RESOURCES = st.dictionaries(NAMES, st.one_of(STRINGS, ANY), max_size=4)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "action": st.one_of(st.sampled_from([a.value for a in Action]), ANY),
        "event_id": st.one_of(STRINGS, ANY),
        "event_datetime": st.one_of(st.datetimes().map(str), ANY),
        "author": ANY,
        "author_type": ANY,
        "data": st.one_of(st.fixed_dictionaries({"resource": RESOURCES}), ANY),
    },
)


def _strings(item: Event | InvalidEvent) -> list[str]:
    names = ("event_id", "action", "uuid", "identifier", "code", "author", "author_type", "reason")
    found = [getattr(item, name, None) for name in names]
    return [text for text in found if text is not None]


def _assert_storable(batch: Batch) -> None:
    items: list[Event | InvalidEvent] = [*batch.events, *batch.invalid]
    for item in items:
        assert item.event_id
        for text in _strings(item):
            assert "\x00" not in text
            text.encode()
            assert len(text) <= 2 * MAX_KEY_LENGTH  # lower case can be longer, never twice


def _assert_usable(event: Event) -> None:
    match event.kind:
        case ResourceKind.PRODUCT:
            assert event.uuid or event.identifier
        case ResourceKind.PRODUCT_MODEL:
            assert event.code
        case ResourceKind.STRUCTURE | ResourceKind.OTHER:
            assert event.action not in set(map(str, Action))
    for instant in (event.occurred_at, event.resource_updated):
        assert instant is None or instant.utcoffset() == timedelta(0)


def _batch_or_reason(body: bytes) -> Batch | str:
    try:
        return parse_batch(body)
    except BatchRejected as rejected:
        return rejected.detail


@given(st.binary(max_size=200))
@example(b'{"events":[{}]}')
@example(b"\xef\xbb\xbf{}")
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_batch_or_are_rejected(body: bytes) -> None:
    read = _batch_or_reason(body)
    if isinstance(read, Batch):
        _assert_storable(read)
    else:
        assert read


@given(ANY)
@settings(max_examples=150, deadline=None)
def test_json_without_a_list_of_events_is_rejected(sent: JsonValue) -> None:
    assert isinstance(_batch_or_reason(json.dumps(sent).encode()), str)


@given(st.lists(st.one_of(EVENTS, ANY), max_size=5))
@settings(max_examples=250, deadline=None)
def test_every_event_sent_is_kept_as_usable_or_with_a_reason(events: list[JsonValue]) -> None:
    batch = parse_batch(json.dumps({"events": events}).encode())
    assert len(batch.events) + len(batch.invalid) == len(events)
    _assert_storable(batch)
    for event in batch.events:
        _assert_usable(event)
    assert all(bad.reason for bad in batch.invalid)


@given(st.lists(st.one_of(EVENTS, ANY), max_size=3))
@settings(max_examples=100, deadline=None)
def test_the_same_delivery_is_read_the_same_way(events: list[JsonValue]) -> None:
    body = json.dumps({"events": events}).encode()
    assert parse_batch(body) == parse_batch(body)
