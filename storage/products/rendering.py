"""Renderings: documents made again from the stored source, and stored if still current."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from pim.document import Document
from pim.ids import OrderNumber, ProductKey
from pim.json_types import JsonObject
from storage.catalog import reopen_marks, share_catalog
from storage.database import Transaction, changed_rows, in_slices, read_object, write_json
from storage.products.changes import record_rendering
from storage.products.differences import diff_documents
from storage.products.reading import read_documents
from storage.products.types import Cause
from storage.references import replace_references
from storage.tables import Product, ProductContent, table_of

_PRODUCT = table_of(Product)
_CONTENT = table_of(ProductContent)


@dataclass(frozen=True, slots=True)
class StoredRendering:
    """What a rendering starts from; `read_from` dates the stored source."""

    key: ProductKey
    source: JsonObject
    content_hash: str
    catalog_version: int
    read_from: OrderNumber


def read_renderings(tx: Transaction, keys: Collection[ProductKey]) -> list[StoredRendering]:
    """Read what is needed to render live products again."""
    columns = (
        _PRODUCT.c.key,
        _PRODUCT.c.content_hash,
        _PRODUCT.c.catalog_version,
        _PRODUCT.c.read_from,
        _CONTENT.c.source,
    )
    found: list[StoredRendering] = []
    for some in in_slices(sorted(keys)):
        statement = (
            select(*columns)
            .join(_CONTENT, _CONTENT.c.key == _PRODUCT.c.key)
            .where(_PRODUCT.c.key.in_(some), _PRODUCT.c.deleted_at.is_(None))
            .order_by(_PRODUCT.c.key)
        )
        found += [
            StoredRendering(
                key=row.key,
                source=read_object(row.source),
                content_hash=row.content_hash,
                catalog_version=row.catalog_version,
                read_from=row.read_from,
            )
            for row in tx.execute(statement)
        ]
    return found


def write_rendering(
    tx: Transaction,
    rendering: StoredRendering,
    *,
    document: Document,
    catalog_version: int,
    cause: Cause,
    now: datetime,
) -> bool:
    """Store a rendering if content and version still are as read; False: it is stale.

    `cause` is named by the change row, which a document that shows nothing new has none of.
    """
    if catalog_version < rendering.catalog_version:
        return False
    share_catalog(tx)
    key = rendering.key
    current = (
        update(_PRODUCT)
        .where(
            _PRODUCT.c.key == key,
            _PRODUCT.c.content_hash == rendering.content_hash,
            _PRODUCT.c.catalog_version == rendering.catalog_version,
            _PRODUCT.c.deleted_at.is_(None),
        )
        .values(catalog_version=catalog_version)
    )
    if changed_rows(tx.execute(current)) != 1:
        return False
    before = read_documents(tx, [key])[key]
    rendered = update(_CONTENT).where(_CONTENT.c.key == key)
    tx.execute(rendered.values(document=write_json(document.body)))
    if changed := diff_documents(before, document.body):
        record_rendering(tx, key, changed, cause=cause, now=now)
    replace_references(tx, {key: document.references})
    reopen_marks(tx, [key], catalog_version=catalog_version, read_from=rendering.read_from)
    return True
