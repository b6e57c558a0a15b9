"""Housekeeping of the store: raw bodies compressed, then dropped; old rows removed.

Each function does one small step, so that a delivery never waits for more than that; the caller
repeats it, with pauses. No step walks through a table: each finds its rows by an index, or looks
at the oldest few.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    not_,
    select,
    text,
    tuple_,
    update,
)

from pim.vocabulary import Outcome
from storage.database import Transaction, changed_rows
from storage.tables import (
    CatalogMark,
    ChangeFeed,
    HeldDeletionRow,
    InboxBatch,
    InboxEvent,
    ProductChange,
    Refusal,
    SyncRunRow,
    table_of,
)

_BATCH = table_of(InboxBatch)
_EVENT = table_of(InboxEvent)
_CHANGE = table_of(ProductChange)
_FEED = table_of(ChangeFeed)
_REFUSAL = table_of(Refusal)
_HOLD = table_of(HeldDeletionRow)
_RUN = table_of(SyncRunRow)
_MARK = table_of(CatalogMark)


@dataclass(frozen=True, slots=True)
class StepDone:
    """How many rows one step worked on; fewer than its limit: nothing is left for now."""

    rows: int
    bytes_freed: int = 0


@dataclass(frozen=True, slots=True)
class StoredBody:
    """One raw body, with its batch's row id."""

    batch_id: int
    body: bytes


def read_raw_bodies(tx: Transaction, *, older_than: datetime, limit: int = 20) -> list[StoredBody]:
    """Read raw bodies, received before `older_than`, whose events are all settled."""
    raw = (
        select(_BATCH.c.id, _BATCH.c.body)
        .where(_BATCH.c.encoding == "raw", _has_old_body(older_than))
        .order_by(_BATCH.c.received_at)
        .limit(limit)
    )
    return [StoredBody(row.id, row.body) for row in tx.execute(raw)]


def pack_bodies(bodies: Sequence[StoredBody]) -> list[StoredBody]:
    """Compress bodies; to be done outside a transaction, because it takes a while."""
    return [StoredBody(each.batch_id, zlib.compress(each.body)) for each in bodies]


def store_packed(tx: Transaction, packed: Sequence[StoredBody]) -> StepDone:
    """Put compressed bodies in the place of the raw ones that are still there."""
    if not packed:
        return StepDone(0)
    ids = [each.batch_id for each in packed]
    raw = (_BATCH.c.encoding == "raw", _BATCH.c.body.is_not(None))
    sizes = select(_BATCH.c.id, func.length(_BATCH.c.body)).where(_BATCH.c.id.in_(ids), *raw)
    before = {row.id: row[1] for row in tx.execute(sizes)}
    still = [each for each in packed if each.batch_id in before]
    if still:
        replaced = update(_BATCH).where(_BATCH.c.id == bindparam("batch"), *raw)
        tx.execute(
            replaced.values(body=bindparam("packed"), encoding="zlib"),
            [{"batch": each.batch_id, "packed": each.body} for each in still],
        )
    return StepDone(len(still), sum(before.values()) - sum(len(each.body) for each in still))


def drop_bodies(tx: Transaction, *, older_than: datetime, limit: int = 100) -> StepDone:
    """Drop raw bodies, received before `older_than`, whose events are all settled."""
    kept = [column for column in _BATCH.c if column.name not in {"body", "encoding"}]
    old = (
        select(*kept, func.length(_BATCH.c.body).label("bytes"))
        .where(_BATCH.c.encoding.in_(["raw", "zlib"]), _has_old_body(older_than))
        .limit(limit)
    )
    rows = sorted(tx.execute(old), key=lambda row: int(row.id))
    if not rows:
        return StepDone(0)
    which = _BATCH.c.id.in_([row.id for row in rows])
    bare = {"body": None, "encoding": "dropped"}
    if tx.locks_rows:
        tx.execute(update(_BATCH).where(which).values(bare))
    else:
        # SQLite joins half-empty pages when a row is deleted, and not when one gets shorter: each
        # delivery would go on holding a page of 4 kB. Its events refer to a row that is back at
        # the end of the transaction.
        tx.execute(text("PRAGMA defer_foreign_keys = ON"))
        tx.execute(delete(_BATCH).where(which))
        columns = [{column.name: getattr(row, column.name) for column in kept} for row in rows]
        tx.execute(insert(_BATCH), [each | bare for each in columns])
    return StepDone(len(rows), sum(row.bytes for row in rows))


