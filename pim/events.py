"""Events of a delivery of the Events API: each usable one, or why it is not.

A batch is one JSON object with a list `events`, at most ten by default, told apart one by one: PIM
5 and 6 name a product by `identifier`, 7 and SaaS by `uuid` with or without a top-level
`identifier` (the subscription's "use UUID" toggle), and a removal carries the keys only. One bad
event never costs the others: it becomes an `InvalidEvent` with a plain reason.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import orjson

from pim.canonical import dump_bytes, parse_json
from pim.errors import BatchRejected
from pim.ids import EventId
from pim.json_types import JsonObject, JsonValue, as_code, as_list
from pim.structure import Reference
from pim.texts import is_usable_key, parse_instant, storable
from pim.vocabulary import Action, ResourceKind

MAX_EVENTS = 10_000
"""How many events of one delivery are taken one by one: a thousand times what the PIM sends.

16 MiB hold eight million JSON values; a row for each would keep the writer for half a minute.
"""

_MAX_LABEL_LENGTH = 255
"""Actions and authors are shown, not looked up: longer ones are cut."""

_KINDS = {action.value: ResourceKind(action.partition(".")[0]) for action in Action}
_REMOVALS = frozenset({Action.PRODUCT_REMOVED.value, Action.MODEL_REMOVED.value})
_NAMES: dict[ResourceKind, tuple[str, ...]] = {
    ResourceKind.PRODUCT: ("uuid", "identifier"),
    ResourceKind.PRODUCT_MODEL: ("code",),
    ResourceKind.STRUCTURE: (),
    ResourceKind.OTHER: (),
}


@dataclass(frozen=True, slots=True)
class Event:
    """One usable event, of either dialect.

    `action` is as sent (unknown ones too: kind `other`). A product has `uuid` (lower case) or
    `identifier` (as written) or both; a model has `code`; of the structure it is about `item`.
    `resource_updated` is the resource's own `updated`, for created and updated only; instants are
    aware UTC. `hint` names what changed, where the event says so. All strings can be stored as
    text: no NUL, no lone surrogate, at most 255 characters (`hint`: 500).
    """

    event_id: EventId
    action: str
    kind: ResourceKind
    removed: bool
    uuid: str | None
    identifier: str | None
    code: str | None
    resource_updated: datetime | None
    occurred_at: datetime | None
    author: str | None
    author_type: str | None
    item: Reference | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class InvalidEvent:
    """An event that can never be processed; `event_id` as sent, or `derived-…` from its content.

    `stands_for` is how many events of the delivery it is: more than one for all those past
    `MAX_EVENTS` together.
    """

    event_id: EventId
    action: str | None
    reason: str
    stands_for: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """A delivery's events in the order sent; ids may repeat within it (keep the first)."""

    events: tuple[Event, ...]
    invalid: tuple[InvalidEvent, ...]

    @property
    def size(self) -> int:
        """How many events the delivery brought."""
        return len(self.events) + sum(bad.stands_for for bad in self.invalid)


def parse_batch(body: bytes) -> Batch:
    """Read a delivery's body, any number of events, none included.

    The first `MAX_EVENTS` are read one by one; all others together are one invalid event.

    Raises:
        BatchRejected: not JSON, not an object with a list `events`, NaN, bad UTF-8, too deep.
    """
    sent = load_body(body)
    found = sent.get("events") if isinstance(sent, dict) else None
    items = as_list(found)
    if not items and found != []:
        raise BatchRejected("not an object with a list `events`")
    events: list[Event] = []
    invalid: list[InvalidEvent] = []
    for item in islice(items, MAX_EVENTS):
        match _parse_event(item):
            case Event() as event:
                events.append(event)
            case InvalidEvent() as bad:
                invalid.append(bad)
    if len(items) > MAX_EVENTS:
        invalid.append(_rest_of(body, len(items) - MAX_EVENTS))
    return Batch(tuple(events), tuple(invalid))


