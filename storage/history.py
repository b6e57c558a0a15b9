"""What `why KEY` shows: all that is known about one product."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select

from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.vocabulary import Outcome
from storage.changes import Change, FeedPosition, change_of
from storage.due import is_open
from storage.engine import Transaction
from storage.holds import HeldDeletion, holds_of
from storage.inbox import identifier_resource
from storage.letters import ListedEvent, select_events
from storage.statements import read_object
from storage.tables import InboxEvent, Product, ProductChange, ProductContent, table_of

_EVENT = table_of(InboxEvent)
_MOST_NAMED = 1000
_PRODUCT = table_of(Product)
_CONTENT = table_of(ProductContent)
_CHANGE = table_of(ProductChange)


@dataclass(frozen=True, slots=True)
class ProductState:
    """The stored row; of a tombstone, `source` is the last one seen."""

    key: ProductKey
    uuid: str | None
    identifier: str | None
    family: str | None
    parent: str | None
    updated: datetime | None
    content_hash: str | None
    deleted_at: datetime | None
    read_from: int
    read_to: int
    read_at: datetime
    written_at: datetime
    catalog_version: int
    source: JsonObject | None
    document: JsonObject | None


@dataclass(frozen=True, slots=True)
class History:
    """One product's story; events and changes newest first."""

    product: ProductState | None
    events: tuple[ListedEvent, ...]
    changes: tuple[Change, ...]
    holds: tuple[HeldDeletion, ...]


def read_history(tx: Transaction, key: str, *, limit: int = 100) -> list[History]:
    """Tell the story of every product that `key` (uuid, or identifier casefolded) names.

    Empty if nothing is known; a story without a product if only events are, of a product or of a
    model of that code.
    """
    name = key.strip().casefold()
    rows = tx.execute(
        select(_PRODUCT, _CONTENT.c.source, _CONTENT.c.document)
        .outerjoin(_CONTENT, _CONTENT.c.key == _PRODUCT.c.key)
        .where(or_(_PRODUCT.c.key == name, _PRODUCT.c.identifier_key == name))
        .order_by(_PRODUCT.c.deleted_at.is_not(None), _PRODUCT.c.key)
    ).all()
    if rows:
        return [_history(tx, row, limit) for row in rows]
    resources = [name, identifier_resource(name), f"model:{name}", *_find_named(tx, key.strip())]
    events = _events(tx, resources, [], limit)
    return [History(None, events, (), ())] if events else []


def _find_named(tx: Transaction, identifier: str) -> set[str]:
    """The products that open events and dead letters call so, though none is stored.

    Settled events are many, and no index knows their identifiers; those of a product that was
    never stored are nearly all dead letters.
    """
    called = or_(
        _EVENT.c.identifier == identifier,
        func.lower(_EVENT.c.identifier) == identifier.lower(),
    )
    found: set[str] = set()
    for state in (is_open(), _EVENT.c.outcome == Outcome.DEAD):
        keys = select(_EVENT.c.resource_key).where(called, state).limit(_MOST_NAMED)
        found.update(key for key in tx.execute(keys).scalars() if key is not None)
    return found


def _history(tx: Transaction, row: Row[Any], limit: int) -> History:
    resources = [name for name in (row.key, row.uuid) if name is not None]
    if row.identifier is not None:
        resources.append(identifier_resource(row.identifier))
    holds = holds_of(tx, row.key)
    return History(
        product=_state(row),
        events=_events(tx, resources, [hold.id for hold in holds], limit),
        changes=_changes(tx, row.key, limit),
        holds=tuple(holds),
    )


def _events(
    tx: Transaction, resources: Collection[str], holds: Collection[int], limit: int
) -> tuple[ListedEvent, ...]:
    # One question per partial index: settled, open, held.
    about = _EVENT.c.resource_key.in_(resources)
    found = [
        *select_events(tx, about & _EVENT.c.outcome.is_not(None), limit=limit),
        *select_events(tx, about & is_open(), limit=limit),
        *select_events(tx, _EVENT.c.hold_id.in_(holds), limit=limit),
    ]
    found.sort(key=lambda event: -event.number)
    return tuple(found[:limit])


def _changes(tx: Transaction, key: str, limit: int) -> tuple[Change, ...]:
    statement = (
        select(_CHANGE)
        .where(_CHANGE.c.product_key == key)
        .order_by(_CHANGE.c.seq.desc())
        .limit(limit)
    )
    return tuple(change_of(row, FeedPosition(seq=row.seq)) for row in tx.execute(statement))


def _state(row: Row[Any]) -> ProductState:
    return ProductState(
        key=row.key,
        uuid=row.uuid,
        identifier=row.identifier,
        family=row.family,
        parent=row.parent,
        updated=row.updated,
        content_hash=row.content_hash,
        deleted_at=row.deleted_at,
        read_from=row.read_from,
        read_to=row.read_to,
        read_at=row.read_at,
        written_at=row.written_at,
        catalog_version=row.catalog_version,
        source=None if row.source is None else read_object(row.source),
        document=None if row.document is None else read_object(row.document),
    )
