"""What an operator does with events: list, replay, discard."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from pim.ids import EventId, OrderNumber, RunId
from pim.vocabulary import Outcome
from storage.engine import Transaction
from storage.events import EventRowId


@dataclass(frozen=True, slots=True)
class ListedEvent:
    """An event as an operator sees it. `state` is its outcome, or "due", "waiting" or "held"."""

    row_id: EventRowId
    event_id: EventId
    number: OrderNumber
    action: str | None
    resource_key: str | None
    received_at: datetime
    state: str
    reason: str | None
    attempts: int
    not_before: datetime | None
    settled_at: datetime | None
    run_id: RunId | None


def list_events(
    tx: Transaction, *, state: Outcome | str | None = None, limit: int = 100
) -> list[ListedEvent]:
    """List events, newest first: of one outcome, or "due", "waiting", "held", or all."""
    raise NotImplementedError


def replay_events(tx: Transaction, *, event_ids: Collection[EventId] | None = None) -> int:
    """Make dead letters due again, with no attempt counted; answer how many.

    All of them, or the given ones. Those that name no resource (unusable events) stay dead.
    """
    raise NotImplementedError


def discard_events(
    tx: Transaction, *, note: str, now: datetime, event_ids: Collection[EventId] | None = None
) -> int:
    """Settle dead letters as filtered, with the operator's note before the old reason."""
    raise NotImplementedError
