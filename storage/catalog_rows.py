"""The rows of the mirrored structure by their keys, and its version."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from sqlalchemy import Column, Row, select, update

from pim.reads import ItemRead
from pim.structure import CatalogItem, Reference, text_of
from pim.vocabulary import CatalogKind
from storage.engine import Transaction
from storage.statements import fold, in_slices, write_json
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


def item_row(key: ItemKey, read: ItemRead, version: int) -> dict[str, object]:
    """Give the row of an item as read; an absence keeps its name and no content."""
    kind, parent_key, code_key = key
    item = read.item
    above = None if item is None else _above(item)
    return {
        "kind": kind,
        "parent_key": parent_key,
        "code_key": code_key,
        "parent": read.reference.parent,
        "code": read.reference.code,
        "content_hash": "" if item is None else item.content_hash,
        "updated": None if item is None else item.updated,
        "version": version,
        "body": write_json({} if item is None else item.body),
        "read_from": read.interval.read_from,
        "read_to": read.interval.read_to,
        "removed": item is None,
        "above": above,
        "above_key": fold(above),
    }


def _above(item: CatalogItem) -> str | None:
    return text_of(item.body, "parent") if item.kind is CatalogKind.PRODUCT_MODEL else None
