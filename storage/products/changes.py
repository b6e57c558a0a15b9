"""Change rows: what changed in the store, and the feed, in an order that loses nothing.

Rows are numbered in the order in which their transactions commit (`Transaction.append`). So one
number is a whole position: whoever has seen a row has seen all of lower numbers.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from pim.canonical import load_json
from pim.ids import ProductKey, RunId
from pim.json_types import as_list
from storage.database import Transaction, write_json
from storage.errors import FeedLost
from storage.figures import CHANGES
from storage.products.differences import Changed, changed_from_json
from storage.products.types import Cause, ProductWrite, WriteResult, Written
from storage.tables import ChangeFeed, ProductChange, table_of

_CHANGE = table_of(ProductChange)
_FEED = table_of(ChangeFeed)

_OPS = {Written.CREATED, Written.UPDATED, Written.DELETED, Written.RESTORED}
RENDERED = "rendered"
MOVED = "moved"
CHANGE_KINDS = (*sorted(_OPS), RENDERED, MOVED)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one product.

    `op`: created, updated, deleted, restored; rendered (the same product in another document: a
    label, a link); moved (what was stored under `key` has another key now, or has it since now).
    """

    seq: int
    key: ProductKey
    op: str
    changed: tuple[Changed, ...]
    cause: str
    run_id: RunId | None
    at: datetime


def read_changes(tx: Transaction, *, after: int = 0, limit: int = 1000) -> list[Change]:
    """Read the changes after a position; go on from the last one's `seq`.

    Raises:
        FeedLost: rows after that position were removed, or there never was such a position.
    """
    require_position(tx, after)
    rows = select(_CHANGE).where(_CHANGE.c.seq > after).order_by(_CHANGE.c.seq).limit(limit)
    return [change_of(row) for row in tx.execute(rows)]


def require_position(tx: Transaction, after: int) -> None:
    """Return if all changes after that position are there.

    Raises:
        FeedLost: rows after that position were removed, or there never was such a position.
    """
    removed_to, end = read_bounds(tx)
    if after < removed_to:
        raise FeedLost(
            f"the changes after {after} were removed: they are kept from {removed_to} on"
        )
    if after > end:
        raise FeedLost(
            f"there is no change {after}, the last one is {end}: the position is of another store, "
            "or of a time that a restored backup has not seen"
        )


def read_bounds(tx: Transaction) -> tuple[int, int]:
    """Read up to which number rows may have been removed, and the last number: where we are now."""
    removed_to = int(tx.execute(select(_FEED.c.removed_to)).scalar_one())
    last = tx.execute(select(func.max(_CHANGE.c.seq))).scalar_one()
    return removed_to, max(removed_to, last or 0)


def change_of(row: Row[Any]) -> Change:
    """Give the change that a row stores."""
    return Change(
        seq=row.seq,
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
    common = _common(cause, now)
    for key, result in sorted(results.items()):
        if result.written in _OPS:
            announced = {"announced": writes[key].announced}
            _append(tx, key, result.written, result.changed, common | announced)
        elif result.written is Written.UNCHANGED and result.changed:
            _append(tx, key, RENDERED, result.changed, common)


def record_rendering(
    tx: Transaction, key: ProductKey, changed: Iterable[Changed], *, cause: Cause, now: datetime
) -> None:
    """Write a change row for a document that was rendered again."""
    _append(tx, key, RENDERED, changed, _common(cause, now))


def record_move(
    tx: Transaction, keys: Collection[ProductKey], *, cause: Cause, now: datetime
) -> None:
    """Write a change row for each key under which something was, or is now."""
    for key in sorted(keys):
        _append(tx, key, MOVED, (), _common(cause, now))


def _common(cause: Cause, now: datetime) -> dict[str, Any]:
    return {"cause": cause.name, "run_id": cause.run_id, "at": now, "announced": False}


def _append(
    tx: Transaction,
    key: ProductKey,
    op: str,
    changed: Iterable[Changed],
    common: Mapping[str, Any],
) -> None:
    written = write_json([each.to_json() for each in changed])
    tx.append(_CHANGE, [{**common, "product_key": key, "op": str(op), "changed": written}])
    tx.count(CHANGES, str(op))
