"""Products whose `updated` is well known: probes for the source's filters."""

from datetime import datetime

from sqlalchemy import select

from pim.ids import ProductKey
from storage.engine import Transaction
from storage.tables import Product, table_of

_PRODUCT = table_of(Product)


def list_probes(
    tx: Transaction, *, before: datetime, limit: int
) -> list[tuple[ProductKey, datetime]]:
    """List the live simple products last updated before an instant, newest first.

    No variants: the source's filter goes by their models' dates too.
    """
    settled = (
        select(_PRODUCT.c.key, _PRODUCT.c.updated)
        .where(_PRODUCT.c.deleted_at.is_(None), _PRODUCT.c.parent.is_(None))
        .where(_PRODUCT.c.updated < before)
        .order_by(_PRODUCT.c.updated.desc())
        .limit(limit)
    )
    return [(ProductKey(row.key), row.updated) for row in tx.execute(settled)]