def remove_events(tx: Transaction, *, older_than: datetime, limit: int = 200) -> StepDone:
    """Remove events settled before `older_than`; dead letters stay until a person decides."""
    final = [outcome for outcome in Outcome if outcome is not Outcome.DEAD]
    old = (
        select(_EVENT.c.id)
        .where(_EVENT.c.outcome.in_(final), _EVENT.c.settled_at < older_than)
        .limit(limit)
    )
    ids = sorted(tx.execute(old).scalars())
    return StepDone(changed_rows(tx.execute(delete(_EVENT).where(_EVENT.c.id.in_(ids)))))


def remove_batches(tx: Transaction, *, older_than: datetime, limit: int = 200) -> StepDone:
    """Remove batches received before `older_than` that hold neither a body nor an event.

    Rejected batches, too: they never had an event.
    """
    empty = (
        select(_BATCH.c.id)
        .where(_BATCH.c.body.is_(None), _BATCH.c.received_at < older_than, not_(_has_events()))
        .order_by(_BATCH.c.received_at)
        .limit(limit)
    )
    ids = sorted(tx.execute(empty).scalars())
    return StepDone(changed_rows(tx.execute(delete(_BATCH).where(_BATCH.c.id.in_(ids)))))


def remove_changes(tx: Transaction, *, older_than: datetime, limit: int = 500) -> StepDone:
    """Remove change rows older than that, lowest numbers first; readers are told how far."""
    found = _find_oldest(tx, _CHANGE.c.seq, limit)
    if found is None:
        return StepDone(0)
    old = delete(_CHANGE).where(_CHANGE.c.seq <= found, _CHANGE.c.at < older_than)
    removed = tx.execute(old.returning(_CHANGE.c.seq)).scalars().all()
    if removed:
        last = max(removed)
        tx.execute(update(_FEED).where(_FEED.c.removed_to < last).values(removed_to=last))
    return StepDone(len(removed))


def remove_runs(tx: Transaction, *, older_than: datetime, limit: int = 200) -> StepDone:
    """Remove the reports of runs that began before `older_than`."""
    return _remove_oldest(tx, _RUN, "id", _RUN.c.started_at < older_than, limit)


def remove_holds(tx: Transaction, *, older_than: datetime, limit: int = 200) -> StepDone:
    """Remove held deletions that were decided before `older_than`; those that wait stay."""
    # NULL, of a hold that waits, is never less than anything.
    return _remove_any(tx, _HOLD, _HOLD.c.decided_at < older_than, limit)


def remove_marks(tx: Transaction, *, older_than: datetime, limit: int = 200) -> StepDone:
    """Remove marks closed before `older_than`.

    A closed mark is opened again by a write whose document was rendered before it (see `marks`):
    so `older_than` must be longer ago than any run can last.
    """
    return _remove_any(tx, _MARK, _MARK.c.finished_at < older_than, limit)


def remove_refusals(tx: Transaction, *, older_than: datetime, limit: int = 500) -> StepDone:
    """Remove refusal counts of minutes before `older_than`."""
    return _remove_any(tx, _REFUSAL, _REFUSAL.c.minute < older_than, limit)


def _remove_oldest(
    tx: Transaction, table: Table, number: str, old: ColumnElement[bool], limit: int
) -> StepDone:
    """Remove those of the `limit` lowest numbers that are old: numbers rise with time."""
    column = table.c[number]
    last = _find_oldest(tx, column, limit)
    if last is None:
        return StepDone(0)
    return StepDone(changed_rows(tx.execute(delete(table).where(column <= last, old))))


def _find_oldest(tx: Transaction, column: ColumnElement[int], limit: int) -> int | None:
    """Find up to where the `limit` lowest numbers go."""
    lowest = select(column.label("number")).where(column > 0).order_by(column).limit(limit)
    last: int | None = tx.execute(select(func.max(lowest.subquery().c.number))).scalar_one()
    return last


def _remove_any(tx: Transaction, table: Table, old: ColumnElement[bool], limit: int) -> StepDone:
    """Remove up to `limit` old rows of a table that never grows large."""
    key = tuple(table.primary_key.columns)
    found = sorted(tuple(row) for row in tx.execute(select(*key).where(old).limit(limit)))
    where = tuple_(*key).in_(found) & old
    return StepDone(changed_rows(tx.execute(delete(table).where(where))) if found else 0)


def _has_old_body(older_than: datetime) -> ColumnElement[bool]:
    unsettled = _has_events(_EVENT.c.outcome.is_(None))
    return _BATCH.c.body.is_not(None) & (_BATCH.c.received_at < older_than) & not_(unsettled)


def _has_events(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(_EVENT.c.batch_id == _BATCH.c.id, *where))
