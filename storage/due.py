"""Which events are due: the one place that says it.

The first two conditions are those of the partial indexes: with them, a statement never looks at
settled events.
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from storage.engine import Transaction
from storage.tables import InboxEvent, table_of

_EVENT = table_of(InboxEvent)


def is_open() -> ColumnElement[bool]:
    """Not settled, and not held."""
    return and_(_EVENT.c.outcome.is_(None), _EVENT.c.hold_id.is_(None))


def is_waiting(tx: Transaction) -> ColumnElement[bool]:
    """Open, but put off until a time that is still to come."""
    return and_(is_open(), _EVENT.c.not_before > tx.clock())


def is_due(tx: Transaction) -> ColumnElement[bool]:
    """Open, and not put off (judged by the database's clock)."""
    return and_(is_open(), or_(_EVENT.c.not_before.is_(None), _EVENT.c.not_before <= tx.clock()))


def is_takeable(tx: Transaction, generation: str) -> ColumnElement[bool]:
    """Due, and not already in this generation's hands."""
    taken: ColumnElement[Any] = _EVENT.c.taken_by
    return and_(is_due(tx), or_(taken.is_(None), taken != generation))
