"""Who must be read again because its associations point to what was removed, or renamed.

The source drops a removed product or model from the answers of all others without an event, and
without moving their `updated`; one that is made again under the same key is not put back. So what
counts is that a removal was told of, or seen, and not what is there now.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from pim.ids import OrderNumber, ProductKey
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage.behind import own_catalog
from storage.catalog_marks import leave_marks
from storage.catalog_rows import read_version
from storage.engine import Transaction
from storage.product_types import ProductWrite, WriteResult, Written
from storage.statements import in_slices
from storage.tables import Product, table_of

_PRODUCT = table_of(Product)


def mark_removed(tx: Transaction, items: Collection[Reference], *, told: OrderNumber) -> None:
    """Have those read again that point to any of these and were not read since `told`.

    `told` is the number of the newest event of these removals: a read that began after it shows
    what they left. Costs no read where nobody points to them.
    """
    if items:
        own_catalog(tx)
        version = read_version(tx)
        leave_marks(tx, sorted(items), version=version, removed=True, number=told)


def mark_unnamed(
    tx: Transaction,
    rows: Mapping[ProductKey, Row[Any]],
    results: Mapping[ProductKey, WriteResult],
    renamed: Collection[ProductKey],
) -> None:
    """Mark what these writes deleted or renamed; the caller owns the catalog if any did.

    By key, and by the identifier that the row has kept: associations may name it either way.
    """
    deleted = [key for key in rows if results[key].written is Written.DELETED]
    changed = [key for key in renamed if key in rows and results[key].written is Written.UPDATED]
    codes = {*deleted, *changed, *(rows[key].identifier for key in deleted)}
    items = [Reference(CatalogKind.PRODUCT, "", code) for code in sorted(filter(None, codes))]
    if items:
        leave_marks(tx, items, version=read_version(tx), removed=True)


def find_renamed(tx: Transaction, writes: Sequence[ProductWrite]) -> set[ProductKey]:
    """Find the products without a uuid whose identifier would be spelled another way.

    Others name them by it, so their answers change, too. By uuid, nobody's does.
    """
    spelled = {
        write.read.key: write.read.product.identifier
        for write in writes
        if write.read.product is not None and write.read.product.uuid is None
    }
    renamed: set[ProductKey] = set()
    for some in in_slices(sorted(spelled)):
        rows = tx.execute(
            select(_PRODUCT.c.key, _PRODUCT.c.identifier).where(_PRODUCT.c.key.in_(some))
        )
        renamed |= {row.key for row in rows if row.identifier != spelled[row.key]}
    return renamed
