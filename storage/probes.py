"""Products whose `updated` is well known: probes for the source's filters."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pim.ids import ProductKey
from storage.engine import Transaction
from storage.tables import Product, table_of

_PRODUCT = table_of(Product)


@dataclass(frozen=True, slots=True)
class Probe:
    """A live product and its `updated`.

    `simple`: it has no model, whose later date the source's filter would go by.
    """

    key: ProductKey
    identifier: str | None
    updated: datetime
    simple: bool


def list_probes(tx: Transaction, *, before: datetime, limit: int) -> list[Probe]:
    """List the live products last updated before an instant, newest first."""
    settled = (
        select(_PRODUCT.c.key, _PRODUCT.c.identifier, _PRODUCT.c.updated, _PRODUCT.c.parent)
        .where(_PRODUCT.c.deleted_at.is_(None), _PRODUCT.c.updated < before)
        .order_by(_PRODUCT.c.updated.desc())
        .limit(limit)
    )
    return [
        Probe(ProductKey(row.key), row.identifier, row.updated, row.parent is None)
        for row in tx.execute(settled)
    ]
