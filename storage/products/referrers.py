"""Referrers: products that point to what was removed or renamed, and that nothing else has read.

What is to be read anyway is left out, and its marks stay open: a product of which an event of its
own waits, due or put off; and one whose deletion is held, which waits for such an event, a sweep or
a person.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, exists, literal, not_, select, text

from pim.ids import ProductKey
from pim.vocabulary import CatalogKind
from storage.catalog import Mark, list_users_behind, open_marks
from storage.database import Transaction
from storage.inbox import identifier_resource, is_open
from storage.tables import HeldDeletionRow, InboxEvent, Product, table_of

_PRODUCT = table_of(Product)
_HOLD = table_of(HeldDeletionRow)
_EVENT = table_of(InboxEvent)

_WAITING = "state = 'waiting'"


def list_referred(
    tx: Transaction, kinds: Collection[CatalogKind], *, limit: int = 1000
) -> list[Mark]:
    """List the marks of removed things of these kinds that have referrers to read, oldest first."""
    return open_marks(tx, kinds, removed=True, users=_is_unexpected(), limit=limit)


def list_referrers(
    tx: Transaction, marks: Sequence[Mark], *, after: ProductKey | None = None, limit: int = 100
) -> list[list[ProductKey]]:
    """List the referrers to read of each mark, up to `limit` of each, in key order."""
    return [
        list_users_behind(tx, mark, users=_is_unexpected(), after=after, limit=limit)
        for mark in marks
    ]


def _is_unexpected() -> ColumnElement[bool]:
    """Whether nothing else is going to have the product read."""
    by_name = literal(identifier_resource("")) + _PRODUCT.c.identifier_key
    told = select(1).where(_EVENT.c.resource_key.in_((_PRODUCT.c.key, by_name)), is_open())
    held = select(1).where(_HOLD.c.product_key == _PRODUCT.c.key, text(_WAITING))
    return and_(
        not_(exists(told.correlate(_PRODUCT))),
        not_(exists(held.correlate(_PRODUCT))),
    )
