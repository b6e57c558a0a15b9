"""The mirrored structure; who must be rendered or read again is in `storage.catalog_marks`."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from pim.json_types import JsonObject
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage.catalog_marks import (
    Mark,
    StoredRendering,
    finish_mark,
    open_marks,
    read_renderings,
    users_behind,
    write_rendering,
)
from storage.catalog_rows import ITEM, find_rows, key_of, read_version
from storage.catalog_unseen import count_items, list_abandoned, list_unseen
from storage.catalog_writing import ItemsWritten, differing_items, write_items
from storage.engine import Transaction
from storage.statements import read_object

__all__ = [
    "CatalogSnapshot",
    "ItemsWritten",
    "Mark",
    "StoredRendering",
    "count_items",
    "differing_items",
    "finish_mark",
    "list_abandoned",
    "list_codes",
    "list_items",
    "list_unseen",
    "load_snapshot",
    "open_marks",
    "read_renderings",
    "read_version",
    "users_behind",
    "write_items",
    "write_rendering",
]


@dataclass(frozen=True, slots=True)
class CatalogSnapshot:
    """Items of one version: a `CatalogView`. Codes compare casefolded."""

    version: int
    items: Mapping[tuple[CatalogKind, str, str], JsonObject] = field(default_factory=dict)

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:
        """Look up an item's body; None if it is not mirrored."""
        return self.items.get((kind, parent.casefold(), code.casefold()))

    def missing(self, references: Iterable[Reference]) -> frozenset[Reference]:
        """List the references that are not mirrored."""
        return frozenset(
            reference
            for reference in references
            if self.get(reference.kind, reference.parent, reference.code) is None
        )


def load_snapshot(tx: Transaction, references: Collection[Reference]) -> CatalogSnapshot:
    """Load the referenced items with the catalog's version.

    The version is read first: where the transaction has no snapshot of its own, the items can only
    be newer than it says, and their users are then rendered once more than needed.
    """
    version = read_version(tx)
    items: dict[tuple[CatalogKind, str, str], JsonObject] = {}
    models = [each for each in references if each.kind is CatalogKind.PRODUCT_MODEL]
    for (_, parent_key, code_key), row in find_rows(
        tx, map(key_of, models), ITEM.c.code, ITEM.c.above, ITEM.c.removed
    ):
        # Who is whose parent is all that a document wants of a model: a run that kept ten thousand
        # of them with their values would have no memory left for products.
        if not row.removed:
            head: JsonObject = {"code": row.code, "parent": row.above}
            items[CatalogKind.PRODUCT_MODEL, parent_key, code_key] = head
    others = [each for each in references if each.kind is not CatalogKind.PRODUCT_MODEL]
    for (_, parent_key, code_key), row in find_rows(
        tx, map(key_of, others), ITEM.c.body, ITEM.c.removed
    ):
        if not row.removed:
            items[CatalogKind(row.kind), parent_key, code_key] = read_object(row.body)
    return CatalogSnapshot(version, items)


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
