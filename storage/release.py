"""What becomes of a held deletion when its product is written after all."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update

from pim.ids import ProductKey
from pim.vocabulary import Outcome
from storage.engine import Transaction
from storage.figures import count_outcome
from storage.product_types import Cause
from storage.statements import changed_rows
from storage.tables import HeldDeletionRow, InboxEvent, table_of

_HOLD = table_of(HeldDeletionRow)
_EVENT = table_of(InboxEvent)


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
