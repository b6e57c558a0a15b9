"""The order marks of stored products."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Row, select

from pim.decision import StoredMark
from pim.ids import OrderNumber, ProductKey
from storage.engine import Transaction
from storage.statements import in_slices
from storage.tables import Product, table_of

_PRODUCT = table_of(Product)


def read_marks(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, StoredMark]:
    """Read the order marks of the given products; keys without a row are left out."""
    return {ProductKey(row.key): stored_mark(row) for row in product_rows(tx, keys)}


def stored_mark(row: Row[Any]) -> StoredMark:
    """Give the mark of a product row."""
    return StoredMark(
        read_from=OrderNumber(row.read_from),
        read_to=OrderNumber(row.read_to),
        updated=row.updated,
        content_hash=row.content_hash,
        deleted=row.deleted_at is not None,
    )


def product_rows(tx: Transaction, keys: Collection[ProductKey]) -> Iterator[Row[Any]]:
    """Read the rows of the given products."""
    for some in in_slices(sorted(keys)):
        yield from tx.execute(select(_PRODUCT).where(_PRODUCT.c.key.in_(some)))
