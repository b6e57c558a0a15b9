"""Change rows: what changed in the store, and the feed, in an order that loses nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from pim.canonical import load_json
from pim.ids import ProductKey, RunId
from pim.json_types import as_list
from storage.database import OldestTransaction, Transaction, TransactionId, write_json
from storage.figures import CHANGES
from storage.products.differences import Changed, changed_from_json
from storage.products.types import Cause, ProductWrite, WriteResult, Written
from storage.tables import ProductChange, table_of

_CHANGE = table_of(ProductChange)

_OPS = {Written.CREATED, Written.UPDATED, Written.DELETED, Written.RESTORED}


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """Where a reader stands: within a window of transactions, at a row's number.

    On PostgreSQL a sequence is not commit order: a lower number may appear after a higher one. So
    the feed goes by windows of transactions that have all ended, and by number within a window.
    Of one product the numbers are in commit order, and no later window holds an earlier change.
    """

    window_from: int = 0
    window_to: int = 0
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
    """Read the changes after a position, of transactions that no running one can overtake.

    Go on from the last one's `position`. What this misses now, because an older transaction still
    runs, the next call has.
    """
    changes = _read_window(tx, after, limit)
    ended: int = tx.execute(select(OldestTransaction())).scalar_one()
    if len(changes) < limit and ended > after.window_to:
        following = FeedPosition(after.window_to, ended)
        changes += _read_window(tx, following, limit - len(changes))
    return changes


def _read_window(tx: Transaction, after: FeedPosition, limit: int) -> list[Change]:
    statement = (
        select(_CHANGE)
        .where(
            _CHANGE.c.transaction_id >= after.window_from,
            _CHANGE.c.transaction_id < after.window_to,
            _CHANGE.c.seq > after.seq,
        )
        .order_by(_CHANGE.c.seq)
        .limit(limit)
    )
    return [
        change_of(row, FeedPosition(after.window_from, after.window_to, row.seq))
        for row in tx.execute(statement)
    ]


def change_of(row: Row[Any], position: FeedPosition) -> Change:
    """Give the change that a row stores."""
    return Change(
        position=position,
        key=ProductKey(row.product_key),
        op=row.op,
        changed=tuple(map(changed_from_json, as_list(load_json(row.changed)))),
        cause=row.cause,
        run_id=row.run_id,
        at=row.at,
    )


def record_changes(
    tx: Transaction,
    writes: Mapping[ProductKey, ProductWrite],
    results: Mapping[ProductKey, WriteResult],
    *,
    cause: Cause,
    now: datetime,
) -> None:
    """Write a change row for everything that a reader of the store would notice."""
    common = {"cause": cause.name, "run_id": cause.run_id, "at": now}
    rows: list[dict[str, Any]] = [
        common
        | {
            "product_key": key,
            "op": result.written,
            "changed": write_json([changed.to_json() for changed in result.changed]),
            "announced": writes[key].announced,
        }
        for key, result in sorted(results.items())
        if result.written in _OPS
    ]
    for row in rows:
        tx.count(CHANGES, row["op"])
    if rows:
        tx.execute(insert(_CHANGE).values(transaction_id=TransactionId()), rows)
