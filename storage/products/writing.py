"""The one write path of drains and sweeps: the order guard is in its SQL.

A read wins if it was asked after the stored one had been answered (`read_from > read_to`). Nothing
else orders states of a product: inherited changes leave `updated` alone, edits share a second,
deletions have none, a restored right brings an old one back. The two bodies are written beside the
row, and say what changed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, Row, and_, func, or_, select

from pim.decision import NotWritten, StoredMark, decide_not_written, is_rewound
from pim.document import associated_by_type
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.product import SourceProduct, read_meaning
from pim.reads import ProductRead
from pim.structure import Reference
from storage.catalog import own_catalog, reopen_marks, share_catalog
from storage.database import Insert, KeptStatement, Transaction, fold, write_json
from storage.figures import LIVE, PRODUCTS, TOMBSTONE, count_stored
from storage.products.changes import record_changes
from storage.products.differences import Changed, diff_documents, diff_products
from storage.products.holds import release_holds
from storage.products.key_move import move_keys, require_identity
from storage.products.marking import find_renamed, mark_partners, mark_unnamed
from storage.products.reading import (
    count_products,
    read_documents,
    read_marks,
    read_sources,
)
from storage.products.types import Cause, ProductWrite, WriteResult, Written
from storage.references import replace_references
from storage.tables import MetricRow, Product, ProductContent, table_of

_METRIC = table_of(MetricRow)
_PRODUCT = table_of(Product)

_MOVED = ("read_from", "read_to", "read_at", "written_at")
_LIVE = (
    *("uuid", "identifier", "identifier_key", "enabled", "family", "parent", "parent_key"),
    *("updated", "content_hash", "source_hash", "catalog_version", "deleted_at"),
)

_CONTENT = table_of(ProductContent)


def write_products(
    tx: Transaction, writes: Sequence[ProductWrite], *, cause: Cause, now: datetime
) -> dict[ProductKey, WriteResult]:
    """Write the states that are newer than what is stored, with their change rows.

    One state per key; SQLite's other writers wait meanwhile, so let them be few. What is written
    decides a deletion held for its product: a live state withdraws it, an absence carries it out.

    A product that is called by its uuid now takes over what was stored under its identifier.

    Raises:
        ValueError: two states of one product, or a live one without its document.
        KeysMoved: they are written under identifiers, where products are keyed by uuid by now.
    """
    by_key = _in_key_order(writes)
    move_keys(tx, _uuids(writes), now=now)
    renamed = find_renamed(tx, writes)
    # Before any row: who waits for the catalog while holding a row would meet, in a ring, who
    # waits for the row. Alone where a mark may be left: it could not be made so later.
    if renamed or any(write.read.product is None for write in writes):
        own_catalog(tx)
    else:
        share_catalog(tx)
    require_identity(tx, writes)
    before = _lock(tx, by_key)
    upserted = _upsert(tx, list(by_key.values()), now)
    _count(tx, by_key, upserted)
    results = {key: _written(by_key[key], row, before.get(key)) for key, row in upserted.items()}
    live = [by_key[key] for key in upserted if by_key[key].document is not None]
    gone = [key for key in upserted if by_key[key].document is None]
    results |= write_contents(tx, live, results)
    _write_references(tx, live, gone)
    record_changes(tx, by_key, results, cause=cause, now=now)
    mark_unnamed(tx, upserted, results, renamed)
    results |= mark_partners(tx, by_key, results)
    release_holds(tx, seen=[write.read.key for write in live], gone=gone, cause=cause, now=now)
    refused = [write for key, write in by_key.items() if key not in upserted]
    results |= _explain(tx, refused)
    return {write.read.key: results[write.read.key] for write in writes}


def _uuids(writes: Sequence[ProductWrite]) -> dict[ProductKey, str]:
    """The identifiers of those that are called by their uuids."""
    products = [write.read.product for write in writes if write.read.product is not None]
    return {
        each.key: each.identifier for each in products if each.identifier and each.uuid == each.key
    }


def _count(
    tx: Transaction, writes: dict[ProductKey, ProductWrite], upserted: dict[ProductKey, Row[Any]]
) -> None:
    live = tombstones = 0
    for key, row in upserted.items():
        is_live = writes[key].document is not None
        existed, was_tombstone = row.previous_deleted is not None, bool(row.previous_deleted)
        live += is_live - (existed and not was_tombstone)
        tombstones += (not is_live) - was_tombstone
    count_stored(tx, live=live, tombstones=tombstones)


def recount_products(tx: Transaction) -> None:
    """Make the figures of products true again, whatever wrote products without counting them.

    The figures first, then the products: who has written and not yet committed either has raised
    a figure, and is waited for, or will raise it after this.
    """
    rows = select(_METRIC).where(_METRIC.c.name == PRODUCTS).order_by(_METRIC.c.labels)
    shown = {row.labels: row.value for row in tx.execute(rows.with_for_update())}
    for label, there in zip((LIVE, TOMBSTONE), count_products(tx), strict=True):
        uncommitted = tx.counts.get((PRODUCTS, label), 0)  # by this very transaction
        tx.count(PRODUCTS, label, by=there - shown.get(label, 0) - uncommitted)


def _in_key_order(writes: Sequence[ProductWrite]) -> dict[ProductKey, ProductWrite]:
    by_key = {write.read.key: write for write in sorted(writes, key=lambda write: write.read.key)}
    if len(by_key) < len(writes):
        raise ValueError("two states of one product in one write")
    for write in writes:
        if (write.read.product is None) is not (write.document is None):
            raise ValueError(f"product {write.read.key}: a state and its document go together")
    return by_key


def _lock(tx: Transaction, by_key: dict[ProductKey, ProductWrite]) -> dict[ProductKey, StoredMark]:
    """Lock the rows in key order, and read the marks that confirmed writes are compared with."""
    if tx.locks_rows:
        rows = select(_PRODUCT.c.key).where(_PRODUCT.c.key.in_(list(by_key)))
        tx.execute(rows.order_by(_PRODUCT.c.key).with_for_update()).all()
    return read_marks(tx, [key for key, write in by_key.items() if write.confirmed])


def _upsert(
    tx: Transaction, writes: Sequence[ProductWrite], now: datetime
) -> dict[ProductKey, Row[Any]]:
    live = [write for write in writes if write.document is not None and not write.confirmed]
    confirmed = [write for write in writes if write.document is not None and write.confirmed]
    absent = [write for write in writes if write.document is None]
    rows = [
        *_execute(tx, _PUT_LIVE, live, now),
        *_execute(tx, _PUT_CONFIRMED, confirmed, now),
        *_execute(tx, _PUT_ABSENT, absent, now),
    ]
    return {ProductKey(row.key): row for row in rows}


def _guarded(insert: Insert, values: dict[str, Any], *more: ColumnElement[bool]) -> ClauseElement:
    previous = {
        "previous_hash": _PRODUCT.c.content_hash,
        "previous_deleted": _PRODUCT.c.deleted_at.is_not(None),
    }
    upsert = insert.on_conflict_do_update(
        index_elements=[_PRODUCT.c.key],
        set_={**values, **previous},
        where=and_(insert.excluded.read_from > _PRODUCT.c.read_to, *more),
    )
    return upsert.returning(
        *(_PRODUCT.c.key, _PRODUCT.c.identifier),
        *(_PRODUCT.c.previous_hash, _PRODUCT.c.previous_deleted),
    )


def _live_values(insert: Insert) -> dict[str, Any]:
    return {name: insert.excluded[name] for name in (*_LIVE, *_MOVED)}


def _absent_values(insert: Insert) -> dict[str, Any]:
    """Keep who it was; the first sight of the absence dates the tombstone."""
    moved = {name: insert.excluded[name] for name in _MOVED}
    since = func.coalesce(_PRODUCT.c.deleted_at, insert.excluded.deleted_at)
    return {**moved, "deleted_at": since, "content_hash": None}


def _in_order(insert: Insert) -> ColumnElement[bool]:
    """Refuse an older `updated` over a live row: read by key first (a PIM restored, perhaps).

    Not so the same content: a PIM may print all its dates otherwise than before.
    """
    return or_(
        _PRODUCT.c.deleted_at.is_not(None),
        _PRODUCT.c.updated.is_(None),
        insert.excluded.updated.is_(None),  # no date that can be read: no sign of going back
        insert.excluded.updated >= _PRODUCT.c.updated,
        insert.excluded.content_hash == _PRODUCT.c.content_hash,
    )


_PUT_LIVE = KeptStatement(
    _PRODUCT, lambda insert: _guarded(insert, _live_values(insert), _in_order(insert))
)
_PUT_CONFIRMED = KeptStatement(_PRODUCT, lambda insert: _guarded(insert, _live_values(insert)))
_PUT_ABSENT = KeptStatement(_PRODUCT, lambda insert: _guarded(insert, _absent_values(insert)))


def _execute(
    tx: Transaction, statement: KeptStatement, writes: Sequence[ProductWrite], now: datetime
) -> Sequence[Row[Any]]:
    return (
        tx.execute_kept(statement, [_row(write, now) for write in writes]).all() if writes else []
    )


def _row(write: ProductWrite, now: datetime) -> dict[str, Any]:
    read = write.read
    row: dict[str, Any] = dict.fromkeys(_LIVE) | {
        "key": read.key,
        "catalog_version": write.catalog_version,
        "read_from": read.interval.read_from,
        "read_to": read.interval.read_to,
        "read_at": read.interval.read_at,
        "written_at": now,
    }
    product = read.product
    if product is None:
        return row | {"deleted_at": now}
    return row | {
        "uuid": product.uuid,
        "identifier": product.identifier,
        "identifier_key": fold(product.identifier),
        "enabled": product.enabled,
        "family": product.family,
        "parent": product.parent,
        "parent_key": fold(product.parent),
        "updated": product.updated,
        "content_hash": product.content_hash,
        "source_hash": product.source_hash,
    }


def _written(write: ProductWrite, row: Row[Any], before: StoredMark | None) -> WriteResult:
    product = write.read.product
    existed, was_deleted = row.previous_deleted is not None, bool(row.previous_deleted)
    if product is None:
        was_live = existed and not was_deleted
        return WriteResult(Written.DELETED if was_live else Written.ABSENT)
    rewound = write.confirmed and is_rewound(product.updated, before)
    if not existed:
        return WriteResult(Written.CREATED)
    if was_deleted:
        return WriteResult(Written.RESTORED)
    same = row.previous_hash == product.content_hash
    return WriteResult(Written.UNCHANGED if same else Written.UPDATED, rewound=rewound)


def _write_references(
    tx: Transaction, live: Sequence[ProductWrite], gone: Sequence[ProductKey]
) -> None:
    """Make the references of what was written those of its document; tombstones have none."""
    wanted: dict[ProductKey, Collection[Reference]] = dict.fromkeys(gone, ())
    for write in live:
        if write.document is not None:
            wanted[write.read.key] = write.document.references
    replace_references(tx, wanted)
    if live:
        reopen_marks(
            tx,
            [write.read.key for write in live],
            catalog_version=min(write.catalog_version for write in live),
            read_from=min(write.read.interval.read_from for write in live),
        )


def _explain(tx: Transaction, refused: Sequence[ProductWrite]) -> dict[ProductKey, WriteResult]:
    stored = read_marks(tx, [write.read.key for write in refused])
    return {
        write.read.key: WriteResult(_why_refused(write.read, stored[write.read.key]))
        for write in refused
    }


def _why_refused(read: ProductRead, stored: StoredMark) -> Written:
    if read.interval.read_from > stored.read_to:
        return Written.REWOUND_SUSPECT
    content_hash = None if read.product is None else read.product.content_hash
    match decide_not_written(read.interval, content_hash, stored):
        case NotWritten.OUTDATED:
            return Written.OUTDATED
        case NotWritten.UNCHANGED:
            return Written.UNCHANGED
        case NotWritten.CONTENDED:
            return Written.CONTENDED


def write_contents(
    tx: Transaction, writes: Sequence[ProductWrite], results: Mapping[ProductKey, WriteResult]
) -> dict[ProductKey, WriteResult]:
    """Replace both bodies of what was written; answer the results with what changed in them."""
    if not writes:
        return {}
    old = read_sources(
        tx,
        [key for key, result in results.items() if result.written in _COMPARED],
    )
    compared = {write.read.key: _compare(write, results[write.read.key], old) for write in writes}
    compared |= _compare_documents(tx, writes, compared)
    tx.execute_kept(_PUT_CONTENT, [_bodies(write) for write in writes])
    return compared


def _replace(upsert: Insert) -> ClauseElement:
    replaced = {"source": upsert.excluded.source, "document": upsert.excluded.document}
    return upsert.on_conflict_do_update(index_elements=[_CONTENT.c.key], set_=replaced)


_PUT_CONTENT = KeptStatement(_CONTENT, _replace)


_COMPARED = {Written.UPDATED, Written.RESTORED}


def _bodies(write: ProductWrite) -> dict[str, str]:
    if write.read.product is None or write.document is None:
        raise ValueError("an absence has no bodies")
    return {
        "key": write.read.key,
        "source": write_json(write.read.product.body),
        "document": write_json(write.document.body),
    }


def _compare(
    write: ProductWrite, result: WriteResult, old: Mapping[ProductKey, JsonObject]
) -> WriteResult:
    if result.written not in _COMPARED or write.read.product is None:
        return result
    source = old.get(write.read.key)
    if source is None:  # a tombstone of something never seen alive
        return replace(result, written=Written.CREATED)
    changed = diff_products(source, write.read.product.body)
    if result.written is Written.UPDATED and not changed:
        # The hash moved, and nothing that is shown: a reader of the feed has nothing to do.
        return replace(result, written=Written.UNCHANGED)
    retargeted = (
        _retargeted(source, write.read.product) if _ASSOCIATIONS in changed else frozenset()
    )
    return replace(result, changed=changed, retargeted=retargeted)


def _compare_documents(
    tx: Transaction, writes: Sequence[ProductWrite], results: Mapping[ProductKey, WriteResult]
) -> dict[ProductKey, WriteResult]:
    """The same content may be shown otherwise: with labels of a later catalog, with other links."""
    same = [key for key, result in results.items() if result.written is Written.UNCHANGED]
    shown = read_documents(tx, same)
    return {
        write.read.key: replace(
            results[write.read.key],
            changed=diff_documents(shown[write.read.key], write.document.body),
        )
        for write in writes
        if write.read.key in shown and write.document is not None
    }


_ASSOCIATIONS = Changed("associations", field=True)


def _retargeted(before: JsonObject, now: SourceProduct) -> frozenset[tuple[str, Reference]]:
    old, new = associated_by_type(read_meaning(before).content), associated_by_type(now.content)
    return frozenset(
        (code, target)
        for code in old.keys() | new.keys()
        for target in old.get(code, frozenset()) ^ new.get(code, frozenset())
    )
