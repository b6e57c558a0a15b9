"""The one write path of the mirrored structure: the order guard is in its SQL, as with products.

A read wins if it was asked after the stored one had been answered (`read_from > read_to`). Drains,
which read an item on a miss, and sweeps, which list them all, may race: an older read neither
overwrites a newer one nor brings back what a newer one found gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import groupby

from sqlalchemy import ClauseElement, select, update

from pim.decision import NotWritten, StoredMark, decide_not_written
from pim.reads import ItemRead, ReadInterval
from pim.structure import Reference, hash_item
from pim.vocabulary import CatalogKind
from storage.catalog.collected import list_touched
from storage.catalog.items import (
    ITEM,
    KEY,
    find_rows,
    item_row,
    raise_version,
    read_version,
)
from storage.catalog.marks import leave_marks, own_catalog
from storage.database import (
    Insert,
    KeptStatement,
    Transaction,
    changed_rows,
    in_slices,
    read_object,
)
from storage.errors import StoreRace
from storage.references import NameKey, key_of

_MARKS = (ITEM.c.content_hash, ITEM.c.read_from, ITEM.c.read_to, ITEM.c.removed)
_REPLACED = (
    *("parent", "code", "content_hash", "updated", "version", "body"),
    *("read_from", "read_to", "removed", "above", "above_key"),
)


class _Fate(Enum):
    CHANGED = auto()  # new, different, or back again
    REMOVED = auto()  # it was there
    REHASHED = auto()  # alike, under a hash of an older definition: written, and no change
    ABSENT = auto()  # never seen, or gone already: only the read columns move
    SAME = auto()  # only the read columns move
    NOTHING = auto()  # older than what is stored, or of the same time and alike
    CONTENDED = auto()


_WRITTEN = (_Fate.CHANGED, _Fate.REHASHED, _Fate.REMOVED, _Fate.ABSENT)


@dataclass(frozen=True, slots=True)
class ItemsWritten:
    """What came of reads of items.

    `changed` are new or differ, `removed` were there before. `contended` must be read again, now:
    two reads of them overlapped and disagree.
    """

    changed: tuple[Reference, ...] = ()
    removed: tuple[Reference, ...] = ()
    contended: tuple[Reference, ...] = ()

    def __add__(self, other: "ItemsWritten") -> "ItemsWritten":
        """Both, with what is contended now: that of the later one."""
        return ItemsWritten(
            self.changed + other.changed, self.removed + other.removed, other.contended
        )

    @property
    def touched(self) -> int:
        """How many items are not what they were."""
        return len(self.changed) + len(self.removed)


def write_items(tx: Transaction, reads: Sequence[ItemRead]) -> ItemsWritten:
    """Write the items that are newer than what is stored, and take out those read as absent.

    If any changed (by content hash), the catalog's version rises, and each leaves a durable mark:
    who uses it is rendered again, or, where it was removed, read again, because the REST answer
    changed with it. Of an unchanged item the read columns move: one update for a page.
    """
    by_key = {key_of(read.reference): read for read in reads}
    fates = _judge(tx, by_key)
    if _of(fates, *_WRITTEN) or not _touch(tx, by_key, fates):
        own_catalog(tx)
        fates = _judge(tx, by_key, lock=True)
        _touch(tx, by_key, fates)
        _write(tx, by_key, fates)
    named = {fate: tuple(by_key[key].reference for key in _of(fates, fate)) for fate in _Fate}
    return ItemsWritten(named[_Fate.CHANGED], named[_Fate.REMOVED], named[_Fate.CONTENDED])


def count_differing_items(tx: Transaction, reads: Sequence[ItemRead]) -> int:
    """Count what `write_items` would find changed or removed."""
    fates = _judge(tx, {key_of(read.reference): read for read in reads})
    return len(_of(fates, _Fate.CHANGED, _Fate.REMOVED))


def _judge(
    tx: Transaction, by_key: Mapping[NameKey, ItemRead], *, lock: bool = False
) -> dict[NameKey, _Fate]:
    """Say of each read what comes of it, in key order; with `lock` it stays true."""
    if lock and tx.locks_rows:
        _lock(tx, by_key)
    stored = {
        key: StoredMark(row.read_from, row.read_to, None, row.content_hash, row.removed)
        for key, row in find_rows(tx, by_key, *_MARKS)
    }
    fates = {key: _fate(by_key[key], stored.get(key)) for key in sorted(by_key)}
    differing = [key for key in _of(fates, _Fate.CHANGED) if key in stored]
    return fates | dict.fromkeys(_alike(tx, by_key, differing), _Fate.REHASHED)


def _alike(
    tx: Transaction, by_key: Mapping[NameKey, ItemRead], keys: Sequence[NameKey]
) -> list[NameKey]:
    """Those whose stored bodies mean what was read: only the hash's definition was another."""
    alike: list[NameKey] = []
    for key, row in find_rows(tx, keys, ITEM.c.body, ITEM.c.removed):
        item = by_key[key].item
        if item is not None and not row.removed:
            before = hash_item(item.kind, read_object(row.body))
            alike += [key] * (before == item.content_hash)
    return alike


