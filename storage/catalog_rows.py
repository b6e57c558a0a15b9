"""The rows of the mirrored structure by their keys, and its version."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from sqlalchemy import Column, Row, select, update

from pim.structure import Reference
from storage.engine import Transaction
from storage.statements import in_slices
from storage.tables import CatalogItemRow, CatalogVersion, table_of

ITEM = table_of(CatalogItemRow)
_VERSION = table_of(CatalogVersion)
KEY = (ITEM.c.kind, ITEM.c.parent_key, ITEM.c.code_key)

ItemKey: TypeAlias = tuple[str, str, str]
"""Kind, and casefolded parent and code."""


def key_of(item: Reference) -> ItemKey:
    """Give the key of an item's row."""
    return (str(item.kind), item.parent.casefold(), item.code.casefold())


def find_rows(
    tx: Transaction, keys: Iterable[ItemKey], *columns: Column[Any]
) -> Iterator[tuple[ItemKey, Row[Any]]]:
    """Find items by their keys, tombstones included.

    One question a kind, by parents and by codes: SQLite walks the whole table for a list of pairs.
    What combines the parent of one with the code of another is left out here.
    """
    wanted = set(keys)
    for kind in sorted({kind for kind, _, _ in wanted}):
        parents = sorted({parent for k, parent, _ in wanted if k == kind})
        codes = sorted({code for k, _, code in wanted if k == kind})
        of_kind = select(*KEY, *columns).where(ITEM.c.kind == kind)
        for some in in_slices(codes):
            found = of_kind.where(ITEM.c.parent_key.in_(parents), ITEM.c.code_key.in_(some))
            for row in tx.execute(found):
                key = (row.kind, row.parent_key, row.code_key)
                if key in wanted:
                    yield key, row


def read_version(tx: Transaction) -> int:
    """Read the catalog's version."""
    return int(tx.execute(select(_VERSION.c.version)).scalar_one())


def raise_version(tx: Transaction) -> int:
    """Raise the catalog's version; the caller owns the catalog."""
    raised = update(_VERSION).values(version=_VERSION.c.version + 1).returning(_VERSION.c.version)
    return int(tx.execute(raised).scalar_one())
