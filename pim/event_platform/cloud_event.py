"""Deliveries of the Event Platform: one CloudEvent each, in the structured mode.

Id, type and time are read from the signed body alone: headers (`ce-…`) are signed by nobody.
Members that are not known are let be.
"""

from collections.abc import Iterator

from pim.errors import BatchRejected
from pim.event_platform.delta import describe_changes
from pim.event_platform.types import EVENT_TYPES, PREFIX, EventType, Path
from pim.events import (
    Batch,
    Event,
    InvalidEvent,
    UnusableError,
    derived_id,
    label_of,
    load_body,
    say_nameless,
    usable_name,
)
from pim.ids import EventId
from pim.json_types import JsonObject, JsonValue
from pim.structure import Reference
from pim.texts import is_usable_key, parse_instant
from pim.vocabulary import ResourceKind

_UNKNOWN = EventType(ResourceKind.OTHER, ())
_NAMES = {
    ResourceKind.PRODUCT: ("uuid", "identifier"),
    ResourceKind.PRODUCT_MODEL: ("code",),
    ResourceKind.STRUCTURE: ("code",),
    ResourceKind.OTHER: ("client_id",),
}


def parse_cloud_event(body: bytes) -> Batch:
    """Read one delivery: an event, or why it is none; never neither.

    What is signed and cannot be used is an `InvalidEvent`, to be kept and shown: an answer other
    than 200 would count against the subscription.
    """
    try:
        sent = load_body(body)
    except BatchRejected as error:
        return _invalid(body.decode("utf-8", "replace"), None, error.detail)
    if not isinstance(sent, dict):
        return _invalid(sent, None, "the delivery is no CloudEvent: not an object")
    action = label_of(sent.get("type"))
    event_id = sent.get("id")
    if not action:
        return _invalid(sent, None, "the delivery is no CloudEvent: it has no `type`")
    if not isinstance(event_id, str) or not is_usable_key(event_id):
        return _invalid(sent, action, "no usable id")
    try:
        return Batch((_read_event(EventId(event_id), action, sent),), ())
    except UnusableError as unusable:
        return Batch((), (InvalidEvent(EventId(event_id), action, str(unusable)),))


def _invalid(content: JsonValue, action: str | None, reason: str) -> Batch:
    return Batch((), (InvalidEvent(derived_id(content), action, reason),))


def _read_event(event_id: EventId, action: str, sent: JsonObject) -> Event:
    kind_of = EVENT_TYPES.get(action.removeprefix(PREFIX), _UNKNOWN)
    if not action.startswith(PREFIX):
        kind_of = _UNKNOWN
    data = _object(sent.get("data"))
    keys, thing = _find_names(kind_of, data)
    author = _object(data.get("author"))
    uuid = keys.get("uuid")
    item = _item(kind_of, data, keys)
    return Event(
        event_id=event_id,
        action=action,
        kind=kind_of.kind,
        removed=kind_of.removed,
        uuid=None if uuid is None else uuid.lower(),
        identifier=keys.get("identifier"),
        code=keys.get("client_id") or keys.get("code"),
        resource_updated=None,
        occurred_at=parse_instant(sent.get("time")),
        author=label_of(author.get("identifier")),
        author_type=label_of(author.get("type")),
        item=item,
        hint=describe_changes(_object(thing.get("changes"))),
    )


def _find_names(kind_of: EventType, data: JsonObject) -> tuple[dict[str, str], JsonObject]:
    """The names of an event's thing, and the member of `data` that has them.

    Raises:
        UnusableError: it is to be read, and has none.
    """
    names = _NAMES[kind_of.kind]
    things = list(_things(kind_of, data))
    for thing in things:
        keys = {name: key for name in names if (key := usable_name(thing, name)) is not None}
        if keys:
            return keys, thing
    if kind_of.kind is ResourceKind.OTHER:
        return {}, {}
    where = ".".join(("data", *kind_of.names[0]))
    raise UnusableError(say_nameless(things[0] if things else {}, names, where=where))


def _things(kind_of: EventType, data: JsonObject) -> Iterator[JsonObject]:
    for path in kind_of.names:
        thing = _follow(data, path)
        if thing:
            yield thing


def _item(kind_of: EventType, data: JsonObject, keys: dict[str, str]) -> Reference | None:
    if kind_of.item is None:
        return None
    parent = ""
    if kind_of.parent is not None:
        above = usable_name(_follow(data, kind_of.parent), "code")
        if above is None:
            where = ".".join(("data", *kind_of.parent, "code"))
            raise UnusableError(f"{where} is missing or not usable")
        parent = above
    return Reference(kind_of.item, parent, keys["code"])


def _follow(data: JsonObject, path: Path) -> JsonObject:
    found = data
    for name in path:
        found = _object(found.get(name))
    return found


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
