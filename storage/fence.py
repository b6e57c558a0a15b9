"""The fence: a drain's writes count only while the door is open under its generation."""

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, exists, select

from pim.ids import Generation
from storage.engine import Transaction
from storage.errors import FenceLost
from storage.tables import Door, table_of

_DOOR = table_of(Door)


def is_door_open(generation: Generation) -> ColumnElement[bool]:
    """Hold, within any statement, while the door is open under this generation."""
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
    now = "it is closed" if row.state == "closed" else f"it is held by {row.run_name or 'another'}"
    raise FenceLost(f"this drain has lost the door: {now}")
