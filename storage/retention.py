"""Housekeeping: raw bodies compressed, then dropped; old settled events and changes removed."""

import zlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, not_, select, update

from pim.vocabulary import Outcome
from storage.engine import Transaction
from storage.statements import changed_rows
from storage.tables import InboxBatch, InboxEvent, ProductChange, Refusal, table_of

_BATCH = table_of(InboxBatch)
_EVENT = table_of(InboxEvent)
_CHANGE = table_of(ProductChange)
_REFUSAL = table_of(Refusal)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many rows one step of housekeeping worked on; fewer than its limit: nothing is left."""

    rows: int
    bytes_freed: int = 0


def compress_bodies(tx: Transaction, *, older_than: datetime, limit: int = 100) -> Cleaned:
    """Compress raw bodies, received before `older_than`, whose events are all settled."""
    raw = (
        select(_BATCH.c.id, _BATCH.c.body)
        .where(_BATCH.c.encoding == "raw", _has_old_body(older_than))
        .order_by(_BATCH.c.received_at)
        .limit(limit)
    )
    rows = tx.execute(raw).all()
    if not rows:
        return Cleaned(0)
    packed = [{"batch": row.id, "packed": zlib.compress(row.body)} for row in rows]
    replaced = update(_BATCH).where(_BATCH.c.id == bindparam("batch"))
    tx.execute(replaced.values(body=bindparam("packed"), encoding="zlib"), packed)
    saved = sum(len(row.body) for row in rows) - sum(len(row["packed"]) for row in packed)
    return Cleaned(len(rows), saved)


def drop_bodies(tx: Transaction, *, older_than: datetime, limit: int = 500) -> Cleaned:
    """Drop raw bodies, received before `older_than`, whose events are all settled."""
    sized = (
        select(_BATCH.c.id, func.length(_BATCH.c.body).label("bytes"))
        .where(_BATCH.c.encoding.in_(["raw", "zlib"]), _has_old_body(older_than))
        .limit(limit)
    )
    rows = tx.execute(sized).all()
    if not rows:
        return Cleaned(0)
    dropped = update(_BATCH).where(_BATCH.c.id.in_([row.id for row in rows]))
    tx.execute(dropped.values(body=None, encoding="dropped"))
    return Cleaned(len(rows), sum(row.bytes for row in rows))


def prune_events(tx: Transaction, *, older_than: datetime, limit: int = 1000) -> Cleaned:
    """Remove events settled before `older_than` (dead letters stay), and batches left empty."""
    final = [outcome for outcome in Outcome if outcome is not Outcome.DEAD]
    old = (
        select(_EVENT.c.id)
        .where(_EVENT.c.outcome.in_(final), _EVENT.c.settled_at < older_than)
        .limit(limit)
    )
    ids = tx.execute(old).scalars().all()
    removed = changed_rows(tx.execute(delete(_EVENT).where(_EVENT.c.id.in_(ids))))
    empty = (
        select(_BATCH.c.id)
        .where(_BATCH.c.body.is_(None), _BATCH.c.received_at < older_than, not_(_has_events()))
        .order_by(_BATCH.c.id)
        .limit(limit)
    )
    tx.execute(delete(_BATCH).where(_BATCH.c.id.in_(tx.execute(empty).scalars().all())))
    return Cleaned(removed)


def prune_changes(tx: Transaction, *, older_than: datetime, limit: int = 1000) -> Cleaned:
    """Remove change rows older than that."""
    old = (
        select(_CHANGE.c.seq).where(_CHANGE.c.at < older_than).order_by(_CHANGE.c.seq).limit(limit)
    )
    seqs = tx.execute(old).scalars().all()
    return Cleaned(changed_rows(tx.execute(delete(_CHANGE).where(_CHANGE.c.seq.in_(seqs)))))


def prune_refusals(tx: Transaction, *, older_than: datetime) -> Cleaned:
    """Remove refusal counts older than that."""
    return Cleaned(
        changed_rows(tx.execute(delete(_REFUSAL).where(_REFUSAL.c.last_at < older_than)))
    )


def _has_old_body(older_than: datetime) -> ColumnElement[bool]:
    unsettled = _has_events(_EVENT.c.outcome.is_(None))
    return _BATCH.c.body.is_not(None) & (_BATCH.c.received_at < older_than) & not_(unsettled)


def _has_events(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(_EVENT.c.batch_id == _BATCH.c.id, *where))
