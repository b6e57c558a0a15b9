"""Settlements: taken events settled, given back, or put off."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from sqlalchemy import ColumnElement, Update, and_, case, literal, update

from pim.ids import Generation, RunId
from pim.vocabulary import Outcome
from storage.database import Transaction, changed_rows, in_slices
from storage.figures import count_outcome, observe_freshness
from storage.inbox.conditions import is_door_open, is_open, require_door
from storage.tables import InboxEvent, table_of

EventRowId = NewType("EventRowId", int)

_EVENT = table_of(InboxEvent)


@dataclass(frozen=True, slots=True)
class Settlement:
    """The final outcome of one event.

    `told_at`: when we were first told of the change that is in the store now; None: nothing is.
    """

    row_id: EventRowId
    outcome: Outcome
    reason: str | None = None
    told_at: datetime | None = None


def settle_events(
    tx: Transaction,
    *,
    generation: Generation,
    settlements: Sequence[Settlement],
    run_id: RunId,
    now: datetime,
) -> int:
    """Settle events this generation has taken; answer how many (an operator may have been first).

    Raises:
        FenceLost: the door is no longer this generation's; roll back.
    """
    alike: dict[tuple[Outcome, str | None], list[EventRowId]] = {}
    for settlement in settlements:
        alike.setdefault((settlement.outcome, settlement.reason), []).append(settlement.row_id)
    told_at = {settlement.row_id: settlement.told_at for settlement in settlements}
    total = 0
    for (outcome, reason), row_ids in alike.items():
        statement = update(_EVENT).values(
            outcome=outcome,
            reason=_with_earlier(reason),
            settled_at=now,
            run_id=run_id,
            hold_id=None,
        )
        settled = _change_taken(tx, generation, statement, row_ids)
        # Those that this statement settled: a repeated task counts nothing twice.
        count_outcome(tx, outcome, len(settled))
        observe_freshness(tx, (told_at[row_id] for row_id in settled), now)
        total += len(settled)
    return total


def give_back_all(tx: Transaction, *, generation: Generation) -> int:
    """Give back whatever this generation still has taken (a cancelled or failing run's end).

    Raises:
        FenceLost: the door is no longer this generation's.
    """
    require_door(tx, generation)
    freed = (
        update(_EVENT)
        .where(is_open(), _EVENT.c.taken_by == generation)
        .values(attempts=_EVENT.c.attempts - 1, taken_by=None, taken_at=None)
    )
    return changed_rows(tx.execute(freed))


def put_off_events(
    tx: Transaction,
    *,
    generation: Generation,
    row_ids: Collection[EventRowId],
    delay: timedelta,
    reason: str,
    counted: bool = True,
) -> int:
    """Make taken events due again after `delay`; `counted`: the attempt stays counted.

    Raises:
        FenceLost: the door is no longer this generation's.
    """
    statement = update(_EVENT).values(
        not_before=tx.clock(delay),
        reason=reason,
        taken_by=None,
        taken_at=None,
        attempts=_EVENT.c.attempts - int(not counted),
    )
    return len(_change_taken(tx, generation, statement, row_ids))


def _with_earlier(reason: str | None) -> ColumnElement[str | None]:
    """Keep why an earlier try was put off: it is part of the story, and it is nowhere else."""
    earlier = literal("an earlier try: ") + _EVENT.c.reason
    kept = earlier if reason is None else literal(f"{reason} (") + earlier + literal(")")
    was_put_off = and_(_EVENT.c.attempts > 1, _EVENT.c.reason.is_not(None))
    again = was_put_off if reason is None else and_(was_put_off, _EVENT.c.reason != reason)
    # A held event's reason says that it is held, not that a try failed.
    return case((and_(again, _EVENT.c.hold_id.is_(None)), kept), else_=literal(reason))


def _change_taken(
    tx: Transaction, generation: Generation, statement: Update, row_ids: Collection[EventRowId]
) -> list[EventRowId]:
    mine = and_(
        _EVENT.c.outcome.is_(None),
        # Not only the door: on PostgreSQL a statement that had to wait for a row looks again at
        # that row, but not at the door's.
        _EVENT.c.taken_by == generation,
        is_door_open(generation),
    )
    # In id order: two transactions that settle the same events wait in the same order.
    changing = statement.where(mine).returning(_EVENT.c.id)
    changed = [
        row_id
        for some in in_slices(sorted(row_ids))
        for row_id in tx.execute(changing.where(_EVENT.c.id.in_(some))).scalars()
    ]
    if len(changed) < len(row_ids):
        require_door(tx, generation)
    return changed
