"""Products as they are stored: who they are, their order marks, what hangs below a model."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, union

from pim.decision import StoredMark
from pim.ids import OrderNumber, ProductKey
from pim.json_types import JsonObject
from pim.vocabulary import CatalogKind
from storage.catalog import find_sub_models
from storage.database import Transaction, in_slices, read_object
from storage.products.types import StoredProduct
from storage.references import users_of
from storage.tables import Product, ProductContent, table_of

_PRODUCT = table_of(Product)
_CONTENT = table_of(ProductContent)


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
        for row in read_product_rows(tx, keys)
    }


def read_identifiers(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, str]:
    """Read how the source spells the identifiers of products; those without one are left out."""
    rows = read_product_rows(tx, keys)
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


def read_marks(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, StoredMark]:
    """Read the order marks of the given products; keys without a row are left out."""
    return {ProductKey(row.key): stored_mark(row) for row in read_product_rows(tx, keys)}


def stored_mark(row: Row[Any]) -> StoredMark:
    """Give the mark of a product row."""
    return StoredMark(
        read_from=OrderNumber(row.read_from),
        read_to=OrderNumber(row.read_to),
        updated=row.updated,
        content_hash=row.content_hash,
        deleted=row.deleted_at is not None,
    )


def read_product_rows(tx: Transaction, keys: Collection[ProductKey]) -> Iterator[Row[Any]]:
    """Read the rows of the given products."""
    for some in in_slices(sorted(keys)):
        yield from tx.execute(select(_PRODUCT).where(_PRODUCT.c.key.in_(some)))


@dataclass(frozen=True, slots=True)
class Below:
    """The sub-models of a model by code, and its live variants by key with their identifiers."""

    models: tuple[str, ...]
    variants: Mapping[ProductKey, str | None]


def read_below(tx: Transaction, code: str) -> Below:
    """Read what hangs below a model, directly or through a sub-model (codes casefolded)."""
    models = find_sub_models(tx, code)
    keys = {key for each in (code, *models) for key in find_descendants(tx, each)}
    rows = [row for row in read_product_rows(tx, sorted(keys)) if row.deleted_at is None]
    return Below(tuple(models), {ProductKey(row.key): row.identifier for row in rows})


def find_descendants(tx: Transaction, model_code: str) -> list[ProductKey]:
    """Find the live variants below a model, directly or through a sub-model."""
    code = model_code.casefold()
    children = select(_PRODUCT.c.key).where(
        _PRODUCT.c.parent_key == code, _PRODUCT.c.deleted_at.is_(None)
    )
    users = users_of(CatalogKind.PRODUCT_MODEL, "", code)
    return sorted(tx.execute(union(children, users)).scalars())


def read_sources(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, JsonObject]:
    """Read the answers that the given products were written from."""
    found: dict[ProductKey, JsonObject] = {}
    for some in in_slices(sorted(keys)):
        rows = tx.execute(select(_CONTENT.c.key, _CONTENT.c.source).where(_CONTENT.c.key.in_(some)))
        found |= {ProductKey(row.key): read_object(row.source) for row in rows}
    return found


def read_documents(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, JsonObject]:
    """Read the documents of the given products; of a tombstone, the last one."""
    found: dict[ProductKey, JsonObject] = {}
    for some in in_slices(sorted(keys)):
        rows = select(_CONTENT.c.key, _CONTENT.c.document).where(_CONTENT.c.key.in_(some))
        found |= {ProductKey(row.key): read_object(row.document) for row in tx.execute(rows)}
    return found


def read_live_documents(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, str]:
    """Read the documents of live products, as the text that is stored."""
    found: dict[ProductKey, str] = {}
    for some in in_slices(sorted(keys)):
        rows = (
            select(_CONTENT.c.key, _CONTENT.c.document)
            .join(_PRODUCT, _PRODUCT.c.key == _CONTENT.c.key)
            .where(_CONTENT.c.key.in_(some), _PRODUCT.c.deleted_at.is_(None))
        )
        found |= {ProductKey(row.key): row.document for row in tx.execute(rows)}
    return found


def count_products(tx: Transaction) -> tuple[int, int]:
    """Count the live products and the tombstones."""
    rows = tx.execute(select(func.count()).select_from(_PRODUCT)).scalar_one()
    tombstones = tx.count_rows(_PRODUCT.c.deleted_at.is_not(None))
    return int(rows) - tombstones, tombstones


@dataclass(frozen=True, slots=True)
class DatedProduct:
    """A live product and its `updated`.

    `simple`: it has no model, whose later date the source's filter would go by.
    """

    key: ProductKey
    identifier: str | None
    updated: datetime
    simple: bool


def list_dated_products(tx: Transaction, *, before: datetime, limit: int) -> list[DatedProduct]:
    """List the live products last updated before an instant, newest first."""
    dated = (
        select(_PRODUCT.c.key, _PRODUCT.c.identifier, _PRODUCT.c.updated, _PRODUCT.c.parent)
        .where(_PRODUCT.c.deleted_at.is_(None), _PRODUCT.c.updated < before)
        .order_by(_PRODUCT.c.updated.desc())
        .limit(limit)
    )
    return [
        DatedProduct(ProductKey(row.key), row.identifier, row.updated, row.parent is None)
        for row in tx.execute(dated)
    ]
