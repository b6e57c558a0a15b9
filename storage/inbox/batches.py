"""Deliveries as they are stored: the raw body and its events, committed before the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from pim.events import Batch, Event, InvalidEvent
from pim.ids import OrderNumber
from pim.vocabulary import Outcome, ResourceKind
from storage.database import Transaction
from storage.figures import count_outcome
from storage.inbox.new_rows import NewRows
from storage.tables import InboxBatch, InboxEvent, table_of

_BATCH = table_of(InboxBatch)
_EVENT = table_of(InboxEvent)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a delivery's events; the three add up to all of them."""

    accepted: int
    duplicates: int
    invalid: int


def store_batch(
    tx: Transaction, *, channel: str, raw: bytes, batch: Batch, received_at: datetime
) -> Stored:
    """Store a delivery whole: the raw body, and each event whose id is new, in id order.

    An id seen before (in the store, or earlier in this batch) is a duplicate: the first is kept.
    An invalid event is stored as a dead letter with its reason, unless its id is a duplicate; one
    that stands for many counts as many.
    `channel` names the route ("events-api", "event-platform"). Three statements, however many
    events: deliveries come a hundred a second.
    """
    batch_id = _insert_batch(tx, channel, raw, received_at, events=batch.size, rejected=None)
    rows = _event_rows(tx, batch, batch_id, received_at)
    if not rows:
        return Stored(0, 0, 0)
    kept = _NEW_EVENTS.insert(tx, rows)
    stand_for = {bad.event_id: bad.stands_for for bad in batch.invalid}
    accepted = sum(row.outcome is None for row in kept)
    count_outcome(tx, Outcome.DEAD, len(kept) - accepted)
    invalid = sum(stand_for[row.event_id] for row in kept if row.outcome is not None)
    return Stored(accepted, batch.size - accepted - invalid, invalid)


def store_rejected(
    tx: Transaction, *, channel: str, raw: bytes, reason: str, received_at: datetime
) -> None:
    """Keep the raw body of a delivery that could not be read as a batch."""
    _insert_batch(tx, channel, raw, received_at, events=0, rejected=reason)


def resource_key(event: Event) -> str:
    """Name what an event is about, so that all events of one thing are settled together."""
    match event.kind:
        case ResourceKind.PRODUCT:
            return event.uuid or identifier_resource(event.identifier or "")
        case ResourceKind.PRODUCT_MODEL:
            return model_resource(event.code or "")
        case ResourceKind.OTHER:
            return f"other:{event.action}"


def identifier_resource(identifier: str) -> str:
    """Name a product that is known by its identifier only."""
    return f"identifier:{identifier.casefold()}"


def model_resource(code: str) -> str:
    """Name a product model."""
    return f"model:{code.casefold()}"


def _insert_batch(
    tx: Transaction,
    channel: str,
    raw: bytes,
    received_at: datetime,
    *,
    events: int,
    rejected: str | None,
) -> int:
    row = {
        "channel": channel,
        "received_at": received_at,
        "events": events,
        "size": len(raw),
        "rejected": rejected,
        "encoding": "raw",
        "body": raw,
    }
    return int(tx.execute(insert(_BATCH).returning(_BATCH.c.id), row).scalar_one())


def _event_rows(
    tx: Transaction, batch: Batch, batch_id: int, received_at: datetime
) -> list[dict[str, Any]]:
    # Numbers follow the order of the delivery, rows the order of the ids: two deliveries with the
    # same events wait for each other's rows in the same order, and never in a ring.
    firsts: dict[str, Event | InvalidEvent] = {}
    events: tuple[Event | InvalidEvent, ...] = (*batch.events, *batch.invalid)
    for event in events:
        firsts.setdefault(event.event_id, event)
    if not firsts:
        return []
    numbers = tx.draw_numbers(len(firsts))
    common = {"batch_id": batch_id, "received_at": received_at, "attempts": 0}
    rows = [
        common | _event_columns(event, number, received_at)
        for event, number in zip(firsts.values(), numbers, strict=True)
    ]
    return sorted(rows, key=lambda row: str(row["event_id"]))


def _event_columns(
    event: Event | InvalidEvent, number: OrderNumber, received_at: datetime
) -> dict[str, Any]:
    match event:
        case Event():
            return {
                "event_id": event.event_id,
                "number": number,
                "action": event.action,
                "kind": event.kind,
                "removed": event.removed,
                "resource_key": resource_key(event),
                "uuid": event.uuid,
                "identifier": event.identifier,
                "code": event.code,
                "resource_updated": event.resource_updated,
                "occurred_at": event.occurred_at,
                "author": event.author,
                "author_type": event.author_type,
                "outcome": None,
                "reason": None,
                "settled_at": None,
            }
        case InvalidEvent():
            return dict.fromkeys(_PARSED) | {
                "event_id": event.event_id,
                "number": number,
                "action": event.action,
                "kind": ResourceKind.OTHER,
                "removed": False,
                "outcome": Outcome.DEAD,
                "reason": event.reason,
                "settled_at": received_at,
            }


_PARSED = (
    "resource_key",
    "uuid",
    "identifier",
    "code",
    "resource_updated",
    "occurred_at",
    "author",
    "author_type",
)

_STORED = (
    *("event_id", "number", "action", "kind", "removed", *_PARSED),
    *("outcome", "reason", "settled_at", "batch_id", "received_at", "attempts"),
)
_NEW_EVENTS = NewRows(_EVENT, _STORED, unique="event_id", returning=("event_id", "outcome"))
