"""Held deletions, which wait for a person, and how many may happen without one.

A hold ends when a person decides, or when its product is written after all.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, literal_column, select, text, update

from pim.ids import ProductKey, RunId
from pim.vocabulary import Outcome
from storage.database import Transaction, changed_rows, in_slices
from storage.figures import count_outcome
from storage.inbox import EventRowId
from storage.products.reading import count_products
from storage.products.types import Cause
from storage.tables import HeldDeletionRow, InboxEvent, Product, ProductChange, table_of

_HOLD = table_of(HeldDeletionRow)
_EVENT = table_of(InboxEvent)
_PRODUCT = table_of(Product)
_CHANGE = table_of(ProductChange)

_WAITING = "state = 'waiting'"
_SPAN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class DeletionToHold:
    """An absence beyond the allowance, with the events (of this drain) that led to it."""

    key: ProductKey
    row_ids: tuple[EventRowId, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldDeletion:
    """A deletion that waits for a person (`state` waiting), or waited: see `decided_at`."""

    id: int
    key: ProductKey
    identifier: str | None
    cause: str
    run_id: RunId | None
    held_at: datetime
    events: int
    state: str = "waiting"
    decided_at: datetime | None = None


def count_allowed_deletions(
    tx: Transaction,
    *,
    now: datetime,
    share: float,
    floor: int = 20,
    asked: Collection[ProductKey] = (),
) -> int:
    """Tell how many unannounced tombstones this transaction may still write.

    max(floor, share of live products) less those of the last hour, drains and sweeps together,
    and less those that wait for a person, but for the `asked` themselves: what was held as a
    whole is not nibbled away hour by hour. Until the transaction ends, others who ask wait.
    """
    tx.queue_for("deletions")
    # A literal: the partial index of deletions is found by it.
    deleted = _CHANGE.c.op == literal_column("'deleted'")
    recent = tx.count_rows(deleted & (_CHANGE.c.at > now - _SPAN) & _CHANGE.c.announced.is_(False))
    live, _ = count_products(tx)
    waiting = select(func.count()).select_from(_HOLD).where(text(_WAITING))
    held = int(tx.execute(waiting).scalar_one())
    if held:
        held -= len(_waiting_ids(tx, sorted(asked)))
    return max(0, max(floor, int(share * (live + recent))) - recent - held)


def hold_deletions(
    tx: Transaction, holds: Sequence[DeletionToHold], *, cause: Cause, now: datetime
) -> int:
    """Hold deletions for `approve`; their events are not due meanwhile. Answers the new ones."""
    if not holds:
        return 0
    common = {"cause": cause.name, "run_id": cause.run_id, "held_at": now, "state": "waiting"}
    keys = sorted({hold.key for hold in holds})
    new = (
        tx.insert_into(_HOLD)
        .on_conflict_do_nothing(index_elements=[_HOLD.c.product_key], index_where=text(_WAITING))
        .returning(_HOLD.c.id)
    )
    created = tx.execute(new, [common | {"product_key": key} for key in keys]).all()
    ids = _waiting_ids(tx, keys)
    for hold in holds:
        _hold_events(tx, ids[hold.key], hold.row_ids)
    return len(created)


def _waiting_ids(tx: Transaction, keys: Sequence[ProductKey]) -> dict[ProductKey, int]:
    ids: dict[ProductKey, int] = {}
    for some in in_slices(keys):
        statement = select(_HOLD.c.product_key, _HOLD.c.id).where(
            text(_WAITING), _HOLD.c.product_key.in_(some)
        )
        ids |= {row.product_key: row.id for row in tx.execute(statement)}
    return ids


def _hold_events(tx: Transaction, hold_id: int, row_ids: Sequence[EventRowId]) -> None:
    reason = "the deletion waits for approval"
    for some in in_slices(sorted(row_ids)):
        tx.execute(
            update(_EVENT)
            .where(_EVENT.c.id.in_(some), _EVENT.c.outcome.is_(None))
            .values(hold_id=hold_id, reason=reason, taken_by=None, taken_at=None)
        )


def count_returned(tx: Transaction, *, since: datetime) -> int:
    """Count the products whose deletion was held, and that were seen again since then."""
    return tx.count_rows((_HOLD.c.state == "withdrawn") & (_HOLD.c.decided_at >= since))


def list_holds(tx: Transaction, *, limit: int | None = None) -> list[HeldDeletion]:
    """List the waiting deletions, oldest first."""
    return _read_holds(tx, _select_holds().where(text(_WAITING)).limit(limit))


def find_holds(tx: Transaction, key: ProductKey) -> list[HeldDeletion]:
    """List the waiting deletion of a product, if there is one."""
    return _read_holds(tx, _select_holds().where(text(_WAITING), _HOLD.c.product_key == key))


def find_past_holds(tx: Transaction, key: ProductKey) -> list[HeldDeletion]:
    """List the decided deletions of a product that are still kept, oldest first."""
    decided = _HOLD.c.decided_at.is_not(None)
    return _read_holds(tx, _select_holds().where(decided, _HOLD.c.product_key == key))


def _select_holds() -> Select[Any]:
    events = (
        select(func.count())
        .where(_EVENT.c.hold_id == _HOLD.c.id, _EVENT.c.hold_id.is_not(None))
        .scalar_subquery()
    )
    return (
        select(_HOLD, _PRODUCT.c.identifier, events.label("events"))
        .outerjoin(_PRODUCT, _PRODUCT.c.key == _HOLD.c.product_key)
        .order_by(_HOLD.c.id)
    )


def _read_holds(tx: Transaction, statement: Select[Any]) -> list[HeldDeletion]:
    return [
        HeldDeletion(
            id=row.id,
            key=row.product_key,
            identifier=row.identifier,
            cause=row.cause,
            run_id=row.run_id,
            held_at=row.held_at,
            events=row.events,
            state=row.state,
            decided_at=row.decided_at,
        )
        for row in tx.execute(statement)
    ]


def approve_holds(
    tx: Transaction, keys: Collection[ProductKey], *, run_id: RunId | None, now: datetime
) -> int:
    """Close holds whose absence was confirmed and written; their events are settled as gone."""
    closed = close_holds(tx, keys, state="approved", now=now)
    cause = Cause("approve", run_id)
    reason = "an operator approved the deletion"
    settle_held(tx, closed, outcome=Outcome.GONE, reason=reason, cause=cause, now=now)
    return len(closed)


def reject_holds(
    tx: Transaction, keys: Collection[ProductKey], *, run_id: RunId | None, now: datetime
) -> int:
    """Close holds, keep the products; their events are settled as filtered."""
    closed = close_holds(tx, keys, state="rejected", now=now)
    cause = Cause("reject", run_id)
    reason = "an operator rejected the deletion"
    settle_held(tx, closed, outcome=Outcome.FILTERED, reason=reason, cause=cause, now=now)
    return len(closed)


def release_holds(
    tx: Transaction,
    *,
    seen: Collection[ProductKey],
    gone: Collection[ProductKey],
    cause: Cause,
    now: datetime,
) -> None:
    """Close the holds of products that were written: withdrawn if seen alive, else carried out."""
    withdrawn = close_holds(tx, seen, state="withdrawn", now=now)
    if withdrawn:
        # Due again: the read that found it alive covers them, and the drain says so.
        tx.execute(update(_EVENT).where(_EVENT.c.hold_id.in_(withdrawn)).values(hold_id=None))
    carried_out = close_holds(tx, gone, state="approved", now=now)
    reason = "the held deletion was carried out"
    settle_held(tx, carried_out, outcome=Outcome.GONE, reason=reason, cause=cause, now=now)


def close_holds(
    tx: Transaction, keys: Collection[ProductKey], *, state: str, now: datetime
) -> list[int]:
    """Close the waiting holds of the products; answer their ids."""
    if not keys:
        return []
    closed = (
        update(_HOLD)
        .where(_HOLD.c.state == "waiting", _HOLD.c.product_key.in_(sorted(keys)))
        .values(state=state, decided_at=now)
        .returning(_HOLD.c.id)
    )
    return list(tx.execute(closed).scalars())


def settle_held(
    tx: Transaction,
    holds: Collection[int],
    *,
    outcome: Outcome,
    reason: str,
    cause: Cause,
    now: datetime,
) -> None:
    """Settle the events that waited with the holds."""
    if not holds:
        return
    settled = {"outcome": outcome, "reason": reason, "run_id": cause.run_id, "settled_at": now}
    statement = (
        update(_EVENT)
        .where(_EVENT.c.hold_id.in_(holds), _EVENT.c.outcome.is_(None))
        .values(hold_id=None, **settled)
    )
    count_outcome(tx, outcome, changed_rows(tx.execute(statement)))
