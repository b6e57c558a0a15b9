"""The change feed: what changed in the store, in an order that loses nothing."""

from dataclasses import dataclass
from datetime import datetime

from pim.ids import ProductKey, RunId
from storage.differences import Changed
from storage.engine import Transaction


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


def read_changes(
    tx: Transaction, *, after: FeedPosition = FeedPosition(), limit: int = 1000
) -> list[Change]:
    """Read the changes after a position, none of which can be overtaken by a later commit."""
    raise NotImplementedError
