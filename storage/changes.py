"""The change feed: what changed in the store, in an order that loses nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, tuple_

from pim.canonical import load_json
from pim.ids import ProductKey, RunId
from pim.json_types import as_list
from storage.clock import OldestTransaction
from storage.differences import Changed, changed_from_json
from storage.engine import Transaction
from storage.tables import ProductChange, table_of

_CHANGE = table_of(ProductChange)


@dataclass(frozen=True, slots=True, order=True)
class FeedPosition:
    """Where a reader stands. On PostgreSQL a sequence is not commit order: hence the first part."""

    transaction_id: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one product. `op`: created, updated, deleted, restored."""

    position: FeedPosition
    key: ProductKey
    op: str
    changed: tuple[Changed, ...]
    cause: str
    run_id: RunId | None
    at: datetime


_BEGINNING = FeedPosition()


def read_changes(
    tx: Transaction, *, after: FeedPosition = _BEGINNING, limit: int = 1000
) -> list[Change]:
    """Read the changes after a position, none of which can be overtaken by a later commit.

    In the order of transactions, and only of those older than any that still runs.
    """
    place = tuple_(_CHANGE.c.transaction_id, _CHANGE.c.seq)
    statement = (
        select(_CHANGE)
        .where(place > (after.transaction_id, after.seq))
        .where(_CHANGE.c.transaction_id < OldestTransaction())
        .order_by(_CHANGE.c.transaction_id, _CHANGE.c.seq)
        .limit(limit)
    )
    return [change_of(row) for row in tx.execute(statement)]


def change_of(row: Row[Any]) -> Change:
    """Give the change that a row stores."""
    return Change(
        position=FeedPosition(row.transaction_id, row.seq),
        key=ProductKey(row.product_key),
        op=row.op,
        changed=tuple(map(changed_from_json, as_list(load_json(row.changed)))),
        cause=row.cause,
        run_id=row.run_id,
        at=row.at,
    )