def _rest_of(body: bytes, count: int) -> InvalidEvent:
    """What stands for the events past the limit; the same for the same delivery sent again."""
    reason = (
        f"{count} events past the first {MAX_EVENTS} of one delivery were not taken one by one; "
        "`akeneo-sync reconcile --full` finds what they changed"
    )
    return InvalidEvent(_id_from(body), None, reason, stands_for=count)


def load_body(body: bytes) -> JsonValue:
    """Read a body as JSON.

    Raises:
        BatchRejected: it is none.
    """
    try:
        value: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _load_patiently(body)
    return value


def _load_patiently(body: bytes) -> JsonValue:
    """Half an emoji or a number past all bounds is one event's own fault, not the batch's.

    orjson refuses the whole.
    """
    try:
        return parse_json(body)
    except ValueError as error:
        raise BatchRejected(f"not JSON: {error}") from error


class UnusableError(Exception):
    """The plain reason why an event cannot be used, on its way to where the dead letter is made."""


def _parse_event(item: JsonValue) -> Event | InvalidEvent:
    if not isinstance(item, dict):
        return InvalidEvent(derived_id(item), None, "the event is not an object")
    sent_id = item.get("event_id")
    action = label_of(item.get("action"))
    if not isinstance(sent_id, str) or not is_usable_key(sent_id):
        return InvalidEvent(derived_id(item), action, "no usable event_id")
    if not action:
        return InvalidEvent(EventId(sent_id), None, "no action")
    try:
        return _read_event(EventId(sent_id), action, item)
    except UnusableError as unusable:
        return InvalidEvent(EventId(sent_id), action, str(unusable))


def _read_event(event_id: EventId, action: str, item: JsonObject) -> Event:
    kind = _KINDS.get(action, ResourceKind.OTHER)
    resource = _resource_of(item, kind)
    names = _NAMES[kind]
    keys = {name: usable_name(resource, name) for name in names}
    if names and not any(keys.values()):
        raise UnusableError(say_nameless(resource, names, where="data.resource"))
    removed = action in _REMOVALS
    uuid = keys.get("uuid")
    return Event(
        event_id=event_id,
        action=action,
        kind=kind,
        removed=removed,
        uuid=None if uuid is None else uuid.lower(),
        identifier=keys.get("identifier"),
        code=keys.get("code"),
        resource_updated=None if removed else parse_instant(resource.get("updated")),
        occurred_at=parse_instant(item.get("event_datetime")),
        author=label_of(item.get("author")),
        author_type=label_of(item.get("author_type")),
    )


def _resource_of(item: JsonObject, kind: ResourceKind) -> JsonObject:
    data = item.get("data")
    resource = data.get("resource") if isinstance(data, dict) else None
    if isinstance(resource, dict):
        return resource
    if kind is ResourceKind.OTHER:
        return {}
    raise UnusableError("no data.resource")


def usable_name(resource: JsonObject, name: str) -> str | None:
    """A name that cannot be used is none: it must not condemn the one beside it that can."""
    code = as_code(resource.get(name))
    return code if code is not None and is_usable_key(code) else None


def say_nameless(thing: JsonObject, names: tuple[str, ...], *, where: str) -> str:
    """Say why a thing, at `where` in its event, has none of the names that it needs one of."""
    unusable = [name for name in names if thing.get(name)]
    if not unusable:
        return f"{where} has no {' and no '.join(names)}"
    said = " and ".join(f"{where}.{name}" for name in unusable)
    return f"{said} is blank, too long, or not storable text"


def label_of(value: JsonValue) -> str | None:
    """A text as it is shown: cut, and storable; None for what is no text."""
    return storable(value[:_MAX_LABEL_LENGTH]) if isinstance(value, str) else None


def derived_id(item: JsonValue) -> EventId:
    """The same content has the same id, so a repeated delivery adds no second dead letter."""
    try:
        content = dump_bytes(item, sort_keys=True)
    except (ValueError, RecursionError):  # deeper than a writer stands: its outline must do
        content = ascii(sorted(item) if isinstance(item, dict) else type(item)).encode()
    return _id_from(content)


def _id_from(content: bytes) -> EventId:
    return EventId(f"derived-{hashlib.sha256(content).hexdigest()[:32]}")
