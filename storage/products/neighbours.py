"""Signs that tell a deletion from a lost right: announcements, and a product's neighbours."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from pim.ids import ProductKey
from pim.vocabulary import CatalogKind, Outcome
from storage.database import Transaction, in_slices
from storage.inbox import identifier_resource, model_resource
from storage.products.reading import read_product_rows
from storage.references import list_referred_names
from storage.tables import HeldDeletionRow, InboxEvent, Product, table_of

_PRODUCT = table_of(Product)
_HOLD = table_of(HeldDeletionRow)
_EVENT = table_of(InboxEvent)


def list_neighbours(
    tx: Transaction, key: ProductKey, *, without: Collection[ProductKey], limit: int
) -> dict[ProductKey, str]:
    """List up to `limit` live products before and behind a key, with their names.

    Leaves out those of `without`, and those whose deletion is held already. The name is the
    identifier as the source writes it, or else the key.
    """
    waiting = exists(
        select(1).where(_HOLD.c.product_key == _PRODUCT.c.key, _HOLD.c.state == "waiting")
    )
    live = (
        select(_PRODUCT.c.key, _PRODUCT.c.identifier)
        .where(_PRODUCT.c.deleted_at.is_(None), _PRODUCT.c.key.not_in(sorted(without)), ~waiting)
        .limit(limit)
    )
    behind = _names(tx, live.where(_PRODUCT.c.key > key).order_by(_PRODUCT.c.key))
    before = _names(tx, live.where(_PRODUCT.c.key < key).order_by(_PRODUCT.c.key.desc()))
    half = limit // 2
    kept = [*behind[: max(half, limit - len(before))], *before]
    return dict(kept[:limit])


def _names(tx: Transaction, statement: Select[Any]) -> list[tuple[ProductKey, str]]:
    return [(ProductKey(row.key), row.identifier or row.key) for row in tx.execute(statement)]


def list_announced(tx: Transaction, keys: Collection[ProductKey]) -> set[ProductKey]:
    """List those of the products whose removal was told of since their stored read began.

    By an event of their own, or of a model above them; whether it is due, put off or settled: what
    was told counts in whichever chunk it lies. What a person rejected was not told.
    """
    read_from: dict[ProductKey, int] = {}
    named: defaultdict[str, set[ProductKey]] = defaultdict(set)
    for row in read_product_rows(tx, keys):
        key = ProductKey(row.key)
        read_from[key] = row.read_from
        names = {row.key, row.uuid, identifier_resource(row.identifier or row.key)}
        names |= {model_resource(row.parent)} if row.parent else set()
        for name in names - {None}:
            named[name].add(key)
    for key, code in list_referred_names(tx, read_from, CatalogKind.PRODUCT_MODEL):
        named[model_resource(code)].add(key)
    announced: set[ProductKey] = set()
    for state in _STATES:
        for some in in_slices(sorted(named)):
            for resource, number in _removals(tx, some, state):
                announced |= {key for key in named[resource] if number > read_from[key]}
    return announced


# One statement each, as their partial indexes are made.
_STATES = (
    _EVENT.c.outcome.is_(None) & _EVENT.c.hold_id.is_(None),
    _EVENT.c.outcome.is_not(None) & (_EVENT.c.outcome != Outcome.FILTERED),
)


def _removals(
    tx: Transaction, resources: Collection[str], state: ColumnElement[bool]
) -> list[tuple[str, int]]:
    newest = (
        select(_EVENT.c.resource_key, func.max(_EVENT.c.number).label("number"))
        .where(state, _EVENT.c.resource_key.in_(resources), _EVENT.c.removed.is_(True))
        .group_by(_EVENT.c.resource_key)
    )
    return [(row.resource_key, row.number) for row in tx.execute(newest)]
