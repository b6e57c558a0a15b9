"""Products, as others see this package: who is stored, what they were, and the one write path."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select

from pim.ids import ProductKey
from storage.engine import Transaction
from storage.lineage import find_descendants
from storage.product_marks import product_rows, read_marks
from storage.product_types import Cause, ProductWrite, StoredProduct, WriteResult, Written
from storage.product_writing import write_products
from storage.statements import in_slices
from storage.tables import Product, table_of

__all__ = [
    "Cause",
    "ProductWrite",
    "StoredProduct",
    "WriteResult",
    "Written",
    "count_live_by_family",
    "find_descendants",
    "find_keys",
    "read_identifiers",
    "read_marks",
    "read_products",
    "write_products",
]

_PRODUCT = table_of(Product)


def read_products(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, StoredProduct]:
    """Read who the given products are; keys without a row are left out."""
    return {
        ProductKey(row.key): StoredProduct(
            key=ProductKey(row.key),
            uuid=row.uuid,
            identifier=row.identifier,
            family=row.family,
            parent=row.parent,
            deleted=row.deleted_at is not None,
        )
        for row in product_rows(tx, keys)
    }


def read_identifiers(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, str]:
    """Read how the source spells the identifiers of products; those without one are left out."""
    rows = product_rows(tx, keys)
    return {ProductKey(row.key): row.identifier for row in rows if row.identifier is not None}


def find_keys(tx: Transaction, identifiers: Collection[str]) -> dict[str, tuple[ProductKey, ...]]:
    """Find the products, live first, that hold each identifier (compared casefolded).

    The answer's keys are the identifiers as given; an unknown one is left out.
    """
    found: dict[str, list[ProductKey]] = {}
    for some in in_slices(sorted({identifier.casefold() for identifier in identifiers})):
        statement = (
            select(_PRODUCT.c.key, _PRODUCT.c.identifier_key)
            .where(_PRODUCT.c.identifier_key.in_(some))
            .order_by(_PRODUCT.c.deleted_at.is_not(None), _PRODUCT.c.key)
        )
        for row in tx.execute(statement):
            found.setdefault(row.identifier_key, []).append(row.key)
    return {
        identifier: tuple(found[identifier.casefold()])
        for identifier in identifiers
        if identifier.casefold() in found
    }


def count_live_by_family(tx: Transaction, keys: Iterable[ProductKey]) -> Mapping[str | None, int]:
    """Count the given products by family code, for a report of drift."""
    return Counter(row.family for row in product_rows(tx, list(keys)) if row.deleted_at is None)
