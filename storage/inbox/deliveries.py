"""Times of deliveries and of their events, and the changes that no event told of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, literal_column, select

from pim.ids import ProductKey
from pim.vocabulary import Channel
from storage.database import Transaction, changed_rows, in_slices
from storage.inbox.batches import identifier_resource
from storage.tables import AlarmRow, InboxBatch, InboxEvent, table_of

_ALARM = table_of(AlarmRow)
_BATCH = table_of(InboxBatch)
_EVENT = table_of(InboxEvent)

SILENCE_ALARM = "silence"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of the Events API; `oldest` is when its oldest new event occurred."""

    received_at: datetime
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A product as the source changed it, at `updated` on its own clock."""

    key: ProductKey
    identifier: str | None
    updated: datetime


def read_last_delivery(tx: Transaction) -> datetime | None:
    """Read when the last delivery was stored; a refused one is none."""
    newest = select(_BATCH.c.received_at).order_by(_BATCH.c.id.desc()).limit(1)
    received_at: datetime | None = tx.execute(newest).scalar_one_or_none()
    return received_at


def read_last_deliveries(tx: Transaction) -> dict[Channel, datetime]:
    """Read when each dialect last brought a delivery that is still kept."""
    found: dict[Channel, datetime] = {}
    for channel in Channel:
        newest = (
            select(_BATCH.c.received_at)
            .where(_BATCH.c.channel == channel)
            .order_by(_BATCH.c.id.desc())
            .limit(1)
        )
        received_at: datetime | None = tx.execute(newest).scalar_one_or_none()
        if received_at is not None:
            found[channel] = received_at
    return found


def list_deliveries(tx: Transaction, *, since: datetime) -> list[Delivery]:
    """List the Events API's deliveries since then, and the last one before, oldest first."""
    recent = select(func.min(_BATCH.c.id)).where(
        # Literals: the partial index of bodies is found by them. A body is kept for days.
        literal_column("body IS NOT NULL"),
        _BATCH.c.encoding.in_(["raw", "zlib"]),
        _BATCH.c.received_at >= since,
    )
    first = tx.execute(recent).scalar_one()
    if first is None:
        return []
    before = select(func.max(_BATCH.c.id)).where(
        _BATCH.c.id < first, _BATCH.c.channel == Channel.EVENTS_API
    )
    start = tx.execute(before).scalar_one() or first
    statement = (
        select(_BATCH.c.received_at, func.min(_EVENT.c.occurred_at).label("oldest"))
        .outerjoin(_EVENT, _EVENT.c.batch_id == _BATCH.c.id)
        .where(_BATCH.c.id >= start, _BATCH.c.channel == Channel.EVENTS_API)
        .group_by(_BATCH.c.id, _BATCH.c.received_at)
        .order_by(_BATCH.c.id)
    )
    return [Delivery(row.received_at, row.oldest) for row in tx.execute(statement)]


def list_told(
    tx: Transaction, changes: Collection[SourceChange], *, since: Mapping[ProductKey, datetime]
) -> set[ProductKey]:
    """List those of the products that an event, occurred at `since` or later, was received about.

    An event without a time counts.
    """
    named: dict[str, ProductKey] = {}
    for change in changes:
        named[change.key] = change.key
        named[identifier_resource(change.identifier or change.key)] = change.key
    told: set[ProductKey] = set()
    for state in (_EVENT.c.outcome.is_not(None), _DUE):
        for some in in_slices(sorted(named)):
            told |= {
                named[resource]
                for resource, occurred_at in _newest(tx, some, state)
                if occurred_at is None or occurred_at >= since[named[resource]]
            }
    return told


_DUE = _EVENT.c.outcome.is_(None) & _EVENT.c.hold_id.is_(None)


def _newest(
    tx: Transaction, resources: Collection[str], state: ColumnElement[bool]
) -> list[tuple[str, datetime | None]]:
    newest = (
        select(_EVENT.c.resource_key, func.max(_EVENT.c.occurred_at).label("newest"))
        .where(state, _EVENT.c.resource_key.in_(resources))
        .group_by(_EVENT.c.resource_key)
    )
    return [(row.resource_key, row.newest) for row in tx.execute(newest)]


def end_silence(tx: Transaction) -> bool:
    """Clear the alarm on silence if a delivery has come since; True if it stood."""
    newest = select(_BATCH.c.received_at).order_by(_BATCH.c.id.desc()).limit(1).scalar_subquery()
    over = delete(_ALARM).where(_ALARM.c.name == SILENCE_ALARM, _ALARM.c.since < newest)
    return changed_rows(tx.execute(over)) == 1


def read_delays(tx: Transaction, *, limit: int) -> list[timedelta]:
    """Read, of the newest events, how long after its product's `updated` each occurred."""
    newest = select(_EVENT).order_by(_EVENT.c.id.desc()).limit(limit).subquery()
    dated = select(newest.c.occurred_at, newest.c.resource_updated).where(
        newest.c.occurred_at.is_not(None), newest.c.resource_updated.is_not(None)
    )
    return [row.occurred_at - row.resource_updated for row in tx.execute(dated)]
