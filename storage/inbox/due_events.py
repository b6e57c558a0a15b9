"""Due events, and the chunks in which a drain takes them.

Due: not settled, not held, and its `not_before` (if any) has passed on the database's clock.
A drain's statements carry its generation as a fence: a drain taken for dead writes nothing more.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, distinct, func, select, update

from pim.ids import EventId, Generation, OrderNumber
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Outcome, ResourceKind
from storage.database import Transaction, changed_rows, in_slices
from storage.figures import count_outcome
from storage.inbox.conditions import door_run, is_door_open, is_due, is_takeable, require_door
from storage.inbox.settling import EventRowId
from storage.tables import InboxEvent, table_of

_EVENT = table_of(InboxEvent)

_LOOK_AHEAD = 1000
"""Rows read to find a chunk's products: one product with more events than that stands alone."""

_MOST_EVENTS = 5000
"""Rows taken at once; what is left of a product is covered by the read of this chunk."""

_TAKEN_COLUMNS = (
    _EVENT.c.id,
    func.coalesce(_EVENT.c.sent_id, _EVENT.c.event_id).label("event_id"),
    _EVENT.c.number,
    _EVENT.c.resource_key,
    _EVENT.c.action,
    _EVENT.c.kind,
    _EVENT.c.removed,
    _EVENT.c.uuid,
    _EVENT.c.identifier,
    _EVENT.c.code,
    _EVENT.c.item_kind,
    _EVENT.c.item_parent,
    _EVENT.c.resource_updated,
    _EVENT.c.occurred_at,
    _EVENT.c.received_at,
    _EVENT.c.author,
    _EVENT.c.author_type,
    _EVENT.c.attempts,
)


@dataclass(frozen=True, slots=True)
class DueEvent:
    """One taken event. `resource_key` groups the events of one product, model or item."""

    row_id: EventRowId
    event_id: EventId
    number: OrderNumber
    resource_key: str
    action: str
    kind: ResourceKind
    removed: bool
    uuid: str | None
    identifier: str | None
    code: str | None
    resource_updated: datetime | None
    occurred_at: datetime | None
    received_at: datetime
    author: str | None
    attempts: int  # this one included
    author_type: str | None = None
    item: Reference | None = None  # of an event about the structure


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events taken together, oldest first; empty when nothing is due.

    `buried` counts events that became dead letters instead, having used up their attempts.
    """

    events: tuple[DueEvent, ...]
    buried: int = 0


def take_chunk(
    tx: Transaction, *, generation: Generation, max_attempts: int, max_products: int = 100
) -> Chunk:
    """Take due events, oldest first, all of a product together; count the attempt.

    A chunk holds first attempts only, or later attempts only (then of far fewer products at a
    time, so that the one that kills its process is soon alone). Events that this generation has
    already taken are not taken again until they are given back, put off or settled.

    Raises:
        FenceLost: the door is no longer this generation's.
    """
    require_door(tx, generation)
    buried = 0
    while (attempts := _oldest_attempts(tx, generation)) is not None:
        if attempts < max_attempts:
            events = _take(tx, generation, attempts, decide_chunk_share(max_products, attempts))
            return Chunk(events, buried)
        buried += _bury(tx, generation, attempts)
    return Chunk((), buried)


def decide_chunk_share(max_products: int, attempts: int) -> int:
    """Tell how many products go together that already failed so often: all, a tenth, few, one.

    A chunk that kills its process takes innocent products with it; three attempts single it out.
    """
    return max(1, max_products // int(10**attempts))


def count_due_events(tx: Transaction, *, limit: int) -> int:
    """Count the due events, up to `limit`."""
    some = select(_EVENT.c.id).where(is_due(tx)).limit(limit).subquery()
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def count_due_products(tx: Transaction, *, generation: Generation, limit: int = 100) -> int:
    """Count the products (and models) with events this generation could take, up to `limit`."""
    ahead = (
        select(_EVENT.c.resource_key)
        .where(is_takeable(tx, generation))
        .order_by(_EVENT.c.number)
        .limit(max(_LOOK_AHEAD, limit))
        .subquery()
    )
    found = tx.execute(select(func.count(distinct(ahead.c.resource_key)))).scalar_one()
    return min(limit, int(found))


def _oldest_attempts(tx: Transaction, generation: Generation) -> int | None:
    oldest = (
        select(_EVENT.c.attempts)
        .where(is_takeable(tx, generation))
        .order_by(_EVENT.c.number)
        .limit(1)
    )
    found: int | None = tx.execute(oldest).scalar_one_or_none()
    return found


def _take(
    tx: Transaction, generation: Generation, attempts: int, max_products: int
) -> tuple[DueEvent, ...]:
    takeable = and_(is_takeable(tx, generation), _EVENT.c.attempts == attempts)
    ahead = (
        select(_EVENT.c.resource_key)
        .where(takeable)
        .order_by(_EVENT.c.number)
        .limit(max(_LOOK_AHEAD, max_products))
    )
    keys = list(dict.fromkeys(tx.execute(ahead).scalars()))[:max_products]
    wanted = (
        select(_EVENT.c.id)
        .where(takeable, _EVENT.c.resource_key.in_(keys))
        .order_by(_EVENT.c.number)
        .limit(_MOST_EVENTS)
    )
    ids = tx.execute(wanted).scalars().all()
    taken = update(_EVENT).values(
        attempts=_EVENT.c.attempts + 1, taken_by=generation, taken_at=tx.clock(), not_before=None
    )
    rows: list[Row[Any]] = []
    for some in in_slices(ids):
        mine = taken.where(_EVENT.c.id.in_(some), takeable, is_door_open(generation))
        rows += tx.execute(mine.returning(*_TAKEN_COLUMNS)).all()
    return tuple(sorted(map(_due_event, rows), key=lambda event: event.number))


def _due_event(row: Row[Any]) -> DueEvent:
    return DueEvent(
        row_id=EventRowId(row.id),
        event_id=EventId(row.event_id),
        number=OrderNumber(row.number),
        resource_key=row.resource_key,
        action=row.action or "",
        kind=ResourceKind(row.kind),
        removed=row.removed,
        uuid=row.uuid,
        identifier=row.identifier,
        code=row.code,
        resource_updated=row.resource_updated,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        author=row.author,
        attempts=row.attempts,
        author_type=row.author_type,
        item=_item(row),
    )


def _item(row: Row[Any]) -> Reference | None:
    if row.item_kind is None:
        return None
    return Reference(CatalogKind(row.item_kind), row.item_parent, row.code)


def _bury(tx: Transaction, generation: Generation, attempts: int) -> int:
    reason = func.coalesce(_EVENT.c.reason, "the process ended before it was done")
    statement = (
        update(_EVENT)
        .where(is_takeable(tx, generation), _EVENT.c.attempts == attempts)
        .values(
            outcome=Outcome.DEAD,
            reason=f"gave up after {attempts} attempts: " + reason,
            settled_at=tx.clock(),
            run_id=door_run(),
        )
    )
    buried = changed_rows(tx.execute(statement))
    count_outcome(tx, Outcome.DEAD, buried)
    return buried
