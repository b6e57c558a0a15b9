"""Items of the mirrored structure: their rows by key, and lists.

Tombstones stay as rows, so that an older read does not bring an item back.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, and_, select, update

from pim.ids import OrderNumber
from pim.json_types import JsonObject
from pim.reads import ItemRead
from pim.structure import PARENT_KINDS, CatalogItem, Reference, text_of
from pim.vocabulary import CatalogKind
from storage.database import Transaction, fold, in_slices, read_object, write_json
from storage.references import NameKey, key_of
from storage.tables import CatalogItemRow, CatalogVersion, table_of

ITEM = table_of(CatalogItemRow)
_VERSION = table_of(CatalogVersion)
KEY = (ITEM.c.kind, ITEM.c.parent_key, ITEM.c.code_key)


def find_rows(
    tx: Transaction, keys: Iterable[NameKey], *columns: Column[Any]
) -> Iterator[tuple[NameKey, Row[Any]]]:
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


def item_row(key: NameKey, read: ItemRead, version: int) -> dict[str, object]:
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


def list_codes(tx: Transaction, kind: CatalogKind, parent: str | None = None) -> set[str]:
    """List the stored codes of a kind (below one parent), to compare with a complete listing."""
    statement = select(ITEM.c.code).where(ITEM.c.kind == kind, ITEM.c.removed.is_(False))
    if parent is not None:
        statement = statement.where(ITEM.c.parent_key == parent.casefold())
    return set(tx.execute(statement).scalars())


def list_items(
    tx: Transaction, kind: CatalogKind, parent: str | None = None
) -> dict[str, JsonObject]:
    """Read all stored items of a kind (below one parent), by code."""
    statement = select(ITEM.c.code, ITEM.c.body)
    statement = statement.where(ITEM.c.kind == kind, ITEM.c.removed.is_(False))
    if parent is not None:
        statement = statement.where(ITEM.c.parent_key == parent.casefold())
    return {row.code: read_object(row.body) for row in tx.execute(statement)}


def list_unseen(
    tx: Transaction,
    kind: CatalogKind,
    parent: str,
    *,
    first_number: OrderNumber,
    after: str | None = None,
    limit: int = 100,
) -> list[str]:
    """List the codes of a list's items that no read asked since `first_number` has shown."""
    unseen = (
        select(ITEM.c.code)
        .where(ITEM.c.kind == kind, ITEM.c.parent_key == parent.casefold())
        .where(ITEM.c.removed.is_(False), ITEM.c.read_from < first_number)
        .order_by(ITEM.c.code_key)
        .limit(limit)
    )
    if after is not None:
        unseen = unseen.where(ITEM.c.code_key > after.casefold())
    return list(tx.execute(unseen).scalars())


def count_items(tx: Transaction, kind: CatalogKind, parent: str) -> int:
    """Count a list's items."""
    mine = (ITEM.c.kind == kind) & (ITEM.c.parent_key == parent.casefold())
    return tx.count_rows(mine & ITEM.c.removed.is_(False))


def list_abandoned(tx: Transaction, kind: CatalogKind, *, limit: int = 100) -> list[Reference]:
    """List items whose parent was removed: the source takes them along, and lists them no more."""
    above = ITEM.alias("above")
    name: ColumnElement[str] = above.c.code_key
    if PARENT_KINDS[kind] in PARENT_KINDS:
        name = above.c.parent_key + "/" + above.c.code_key  # as `join_parent` has it
    gone = and_(
        above.c.kind == PARENT_KINDS[kind], name == ITEM.c.parent_key, above.c.removed.is_(True)
    )
    statement = (
        select(ITEM.c.parent, ITEM.c.code)
        .join(above, gone)
        .where(ITEM.c.kind == kind, ITEM.c.removed.is_(False))
        .order_by(ITEM.c.parent_key, ITEM.c.code_key)
        .limit(limit)
    )
    return [Reference(kind, row.parent, row.code) for row in tx.execute(statement)]


def find_sub_models(tx: Transaction, code: str) -> list[str]:
    """Find the codes of the models directly below a model."""
    below = select(ITEM.c.code).where(
        ITEM.c.kind == CatalogKind.PRODUCT_MODEL,
        ITEM.c.above_key == code.casefold(),
        ITEM.c.removed.is_(False),
    )
    return list(tx.execute(below.order_by(ITEM.c.code_key)).scalars())


@dataclass(frozen=True, slots=True)
class StoredItem:
    """When the stored answer about an item was asked for, and whether it was that it is gone."""

    read_from: OrderNumber
    removed: bool


def read_stored_items(tx: Transaction, items: Collection[Reference]) -> dict[Reference, StoredItem]:
    """Read what is known of these items (codes casefolded); those never seen are left out."""
    return {
        Reference(CatalogKind(kind), parent, code): StoredItem(row.read_from, row.removed)
        for (kind, parent, code), row in find_rows(
            tx, map(key_of, items), ITEM.c.read_from, ITEM.c.removed
        )
    }


def is_model_stored(tx: Transaction, code: str) -> bool:
    """Whether the mirror has a model of this code."""
    key = key_of(Reference(CatalogKind.PRODUCT_MODEL, "", code))
    return any(not row.removed for _, row in find_rows(tx, [key], ITEM.c.removed))


def find_two_way_types(tx: Transaction, types: Collection[str]) -> set[str]:
    """Find those of these association types (casefolded) that the mirror knows to be two-way."""
    keys = [(str(CatalogKind.ASSOCIATION_TYPE), "", code.casefold()) for code in types]
    return {
        key[2]
        for key, row in find_rows(tx, keys, ITEM.c.body, ITEM.c.removed)
        if not row.removed and read_object(row.body).get("is_two_way") in _TRUE
    }


_TRUE = (True, 1, "1", "true")
"""As PHP may write it."""
