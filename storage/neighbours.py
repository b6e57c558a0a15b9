"""Live products near another one in key order: a sample that needs no chance."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, exists, select

from pim.ids import ProductKey
from storage.engine import Transaction
from storage.tables import HeldDeletionRow, Product, table_of

_PRODUCT = table_of(Product)
_HOLD = table_of(HeldDeletionRow)


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
