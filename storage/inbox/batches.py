"""Deliveries as they are stored: the raw body and its events, or a notice; before the answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert

from pim.event_platform import Notice
from pim.events import Batch, Event, InvalidEvent
from pim.ids import OrderNumber
from pim.structure import Reference
from pim.vocabulary import Channel, Outcome, ResourceKind
from storage.database import Transaction
from storage.figures import count_outcome
from storage.inbox.new_rows import NewRows
from storage.tables import InboxBatch, InboxEvent, PlatformNotice, table_of

_BATCH = table_of(InboxBatch)
_EVENT = table_of(InboxEvent)
_NOTICE = table_of(PlatformNotice)

_NOTICES_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a delivery's events; the three add up to all of them."""

    accepted: int
    duplicates: int
    invalid: int


def store_batch(
    tx: Transaction, *, channel: Channel, raw: bytes, batch: Batch, received_at: datetime
) -> Stored:
    """Store a delivery whole: the raw body, and each event whose id is new, in id order.

    An id seen before (in the store, or earlier in this batch) is a duplicate: the first is kept.
    On the Event Platform an id of another type is another event.
    An invalid event is stored as a dead letter with its reason, unless its id is a duplicate; one
    that stands for many counts as many.
    `channel` names the dialect (`Channel`). Three statements, however many
    events: deliveries come a hundred a second.
    """
    batch_id = _insert_batch(tx, channel, raw, received_at, events=batch.size, rejected=None)
    rows = _event_rows(tx, batch, channel, batch_id, received_at)
    if not rows:
        return Stored(0, 0, 0)
    kept = _NEW_EVENTS.insert(tx, rows)
    stand_for = {inbox_id(bad, channel): bad.stands_for for bad in batch.invalid}
    accepted = sum(row.outcome is None for row in kept)
    count_outcome(tx, Outcome.DEAD, len(kept) - accepted)
    invalid = sum(stand_for[row.event_id] for row in kept if row.outcome is not None)
    return Stored(accepted, batch.size - accepted - invalid, invalid)


def store_rejected(
    tx: Transaction, *, channel: Channel, raw: bytes, reason: str, received_at: datetime
) -> None:
    """Keep the raw body of a delivery that could not be read as a batch."""
    _insert_batch(tx, channel, raw, received_at, events=0, rejected=reason)


def store_notice(tx: Transaction, notice: Notice, *, received_at: datetime) -> bool:
    """Store a notice of the Event Platform; False if it was stored before.

    What is a month older goes: nobody asks for it, and as a repeat it would be refused for its age.
    """
    tx.execute(delete(_NOTICE).where(_NOTICE.c.told_at < notice.at - _NOTICES_KEPT))
    insert = tx.insert_into(_NOTICE).values(
        subscription_id=notice.subscription_id,
        kind=notice.kind,
        told_at=notice.at,
        received_at=received_at,
        destination=notice.destination,
        reason=notice.reason,
    )
    same = [_NOTICE.c.subscription_id, _NOTICE.c.kind, _NOTICE.c.told_at]
    new = insert.on_conflict_do_nothing(index_elements=same).returning(_NOTICE.c.id)
    return tx.execute(new).first() is not None


def inbox_id(event: Event | InvalidEvent, channel: Channel) -> str:
    """Name an event as its repeats do: by its id, on the Event Platform by its id and type."""
    if channel is Channel.EVENT_PLATFORM and event.action is not None:
        return f"{event.event_id} {event.action}"
    return event.event_id


def resource_key(event: Event) -> str:
    """Name what an event is about, so that all events of one thing are settled together."""
    match event.kind:
        case ResourceKind.PRODUCT:
            return event.uuid or identifier_resource(event.identifier or "")
        case ResourceKind.PRODUCT_MODEL:
            return model_resource(event.code or "")
        case ResourceKind.STRUCTURE:
            return item_resource(event.item) if event.item else f"other:{event.action}"
        case ResourceKind.OTHER:
            return f"other:{event.action}"


def identifier_resource(identifier: str) -> str:
    """Name a product that is known by its identifier only."""
    return f"identifier:{identifier.casefold()}"


def model_resource(code: str) -> str:
    """Name a product model."""
    return f"model:{code.casefold()}"


def item_resource(item: Reference) -> str:
    """Name an item of the structure."""
    return f"{item.kind}:{item.parent.casefold()}/{item.code.casefold()}"


def _insert_batch(
    tx: Transaction,
    channel: Channel,
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
    tx: Transaction, batch: Batch, channel: Channel, batch_id: int, received_at: datetime
) -> list[dict[str, Any]]:
    # Numbers follow the order of the delivery, rows the order of the ids: two deliveries with the
    # same events wait for each other's rows in the same order, and never in a ring.
    firsts: dict[str, Event | InvalidEvent] = {}
    events: tuple[Event | InvalidEvent, ...] = (*batch.events, *batch.invalid)
    for event in events:
        firsts.setdefault(inbox_id(event, channel), event)
    if not firsts:
        return []
    numbers = tx.draw_numbers(len(firsts))
    common = {"batch_id": batch_id, "received_at": received_at, "attempts": 0}
    rows = [
        common | {"event_id": name} | _sent_id(event, name) | _columns(event, number, received_at)
        for (name, event), number in zip(firsts.items(), numbers, strict=True)
    ]
    return sorted(rows, key=lambda row: str(row["event_id"]))


def _sent_id(event: Event | InvalidEvent, name: str) -> dict[str, str | None]:
    return {"sent_id": None if name == event.event_id else event.event_id}


def _columns(
    event: Event | InvalidEvent, number: OrderNumber, received_at: datetime
) -> dict[str, Any]:
    match event:
        case Event():
            return {
                "number": number,
                "action": event.action,
                "kind": event.kind,
                "removed": event.removed,
                "resource_key": resource_key(event),
                "uuid": event.uuid,
                "identifier": event.identifier,
                "code": event.code,
                "item_kind": event.item.kind if event.item else None,
                "item_parent": event.item.parent if event.item else None,
                "hint": event.hint,
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
    "item_kind",
    "item_parent",
    "hint",
    "resource_updated",
    "occurred_at",
    "author",
    "author_type",
)

_STORED = (
    *("event_id", "sent_id", "number", "action", "kind", "removed", *_PARSED),
    *("outcome", "reason", "settled_at", "batch_id", "received_at", "attempts"),
)
_NEW_EVENTS = NewRows(_EVENT, _STORED, unique="event_id", returning=("event_id", "outcome"))
