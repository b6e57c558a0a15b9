"""Counts of the products that store and source should share, and what may blur them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.database import Transaction
from storage.inbox import is_due, is_put_off, read_last_delivery
from storage.products import count_products
from storage.tables import HeldDeletionRow, InboxEvent, ProductChange, table_of

_CHANGE = table_of(ProductChange)
_EVENT = table_of(InboxEvent)
_HOLD = table_of(HeldDeletionRow)

_LATEST = 20_000
"""So many change rows are looked through for fresh products: none is indexed by its time."""


@dataclass(frozen=True, slots=True)
class Census:
    """`live` products without those whose deletion is held; `fresh` ones came since by an event.

    `unsettled` events may change the count at any moment.
    """

    live: int
    fresh: int
    unsettled: int
    last_delivery_at: datetime | None


def take_census(tx: Transaction, *, since: datetime) -> Census:
    """Count, in one snapshot."""
    live, _ = count_products(tx)
    latest = select(_CHANGE).order_by(_CHANGE.c.seq.desc()).limit(_LATEST)
    recent = latest.subquery()
    # What a sweep found was listed, and so is counted.
    by_event = (recent.c.at >= since) & (recent.c.cause != "sweep")
    came = by_event & recent.c.op.in_(["created", "restored"])
    unsettled = is_due(tx) | is_put_off(tx)
    return Census(
        live=live - tx.count_rows(_HOLD.c.state == "waiting"),
        fresh=tx.count_rows(came),
        unsettled=tx.count_rows(unsettled),
        last_delivery_at=read_last_delivery(tx),
    )
