"""The stored products as a stream."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from pim.canonical import dump_json
from pim.document import EVERYTHING, Narrowing
from pim.ids import ProductKey
from storage.database import Transaction
from storage.products.inside import list_conditions
from storage.tables import Product, ProductContent, table_of

_PRODUCT = table_of(Product)
_CONTENT = table_of(ProductContent)

_PAGE = 200


@dataclass(frozen=True, slots=True)
class ExportedProduct:
    """One product; `source` and `document` are JSON text as stored, None for a tombstone."""

    key: ProductKey
    uuid: str | None
    identifier: str | None
    updated: datetime | None
    deleted: bool
    source: str | None
    document: str | None

    def line(self) -> str:
        """Render as one line of NDJSON (no line end), numbers and keys as stored."""
        updated = None if self.updated is None else self.updated.isoformat()
        head = dump_json(
            {
                "key": self.key,
                "uuid": self.uuid,
                "identifier": self.identifier,
                "updated": updated,
                "deleted": self.deleted,
            }
        )
        return (
            f'{head[:-1]},"source":{self.source or "null"},"document":{self.document or "null"}}}'
        )


def export_products(
    tx: Transaction, *, tombstones: bool = False, narrowing: Narrowing = EVERYTHING
) -> Iterator[ExportedProduct]:
    """Stream the live products (and tombstones) in key order, in constant memory.

    With a narrowing, those inside, no tombstones; where it hides values there is no `source`, which
    has them all.
    """
    after: str | None = None
    with_tombstones = tombstones and not narrowing.is_partial
    while rows := _page(tx, after, tombstones=with_tombstones, narrowing=narrowing):
        exported = map(_exported, rows)
        yield from _narrowed(exported, narrowing) if narrowing.is_partial else exported
        after = rows[-1].key


def _narrowed(
    products: Iterator[ExportedProduct], narrowing: Narrowing
) -> Iterator[ExportedProduct]:
    for product in products:
        document = narrowing.narrow_text(product.document or "{}")
        if document is not None:
            source = None if narrowing.hides_values else product.source
            yield replace(product, document=document, source=source)


def _page(
    tx: Transaction, after: str | None, *, tombstones: bool, narrowing: Narrowing
) -> list[Row[Any]]:
    columns = (
        _PRODUCT.c.key,
        _PRODUCT.c.uuid,
        _PRODUCT.c.identifier,
        _PRODUCT.c.updated,
        _PRODUCT.c.deleted_at,
        _CONTENT.c.source,
        _CONTENT.c.document,
    )
    statement = (
        select(*columns)
        .outerjoin(_CONTENT, _CONTENT.c.key == _PRODUCT.c.key)
        .order_by(_PRODUCT.c.key)
        .limit(_PAGE)
        .where(*list_conditions(tx, narrowing))
    )
    if after is not None:
        statement = statement.where(_PRODUCT.c.key > after)
    if not tombstones:
        statement = statement.where(_PRODUCT.c.deleted_at.is_(None))
    return list(tx.execute(statement).all())


def _exported(row: Row[Any]) -> ExportedProduct:
    deleted = row.deleted_at is not None
    return ExportedProduct(
        key=row.key,
        uuid=row.uuid,
        identifier=row.identifier,
        updated=row.updated,
        deleted=deleted,
        source=None if deleted else row.source,
        document=None if deleted else row.document,
    )