def _lock(tx: Transaction, keys: Iterable[NameKey]) -> None:
    for (kind, parent), some in groupby(sorted(keys), key=lambda key: key[:2]):
        for codes in in_slices([code for _, _, code in some]):
            rows = select(ITEM.c.code_key).where(ITEM.c.kind == kind, ITEM.c.parent_key == parent)
            one = rows.where(ITEM.c.code_key.in_(codes)).order_by(ITEM.c.code_key)
            tx.execute(one.with_for_update()).all()


def _fate(read: ItemRead, stored: StoredMark | None) -> _Fate:
    content_hash = None if read.item is None else read.item.content_hash
    if stored is None:
        return _Fate.ABSENT if content_hash is None else _Fate.CHANGED
    if read.interval.read_from > stored.read_to:
        return _later(content_hash, stored)
    refused = decide_not_written(read.interval, content_hash, stored)
    return _Fate.CONTENDED if refused is NotWritten.CONTENDED else _Fate.NOTHING


def _later(content_hash: str | None, stored: StoredMark) -> _Fate:
    if content_hash is None:
        return _Fate.ABSENT if stored.deleted else _Fate.REMOVED
    is_same = not stored.deleted and stored.content_hash == content_hash
    return _Fate.SAME if is_same else _Fate.CHANGED


def _of(fates: Mapping[NameKey, _Fate], *wanted: _Fate) -> list[NameKey]:
    return [key for key, fate in fates.items() if fate in wanted]


def _touch(
    tx: Transaction, by_key: Mapping[NameKey, ItemRead], fates: Mapping[NameKey, _Fate]
) -> bool:
    """Move the read columns of what is unchanged; False if some of it has moved on meanwhile.

    By content, not by key alone: an older read may have been written since the judgement. Each
    content names its item (the code is in it), so two lists say what pairs would.
    """
    pages: dict[tuple[ReadInterval, str, str], dict[str, str]] = {}
    for key in _of(fates, _Fate.SAME):
        read = by_key[key]
        if read.item is not None:
            page = pages.setdefault((read.interval, *key[:2]), {})
            page[key[2]] = read.item.content_hash
    moved = 0
    for (interval, kind, parent), contents in pages.items():
        for some in in_slices(sorted(contents.items()), size=500):
            moved += changed_rows(
                tx.execute(
                    update(ITEM)
                    .where(
                        ITEM.c.kind == kind,
                        ITEM.c.parent_key == parent,
                        ITEM.c.code_key.in_([code for code, _ in some]),
                        ITEM.c.content_hash.in_([content for _, content in some]),
                        ITEM.c.removed.is_(False),
                        ITEM.c.read_to < interval.read_from,
                    )
                    .values(read_from=interval.read_from, read_to=interval.read_to)
                )
            )
    return moved == sum(len(contents) for contents in pages.values())


def _write(
    tx: Transaction, by_key: Mapping[NameKey, ItemRead], fates: Mapping[NameKey, _Fate]
) -> None:
    written = _of(fates, *_WRITTEN)
    if not written:
        return
    changed, removed = (
        [by_key[key].reference for key in _of(fates, fate)]
        for fate in (_Fate.CHANGED, _Fate.REMOVED)
    )
    collected = list_touched(tx, [by_key[key] for key in _of(fates, _Fate.CHANGED, _Fate.REMOVED)])
    version = raise_version(tx) if changed or removed else read_version(tx)
    stated = [item_row(key, by_key[key], version) for key in written]
    rows = tx.execute_kept(_PUT_ITEMS, stated).all()
    if len(rows) != len(written):
        raise StoreRace("items of the structure moved while they were being written")
    if changed or collected:
        leave_marks(tx, [*changed, *collected], version=version, removed=False)
    if removed:
        leave_marks(tx, [*removed, *_named_by_others(removed)], version=version, removed=True)


def _guarded(insert: Insert) -> ClauseElement:
    return insert.on_conflict_do_update(
        index_elements=list(KEY),
        set_={name: insert.excluded[name] for name in _REPLACED},
        where=insert.excluded.read_from > ITEM.c.read_to,
    ).returning(ITEM.c.code_key)


_PUT_ITEMS = KeptStatement(ITEM, _guarded)


def _named_by_others(removed: Sequence[Reference]) -> list[Reference]:
    """The removed models, as associations point to them."""
    return [
        Reference(CatalogKind.ASSOCIATED_MODEL, "", each.code)
        for each in removed
        if each.kind is CatalogKind.PRODUCT_MODEL
    ]
