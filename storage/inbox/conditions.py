"""Conditions of statements on events: open, put off, due, takeable; and the fence.

The one place that says which events are due. The first two conditions are those of the partial
indexes: with them, a statement never looks at settled events. The fence: a drain's writes count
only while the door is open under its generation.
"""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, or_, select

from pim.ids import Generation
from storage.database import Transaction
from storage.errors import FenceLost
from storage.tables import Door, InboxEvent, table_of

_EVENT = table_of(InboxEvent)

_DOOR = table_of(Door)


def is_open() -> ColumnElement[bool]:
    """Not settled, and not held."""
    return and_(_EVENT.c.outcome.is_(None), _EVENT.c.hold_id.is_(None))


def is_put_off(tx: Transaction) -> ColumnElement[bool]:
    """Open, but put off until a time that is still to come."""
    return and_(is_open(), _EVENT.c.not_before > tx.clock())


def is_due(tx: Transaction) -> ColumnElement[bool]:
    """Open, and not put off (judged by the database's clock)."""
    return and_(is_open(), or_(_EVENT.c.not_before.is_(None), _EVENT.c.not_before <= tx.clock()))


def is_takeable(tx: Transaction, generation: str) -> ColumnElement[bool]:
    """Due, and not already in this generation's hands."""
    taken: ColumnElement[Any] = _EVENT.c.taken_by
    return and_(is_due(tx), or_(taken.is_(None), taken != generation))


def is_door_open(generation: Generation) -> ColumnElement[bool]:
    """True, within any statement, while the door is open under this generation."""
    return exists(select(1).where(_DOOR.c.generation == generation, _DOOR.c.state == "open"))


def door_run() -> ScalarSelect[Any]:
    """Give the run that has the door, within any statement."""
    return select(_DOOR.c.run_id).scalar_subquery()


def require_door(tx: Transaction, generation: Generation) -> None:
    """Return if the door is open under this generation.

    Raises:
        FenceLost: it is not; the message names who has it.
    """
    row = tx.execute(select(_DOOR.c.generation, _DOOR.c.state, _DOOR.c.run_name)).one()
    if row.generation == generation and row.state == "open":
        return
    now = "it is closed" if row.state == "closed" else f"it is open for {row.run_name or 'another'}"
    raise FenceLost(f"this drain has lost the door: {now}")
