"""The mirrored structure; who must be rendered or read again is in `storage.catalog_marks`."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Row, bindparam, delete, select, update

from pim.json_types import JsonObject
from pim.structure import CatalogItem, Reference
from pim.vocabulary import CatalogKind
from storage.behind import own_catalog
from storage.catalog_marks import (
    Mark,
    StoredRendering,
    finish_mark,
    leave_marks,
    open_marks,
    read_renderings,
    users_behind,
    write_rendering,
)
from storage.engine import Transaction
from storage.statements import in_slices, read_object, write_json
from storage.tables import CatalogItemRow, CatalogVersion, table_of

__all__ = [
    "CatalogSnapshot",
    "Mark",
    "StoredRendering",
    "finish_mark",
    "list_codes",
    "list_items",
    "load_snapshot",
    "open_marks",
    "read_renderings",
    "read_version",
    "remove_items",
    "users_behind",
    "write_items",
    "write_rendering",
]

_ITEM = table_of(CatalogItemRow)
_VERSION = table_of(CatalogVersion)
_KEY = (_ITEM.c.kind, _ITEM.c.parent_key, _ITEM.c.code_key)

_Key = tuple[str, str, str]


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
    for (_, parent_key, code_key), row in _find(tx, map(_key, references), _ITEM.c.body):
        items[CatalogKind(row.kind), parent_key, code_key] = read_object(row.body)
    return CatalogSnapshot(version, items)


def read_version(tx: Transaction) -> int:
    """Read the catalog's version."""
    return int(tx.execute(select(_VERSION.c.version)).scalar_one())


def write_items(tx: Transaction, items: Sequence[CatalogItem]) -> list[Reference]:
    """Store items; answer those that are new or changed (compared by content hash).

    If any is, the catalog's version rises, and each leaves a durable mark.
    """
    if not _differing(tx, items):
        return []
    own_catalog(tx)
    changed = _differing(tx, items)
    if not changed:
        return []
    version = _raise_version(tx)
    upsert = tx.insert_into(_ITEM)
    names = ("parent", "code", "content_hash", "updated", "version", "body")
    replaced = {name: upsert.excluded[name] for name in names}
    tx.execute(
        upsert.on_conflict_do_update(index_elements=list(_KEY), set_=replaced),
        [_row(key, item, version) for key, item in changed.items()],
    )
    codes = [item.reference for item in changed.values()]
    leave_marks(tx, codes, version=version, removed=False)
    return codes


def remove_items(tx: Transaction, items: Collection[Reference]) -> list[Reference]:
    """Remove items that the source no longer has; answer those that were there.

    Each leaves a mark whose users must be read again: their REST answer has changed with it.
    """
    own_catalog(tx)
    found = dict(_find(tx, map(_key, items), _ITEM.c.parent, _ITEM.c.code))
    if not found:
        return []
    gone = delete(_ITEM).where(*(column == bindparam(f"is_{column.name}") for column in _KEY))
    tx.execute(
        gone,
        [
            {f"is_{column.name}": part for column, part in zip(_KEY, key, strict=True)}
            for key in found
        ],
    )
    removed = [Reference(CatalogKind(row.kind), row.parent, row.code) for row in found.values()]
    leave_marks(tx, removed, version=_raise_version(tx), removed=True)
    return sorted(removed)


def list_codes(tx: Transaction, kind: CatalogKind, parent: str | None = None) -> set[str]:
    """List the stored codes of a kind (below one parent), to compare with a complete listing."""
    statement = select(_ITEM.c.code).where(_ITEM.c.kind == kind)
    if parent is not None:
        statement = statement.where(_ITEM.c.parent_key == parent.casefold())
    return set(tx.execute(statement).scalars())


def list_items(
    tx: Transaction, kind: CatalogKind, parent: str | None = None
) -> dict[str, JsonObject]:
    """Read all stored items of a kind (below one parent), by code."""
    statement = select(_ITEM.c.code, _ITEM.c.body).where(_ITEM.c.kind == kind)
    if parent is not None:
        statement = statement.where(_ITEM.c.parent_key == parent.casefold())
    return {row.code: read_object(row.body) for row in tx.execute(statement)}


def _key(item: Reference) -> _Key:
    return (str(item.kind), item.parent.casefold(), item.code.casefold())


def _differing(tx: Transaction, items: Sequence[CatalogItem]) -> dict[_Key, CatalogItem]:
    """Give the items whose content is not stored, in key order; of two alike, the last."""
    by_key = {_key(item.reference): item for item in items}
    found = _find(tx, by_key, _ITEM.c.content_hash)
    stored = {key: row.content_hash for key, row in found}
    return {
        key: by_key[key] for key in sorted(by_key) if stored.get(key) != by_key[key].content_hash
    }


def _find(
    tx: Transaction, keys: Iterable[_Key], *columns: Column[Any]
) -> Iterator[tuple[_Key, Row[Any]]]:
    """Find items by their keys.

    One question a kind, by parents and by codes: SQLite walks the whole table for a list of pairs.
    What combines the parent of one with the code of another is left out here.
    """
    wanted = set(keys)
    for kind in sorted({kind for kind, _, _ in wanted}):
        parents = sorted({parent for k, parent, _ in wanted if k == kind})
        codes = sorted({code for k, _, code in wanted if k == kind})
        of_kind = select(*_KEY, *columns).where(_ITEM.c.kind == kind)
        for some in in_slices(codes):
            found = of_kind.where(_ITEM.c.parent_key.in_(parents), _ITEM.c.code_key.in_(some))
            for row in tx.execute(found):
                key = (row.kind, row.parent_key, row.code_key)
                if key in wanted:
                    yield key, row


def _row(key: _Key, item: CatalogItem, version: int) -> dict[str, object]:
    kind, parent_key, code_key = key
    return {
        "kind": kind,
        "parent_key": parent_key,
        "code_key": code_key,
        "parent": item.parent,
        "code": item.code,
        "content_hash": item.content_hash,
        "updated": item.updated,
        "version": version,
        "body": write_json(item.body),
    }


def _raise_version(tx: Transaction) -> int:
    raised = update(_VERSION).values(version=_VERSION.c.version + 1).returning(_VERSION.c.version)
    return int(tx.execute(raised).scalar_one())
