"""Deliveries of every PIM version, and of every kind of damage."""

import json
from datetime import UTC, datetime

import pytest

from pim.errors import BatchRejected
from pim.events import Batch, Event, InvalidEvent, parse_batch
from pim.json_types import JsonObject, JsonValue
from pim.vocabulary import Action, ResourceKind

UUID = "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"
NO_KEY = "data.resource has no uuid and no identifier"
BAD_KEYS = (
    "data.resource.uuid and data.resource.identifier is blank, too long, or not storable text"
)
BAD_KEY = "data.resource.identifier is blank, too long, or not storable text"
ID = "0b4c9c2e-6a55-4f0e-9a43-0d8d8f1f7a11"


def _event(
    action: JsonValue = "product.updated", *, resource: JsonValue = None, **changes: JsonValue
) -> JsonObject:
    event: JsonObject = {
        "action": action,
        "event_id": ID,
        "event_datetime": "2023-11-14T23:13:20+01:00",
        "author": "julia",
        "author_type": "ui",
        "pim_source": "https://pim.example.test",
        "data": {"resource": {"uuid": UUID} if resource is None else resource},
    }
    return {name: value for name, value in {**event, **changes}.items() if value != "absent"}


def _parse(*events: JsonValue) -> Batch:
    return parse_batch(json.dumps({"events": list(events)}).encode())


def _only(event: JsonValue) -> Event:
    batch = _parse(event)
    assert batch.invalid == ()
    return batch.events[0]


def _bad(event: JsonValue) -> InvalidEvent:
    batch = _parse(event)
    assert batch.events == ()
    return batch.invalid[0]


@pytest.mark.parametrize("action", [Action.PRODUCT_CREATED, Action.PRODUCT_UPDATED])
@pytest.mark.parametrize(
    ("keys", "uuid", "identifier"),
    [
        ({"identifier": "1111111171"}, None, "1111111171"),
        ({"uuid": UUID, "identifier": "Lamp-1"}, UUID, "Lamp-1"),
        ({"uuid": UUID, "identifier": None}, UUID, None),
        ({"uuid": UUID.upper()}, UUID, None),
    ],
    ids=["PIM 5 and 6", "7 without uuids", "7, no identifier", "7 with uuids"],
)
def test_product_events_of_every_version(
    action: Action, keys: JsonObject, uuid: str | None, identifier: str | None
) -> None:
    event = _only(_event(action.value, resource={**keys, "updated": "2024-03-05T10:10:11+01:00"}))
    assert event == Event(
        event_id=event.event_id,
        action=action.value,
        kind=ResourceKind.PRODUCT,
        removed=False,
        uuid=uuid,
        identifier=identifier,
        code=None,
        resource_updated=datetime(2024, 3, 5, 9, 10, 11, tzinfo=UTC),
        occurred_at=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        author="julia",
        author_type="ui",
    )
    assert event.event_id == ID


@pytest.mark.parametrize(
    ("resource", "uuid"),
    [({"identifier": "A"}, None), ({"identifier": "A", "uuid": UUID}, UUID)],
    ids=["PIM 5 and 6", "7"],
)
def test_a_removal_names_the_product_and_has_no_date(
    resource: JsonObject, uuid: str | None
) -> None:
    event = _only(
        _event("product.removed", resource={**resource, "updated": "2024-01-01T00:00:00Z"})
    )
    assert (event.removed, event.uuid, event.identifier) == (True, uuid, "A")
    assert event.resource_updated is None


@pytest.mark.parametrize(
    ("action", "removed"),
    [
        ("product_model.created", False),
        ("product_model.updated", False),
        ("product_model.removed", True),
    ],
)
def test_model_events_carry_the_code(action: str, removed: bool) -> None:  # noqa: FBT001 - parametrized
    event = _only(_event(action, resource={"code": "lamp_arc", "enabled": True}))
    assert (event.kind, event.code, event.removed) == (
        ResourceKind.PRODUCT_MODEL,
        "lamp_arc",
        removed,
    )
    assert (event.uuid, event.identifier) == (None, None)


def test_one_batch_may_mix_shapes_and_keeps_their_order() -> None:
    batch = _parse(
        _event(resource={"identifier": "a"}, event_id="1"),
        _event("product_model.removed", resource={"code": "m"}, event_id="2"),
        17,
        _event("product.removed", resource={"uuid": UUID, "identifier": None}, event_id="3"),
    )
    assert [event.event_id for event in batch.events] == ["1", "2", "3"]
    assert [bad.reason for bad in batch.invalid] == ["the event is not an object"]


def test_repeated_ids_stay_in_the_batch_in_order() -> None:
    batch = _parse(_event(resource={"uuid": "a"}), _event(resource={"uuid": "b"}))
    assert [(event.event_id, event.uuid) for event in batch.events] == [(ID, "a"), (ID, "b")]


def test_an_empty_batch_is_a_batch() -> None:
    assert parse_batch(b'{"events": [], "more": 1}') == Batch((), ())


