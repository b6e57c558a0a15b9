"""Events as an operator sees them, to list, to replay, or to discard."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, literal, or_, select, true, update

from pim.ids import EventId, OrderNumber, RunId
from pim.vocabulary import Outcome
from storage.database import Transaction, changed_rows
from storage.figures import REPLAYED, count_outcome
from storage.inbox.conditions import is_due, is_put_off
from storage.inbox.settling import EventRowId
from storage.tables import InboxEvent, table_of

_EVENT = table_of(InboxEvent)


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An event as an operator sees it. `state` is its outcome, or "due", "waiting" or "held".

    `batch_id`: the delivery that brought it; `taken_at`: when a drain last took it in hand; `hint`:
    what it says has changed.
    """

    row_id: EventRowId
    event_id: EventId
    number: OrderNumber
    action: str | None
    resource_key: str | None
    identifier: str | None
    received_at: datetime
    occurred_at: datetime | None
    author: str | None
    state: str
    reason: str | None
    attempts: int
    not_before: datetime | None
    settled_at: datetime | None
    run_id: RunId | None
    batch_id: int | None = None
    taken_at: datetime | None = None
    hint: str | None = None


def list_events(
    tx: Transaction, *, state: Outcome | str | None = None, limit: int = 100
) -> list[ListedEvent]:
    """List events, newest first: of one outcome, or "due", "waiting", "held", or all."""
    return select_events(tx, _in_state(tx, state), limit=limit)


def select_events(tx: Transaction, where: ColumnElement[bool], *, limit: int) -> list[ListedEvent]:
    """List the events of a condition, newest first."""
    statement = (
        select(_EVENT, _state(tx).label("state"))
        .where(where)
        .order_by(_EVENT.c.number.desc())
        .limit(limit)
    )
    return [_listed(row) for row in tx.execute(statement)]


def replay_events(tx: Transaction, *, event_ids: Collection[EventId] | None = None) -> int:
    """Make dead letters due again, with no attempt counted; answer how many.

    All of them, or the given ones. Those that name no resource (unusable events) stay dead.
    """
    due_again: dict[str, Any] = dict.fromkeys(
        ("outcome", "settled_at", "run_id", "taken_by", "taken_at", "hold_id")
    )
    due_again["not_before"] = tx.clock()  # it waits from now on, not since it was received
    statement = (
        update(_EVENT)
        .where(_is_dead(event_ids), _EVENT.c.resource_key.is_not(None))
        .values(attempts=0, **due_again)
    )
    replayed = changed_rows(tx.execute(statement))
    tx.count(REPLAYED, by=replayed)
    return replayed


def discard_events(
    tx: Transaction, *, note: str, now: datetime, event_ids: Collection[EventId] | None = None
) -> int:
    """Settle dead letters as filtered, with the operator's note before the old reason."""
    was = literal(" (was: ") + func.coalesce(_EVENT.c.reason, "no reason kept") + ")"
    statement = (
        update(_EVENT)
        .where(_is_dead(event_ids))
        .values(outcome=Outcome.FILTERED, reason=f"discarded: {note}" + was, settled_at=now)
    )
    discarded = changed_rows(tx.execute(statement))
    count_outcome(tx, Outcome.FILTERED, discarded)
    return discarded


def _is_dead(event_ids: Collection[EventId] | None) -> ColumnElement[bool]:
    dead = _EVENT.c.outcome == Outcome.DEAD
    if event_ids is None:
        return dead
    return dead & or_(_EVENT.c.event_id.in_(event_ids), _EVENT.c.sent_id.in_(event_ids))


def _in_state(tx: Transaction, state: Outcome | str | None) -> ColumnElement[bool]:
    match state:
        case None:
            return true()
        case "due":
            return is_due(tx)
        case "waiting":
            return is_put_off(tx)
        case "held":
            return _EVENT.c.outcome.is_(None) & _EVENT.c.hold_id.is_not(None)
        case _:
            return _EVENT.c.outcome == str(state)


def _state(tx: Transaction) -> ColumnElement[str]:
    return case(
        (_EVENT.c.outcome.is_not(None), _EVENT.c.outcome),
        (_EVENT.c.hold_id.is_not(None), "held"),
        (_EVENT.c.not_before > tx.clock(), "waiting"),
        else_="due",
    )


def _listed(row: Row[Any]) -> ListedEvent:
    return ListedEvent(
        row_id=EventRowId(row.id),
        event_id=EventId(row.sent_id or row.event_id),
        number=OrderNumber(row.number),
        action=row.action,
        resource_key=row.resource_key,
        identifier=row.identifier or row.code,
        received_at=row.received_at,
        occurred_at=row.occurred_at,
        author=row.author,
        state=row.state,
        reason=row.reason,
        attempts=row.attempts,
        not_before=row.not_before,
        settled_at=row.settled_at,
        run_id=row.run_id,
        batch_id=row.batch_id,
        taken_at=row.taken_at,
        hint=row.hint,
    )
