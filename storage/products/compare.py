"""A full sweep's page compared with the store, and what the sweep did not see."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select, update

from pim.decision import StoredMark, is_rewound
from pim.ids import OrderNumber, ProductKey
from pim.product import SourceProduct
from pim.reads import ProductRead, ReadInterval
from storage.database import Transaction, in_slices
from storage.products.differences import diff_products
from storage.products.reading import read_product_rows, read_sources, stored_mark
from storage.tables import Product, table_of

_PRODUCT = table_of(Product)


class Compared(StrEnum):
    """How a read product stands against the store."""

    MISSING = "missing"  # no row, or a tombstone
    DIFFERENT = "different"
    UNCHANGED = "unchanged"  # same content and `updated`: touch it
    MOVED = "moved"  # same content, another `updated` or identifier: write it, no drift
    RESTATED = "restated"  # same content, told otherwise (links, new keys): write it, no drift
    REWOUND = "rewound"  # an older `updated` than the stored one: confirm by key
    NEWER = "newer"  # the stored read is not older than this one: leave it


def compare_page(tx: Transaction, reads: Sequence[ProductRead]) -> Mapping[ProductKey, Compared]:
    """Compare a page of found products with the store, in one query.

    A row without `source_hash` may hold a `content_hash` of an older definition: whether anything
    changed, its source says.
    """
    stored = {row.key: row for row in read_product_rows(tx, [read.key for read in reads])}
    compared = {read.key: _compare_row(read, stored.get(read.key)) for read in reads}
    doubtful = [
        read
        for read in reads
        if compared[read.key] is Compared.DIFFERENT and stored[read.key].source_hash is None
    ]
    return compared | dict.fromkeys(_same_in_source(tx, doubtful), Compared.RESTATED)


def _same_in_source(tx: Transaction, reads: Sequence[ProductRead]) -> list[ProductKey]:
    sources = read_sources(tx, [read.key for read in reads])
    return [
        read.key
        for read in reads
        if read.product is not None
        and read.key in sources
        and not diff_products(sources[read.key], read.product.body)
    ]


def _compare_row(read: ProductRead, row: Row[Any] | None) -> Compared:
    """Compare with a row: its identifier may be read off another attribute than it was."""
    if row is None or read.product is None:
        return compare_read(read, None)
    compared = compare_read(read, stored_mark(row))
    if compared is not Compared.UNCHANGED:
        return compared
    if row.identifier != read.product.identifier:
        return Compared.MOVED
    return compared if row.source_hash == read.product.source_hash else Compared.RESTATED


def compare_read(read: ProductRead, stored: StoredMark | None) -> Compared:
    """Compare one found product with what is stored."""
    if read.product is None:
        raise ValueError(f"{read.key}: an absence is no part of a page")
    if stored is None:
        return Compared.MISSING
    if stored.read_from > read.interval.read_to:
        return Compared.NEWER
    if stored.deleted:
        return Compared.MISSING
    same = stored.content_hash == read.product.content_hash
    if stored.read_to >= read.interval.read_from:  # they overlap: who disagrees is read again
        return Compared.NEWER if same else Compared.DIFFERENT
    return _compare_later(read.product, stored)


def _compare_later(product: SourceProduct, stored: StoredMark) -> Compared:
    same = stored.content_hash == product.content_hash
    if not same and is_rewound(product.updated, stored):
        return Compared.REWOUND  # the same content under an older date went back nowhere
    if stored.content_hash != product.content_hash:
        return Compared.DIFFERENT
    return Compared.UNCHANGED if stored.updated == product.updated else Compared.MOVED


def touch_unchanged(tx: Transaction, reads: Collection[ProductRead]) -> set[ProductKey]:
    """Move the read columns of products whose content still is what was read.

    Guarded like any write; answers the keys that moved. One update for each read interval: the
    reads of a page share one.
    """
    pages: dict[ReadInterval, list[tuple[str, str]]] = {}
    for read in sorted(reads, key=lambda read: read.key):
        if read.product is not None:
            page = pages.setdefault(read.interval, [])
            page.append((read.key, read.product.content_hash))
    touched: set[ProductKey] = set()
    for interval, contents in pages.items():
        for some in in_slices(contents, size=500):
            touched |= _touch(tx, interval, some)
    return touched


def _touch(
    tx: Transaction, interval: ReadInterval, contents: Sequence[tuple[str, str]]
) -> set[ProductKey]:
    # By content, not by key alone: an older read may have been written since the comparison. Each
    # content names its product, so two lists say what pairs would (which SQLite answers slowly).
    moved = (
        update(_PRODUCT)
        .where(
            _PRODUCT.c.key.in_([key for key, _ in contents]),
            _PRODUCT.c.content_hash.in_([content for _, content in contents]),
            _PRODUCT.c.deleted_at.is_(None),
            _PRODUCT.c.read_to < interval.read_from,
        )
        .values(read_from=interval.read_from, read_to=interval.read_to, read_at=interval.read_at)
    )
    return set(tx.execute(moved.returning(_PRODUCT.c.key)).scalars())


def list_orphans(
    tx: Transaction, *, first_number: OrderNumber, after: ProductKey | None, limit: int
) -> list[ProductKey]:
    """List live products that no read asked since `first_number` has seen, in key order.

    A read that was under way when the sweep began may show what was deleted before: it counts only
    if it was asked after, not if its answer came after.
    """
    unseen = (
        select(_PRODUCT.c.key)
        .where(_PRODUCT.c.deleted_at.is_(None), _PRODUCT.c.read_from < first_number)
        .order_by(_PRODUCT.c.key)
        .limit(limit)
    )
    if after is not None:
        unseen = unseen.where(_PRODUCT.c.key > after)
    return list(tx.execute(unseen).scalars())