@pytest.mark.parametrize("action", ["product.became-complete", "family.updated", "x"])
@pytest.mark.parametrize("data", ["absent", None, {"resource": {"uuid": 5}}, {"resource": {}}])
def test_an_unknown_action_is_kept(action: str, data: JsonValue) -> None:
    event = _only(_event(action, data=data))
    assert (event.action, event.kind, event.removed) == (action, ResourceKind.OTHER, False)


@pytest.mark.parametrize(
    "body",
    [
        b"", b" ", b"x", b"{", b"null", b"17", b'"events"', b"[]", b"{}", b'{"events": null}',
        b'{"events": {}}', b'{"events": [NaN]}', b'{"events": [Infinity]}', b'{"events": ["\xff"]}',
        b"\xef\xbb\xbf{}", b'{"events": []} x', b'{"events":' + b"[" * 100_000,
        b'{"events": ["\\ud800", NaN]}', b'{"events": ["\\ud800"], "x": ' + b"[" * 100_000,
        b'{"events": ["\\ud800\xff"]}',
    ],
)  # fmt: skip
def test_what_is_no_batch_is_rejected_with_a_reason(body: bytes) -> None:
    with pytest.raises(BatchRejected) as caught:
        parse_batch(body)
    assert caught.value.detail
    assert "\n" not in caught.value.detail


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (_event(event_id="absent"), "no usable event_id"),
        (_event(event_id=None), "no usable event_id"),
        (_event(event_id=5), "no usable event_id"),
        (_event(event_id=""), "no usable event_id"),
        (_event(event_id="a\x00b"), "no usable event_id"),
        (_event(event_id="x" * 256), "no usable event_id"),
    ],
)
def test_an_event_without_usable_id_gets_one_from_its_content(
    event: JsonObject, reason: str
) -> None:
    first, again = _bad(event), _bad(dict(reversed(event.items())))
    assert first.reason == reason
    assert first.event_id.startswith("derived-")
    assert first.event_id == again.event_id
    assert first.event_id != _bad({**event, "author": "peter"}).event_id
    assert first.action == "product.updated"


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (_event(action="absent"), "no action"),
        (_event(action=None), "no action"),
        (_event(action=["product.updated"]), "no action"),
        (_event(data="absent"), "no data.resource"),
        (_event(data=[]), "no data.resource"),
        (_event(data={"resource": None}), "no data.resource"),
        (_event(resource=[]), "no data.resource"),
        (_event(resource={}), NO_KEY),
        (_event(resource={"uuid": None, "identifier": None}), NO_KEY),
        (_event(resource={"uuid": 5.0, "identifier": ["a"]}), BAD_KEYS),
        (_event(resource={"identifier": " \t "}), BAD_KEY),
        (_event(resource={"identifier": "a\x00"}), BAD_KEY),
        (_event(resource={"uuid": None, "identifier": "x" * 1_000_000}), BAD_KEY),
        (_event("product_model.updated", resource={"uuid": UUID}), "data.resource has no code"),
        (_event("product_model.updated", resource={"code": ""}), "data.resource has no code"),
    ],
)  # fmt: skip
def test_an_unusable_event_keeps_its_id_and_says_why(event: JsonObject, reason: str) -> None:
    assert _bad(event) == InvalidEvent(_bad(event).event_id, _bad(event).action, reason)
    assert _bad(event).event_id == ID


def test_half_an_emoji_spoils_only_the_event_it_is_in() -> None:
    good = json.dumps(_event(resource={"identifier": "a", "values": {"name": "\ud83d"}}))
    bad = json.dumps(_event(resource={"identifier": "a\ud800"}, event_id="2"))
    nameless = json.dumps(_event(event_id="\udfff"))
    batch = parse_batch(f'{{"events": [{good}, {bad}, {nameless}]}}'.encode())
    assert [event.identifier for event in batch.events] == ["a"]
    assert [bad.event_id[:8] for bad in batch.invalid] == ["2", "derived-"]


def test_authors_and_actions_can_always_be_stored() -> None:
    event = _only(_event("a\x00" + "b" * 1000, author="\x00x" * 1000, author_type=7))
    assert event.action.startswith("a\N{REPLACEMENT CHARACTER}b")
    assert event.author is not None
    assert (len(event.action), len(event.author)) == (255, 255)
    assert event.author_type is None


def test_a_large_delivery_is_read() -> None:
    text = "x" * 1_600_000
    events = [
        _event(resource={"uuid": UUID, "values": {"a": text}}, event_id=str(n)) for n in range(10)
    ]
    assert len(_parse(*events).events) == 10


def test_deep_content_costs_nothing_but_itself() -> None:
    deep = '{"a":' * 900 + "1" + "}" * 900
    event = json.dumps(_event(resource={"uuid": UUID, "values": "deep"})).replace('"deep"', deep)
    batch = parse_batch(f'{{"events": [{event}, {deep}]}}'.encode())
    assert len(batch.events) == 1
    assert batch.invalid[0].event_id.startswith("derived-")
