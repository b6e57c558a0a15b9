"""The inbox: what we were told, committed before it is acknowledged."""

from dataclasses import dataclass
from datetime import datetime

from pim.events import Batch
from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a delivery's events; the three add up to all of them."""

    accepted: int
    duplicates: int
    invalid: int


def store_batch(
    tx: Transaction, *, channel: str, raw: bytes, batch: Batch, received_at: datetime
) -> Stored:
    """Store a delivery whole: the raw body, and each event whose id is new, in id order.

    An id seen before (in the store, or earlier in this batch) is a duplicate: the first is kept.
    An invalid event is stored as a dead letter with its reason, unless its id is a duplicate.
    `channel` names the route ("events-api", "event-platform").
    """
    raise NotImplementedError


def store_rejected(
    tx: Transaction, *, channel: str, raw: bytes, reason: str, received_at: datetime
) -> None:
    """Keep the raw body of a delivery that could not be read as a batch."""
    raise NotImplementedError


def count_due(tx: Transaction) -> int:
    """Count the events that are due: the inbox's depth."""
    raise NotImplementedError
