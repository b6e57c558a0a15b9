"""What is written beside a product's row: its two bodies, its references, its change row."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from pim.document import Document, associated_by_type
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.meaning import read_meaning
from pim.product import SourceProduct
from pim.structure import Reference
from storage.behind import reopen_marks
from storage.clock import TransactionId
from storage.differences import Changed, diff_products
from storage.engine import Transaction
from storage.figures import CHANGES
from storage.product_types import Cause, ProductWrite, WriteResult, Written
from storage.statements import in_slices, read_object, write_json
from storage.tables import ProductChange, ProductContent, ProductReference, table_of

_CONTENT = table_of(ProductContent)
_REFERENCE = table_of(ProductReference)
_CHANGE = table_of(ProductChange)

_OPS = {Written.CREATED, Written.UPDATED, Written.DELETED, Written.RESTORED}


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
    upsert = tx.insert_into(_CONTENT)
    replaced = {"source": upsert.excluded.source, "document": upsert.excluded.document}
    tx.execute(
        upsert.on_conflict_do_update(index_elements=[_CONTENT.c.key], set_=replaced),
        [_bodies(write) for write in writes],
    )
    return {write.read.key: _compare(write, results[write.read.key], old) for write in writes}


_COMPARED = {Written.UPDATED, Written.RESTORED}


def read_sources(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, JsonObject]:
    """Read the answers that the given products were written from."""
    found: dict[ProductKey, JsonObject] = {}
    for some in in_slices(sorted(keys)):
        rows = tx.execute(select(_CONTENT.c.key, _CONTENT.c.source).where(_CONTENT.c.key.in_(some)))
        found |= {ProductKey(row.key): read_object(row.source) for row in rows}
    return found


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


_ASSOCIATIONS = Changed("associations", field=True)


def _retargeted(before: JsonObject, now: SourceProduct) -> frozenset[tuple[str, Reference]]:
    old, new = associated_by_type(read_meaning(before).content), associated_by_type(now.content)
    return frozenset(
        (code, target)
        for code in old.keys() | new.keys()
        for target in old.get(code, frozenset()) ^ new.get(code, frozenset())
    )


def write_references(
    tx: Transaction, live: Sequence[ProductWrite], gone: Collection[ProductKey]
) -> None:
    """Make the references of what was written those of its document; tombstones have none."""
    wanted = {
        reference_row(write.read.key, reference)
        for write in live
        for reference in _references(write.document)
    }
    replace_references(tx, [*(write.read.key for write in live), *gone], wanted)
    if live:
        reopen_marks(
            tx,
            [write.read.key for write in live],
            catalog_version=min(write.catalog_version for write in live),
            read_from=min(write.read.interval.read_from for write in live),
        )


def _references(document: Document | None) -> frozenset[Reference]:
    return frozenset() if document is None else document.references


ReferenceRow = tuple[str, str, str, str]


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
        tx.execute(insert(_REFERENCE), [dict(zip(names, row, strict=True)) for row in new])
    if old := sorted(stored - wanted):
        one = [column == bindparam(f"is_{column.name}") for column in columns]
        gone = [f"is_{name}" for name in names]
        tx.execute(
            delete(_REFERENCE).where(*one), [dict(zip(gone, row, strict=True)) for row in old]
        )


def record_changes(
    tx: Transaction,
    writes: Mapping[ProductKey, ProductWrite],
    results: Mapping[ProductKey, WriteResult],
    *,
    cause: Cause,
    now: datetime,
) -> None:
    """Write a change row for everything that a reader of the store would notice."""
    common = {"cause": cause.name, "run_id": cause.run_id, "at": now}
    rows: list[dict[str, Any]] = [
        common
        | {
            "product_key": key,
            "op": result.written,
            "changed": write_json([changed.to_json() for changed in result.changed]),
            "announced": writes[key].announced,
        }
        for key, result in sorted(results.items())
        if result.written in _OPS
    ]
    for row in rows:
        tx.count(CHANGES, row["op"])
    if rows:
        tx.execute(insert(_CHANGE).values(transaction_id=TransactionId()), rows)
