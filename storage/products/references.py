"""References: the rows that say which product uses which item of the structure."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, bindparam, delete, select

from pim.document import Narrowing
from pim.ids import ProductKey
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage.catalog import reopen_marks
from storage.database import Transaction
from storage.products.types import ProductWrite
from storage.tables import Product, ProductReference, table_of

_PRODUCT = table_of(Product)
_REFERENCE = table_of(ProductReference)

ReferenceRow = tuple[str, str, str, str]


def write_references(
    tx: Transaction, live: Sequence[ProductWrite], gone: Collection[ProductKey]
) -> None:
    """Make the references of what was written those of its document; tombstones have none."""
    wanted = {
        reference_row(write.read.key, reference)
        for write in live
        if write.document is not None
        for reference in write.document.references
    }
    replace_references(tx, [*(write.read.key for write in live), *gone], wanted)
    if live:
        reopen_marks(
            tx,
            [write.read.key for write in live],
            catalog_version=min(write.catalog_version for write in live),
            read_from=min(write.read.interval.read_from for write in live),
        )


def reference_row(key: ProductKey, reference: Reference) -> ReferenceRow:
    """Give the row that says: this product uses that item."""
    return (str(reference.kind), reference.parent.casefold(), reference.code.casefold(), key)


def replace_references(
    tx: Transaction, keys: Sequence[ProductKey], wanted: set[ReferenceRow]
) -> None:
    """Make the references of the products the wanted ones; what is there already stays."""
    if not keys:
        return
    columns = (
        _REFERENCE.c.kind,
        _REFERENCE.c.parent_key,
        _REFERENCE.c.code_key,
        _REFERENCE.c.product_key,
    )
    there = select(*columns).where(_REFERENCE.c.product_key.in_(keys))
    stored: set[ReferenceRow] = {tuple(row) for row in tx.execute(there)}
    names = [column.name for column in columns]
    if new := sorted(wanted - stored):
        tx.insert_texts(_REFERENCE, names, [*new])
    if old := sorted(stored - wanted):
        one = [column == bindparam(f"is_{column.name}") for column in columns]
        gone = [f"is_{name}" for name in names]
        tx.execute(
            delete(_REFERENCE).where(*one), [dict(zip(gone, row, strict=True)) for row in old]
        )


def list_conditions(narrowing: Narrowing, *, after: str | None = None) -> list[ColumnElement[bool]]:
    """List what the row of every product (with a key after that) inside of a narrowing fulfils.

    Some outside may, too: a way up to a category that is known in part is no path of a document.
    """
    wanted = (
        (CatalogKind.FAMILY, narrowing.families),
        (CatalogKind.CATEGORY, narrowing.categories),
        (CatalogKind.CATEGORY, narrowing.trees),
    )
    return [_refers_to(kind, sorted(codes), after) for kind, codes in wanted if codes]


def _refers_to(kind: CatalogKind, codes: list[str], after: str | None) -> ColumnElement[bool]:
    """A product refers to its family, and to each of its categories with those above them."""
    users = select(_REFERENCE.c.product_key).where(
        _REFERENCE.c.kind == kind,
        _REFERENCE.c.parent_key == "",
        _REFERENCE.c.code_key.in_(codes),
    )
    if after is not None:
        users = users.where(_REFERENCE.c.product_key > after)
    return _PRODUCT.c.key.in_(users)
