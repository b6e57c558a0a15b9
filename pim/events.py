"""Reading a delivery of the Events API."""

from dataclasses import dataclass
from datetime import datetime

from pim.ids import EventId
from pim.vocabulary import ResourceKind


@dataclass(frozen=True, slots=True)
class Event:
    """One usable event.

    `action` is as sent (unknown ones too: kind `other`). A product has `uuid` (lower case) or
    `identifier` (as written) or both; a model has `code`. `resource_updated` is the resource's own
    `updated`, for created and updated only; instants are aware UTC. All strings can be stored as
    text: no NUL, no lone surrogate, keys at most 255 characters.
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


@dataclass(frozen=True, slots=True)
class InvalidEvent:
    """An event that can never be processed; `event_id` as sent, or `derived-…` from its content."""

    event_id: EventId
    action: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A delivery's events in the order sent; ids may repeat within it (keep the first)."""

    events: tuple[Event, ...]
    invalid: tuple[InvalidEvent, ...]


def parse_batch(body: bytes) -> Batch:
    """Read a delivery's body, any number of events, none included.

    Raises:
        BatchRejected: not JSON, not an object with a list `events`, NaN, bad UTF-8, too deep.
    """
    raise NotImplementedError
