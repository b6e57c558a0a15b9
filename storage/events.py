"""Taking due events and settling them: every event ends in a recorded outcome.

Due: not settled, not held, and its `not_before` (if any) has passed on the database's clock.
A drain's statements carry its generation as a fence: a drain taken for dead writes nothing more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NewType

from pim.ids import EventId, Generation, OrderNumber, RunId
from pim.vocabulary import Outcome, ResourceKind
from storage.engine import Transaction

EventRowId = NewType("EventRowId", int)


@dataclass(frozen=True, slots=True)
class DueEvent:
    """One taken event. `resource_key` groups the events of one product or model."""

    row_id: EventRowId
    event_id: EventId
    number: OrderNumber
    resource_key: str
    action: str
    kind: ResourceKind
    removed: bool
    uuid: str | None
    identifier: str | None
    code: str | None
    resource_updated: datetime | None
    occurred_at: datetime | None
    received_at: datetime
    author: str | None
    attempts: int  # this one included


@dataclass(frozen=True, slots=True)
class Chunk:
    """Events taken together, oldest first; empty when nothing is due.

    `buried` counts events that became dead letters instead, having used up their attempts.
    """

    events: tuple[DueEvent, ...]
    buried: int = 0


@dataclass(frozen=True, slots=True)
class Settlement:
    """The final outcome of one event."""

    row_id: EventRowId
    outcome: Outcome
    reason: str | None = None


def take_chunk(
    tx: Transaction, *, generation: Generation, max_attempts: int, max_products: int = 100
) -> Chunk:
    """Take due events, oldest first, all of a product together; count the attempt.

    A chunk holds first attempts only, or later attempts only (then of far fewer products at a
    time, so that the one that kills its process is soon alone). Events that this generation has
    already taken are not taken again until they are given back, deferred or settled.

    Raises:
        FenceLost: the door is no longer this generation's.
    """
    raise NotImplementedError


def count_due_products(tx: Transaction, *, generation: Generation, limit: int = 100) -> int:
    """Count the products (and models) with events this generation could take, up to `limit`."""
    raise NotImplementedError


def settle_events(
    tx: Transaction,
    *,
    generation: Generation,
    settlements: Sequence[Settlement],
    run_id: RunId,
    now: datetime,
) -> int:
    """Settle events this generation has taken; answer how many (an operator may have been first).

    Raises:
        FenceLost: the door is no longer this generation's; roll back.
    """
    raise NotImplementedError


def give_back(tx: Transaction, *, generation: Generation, row_ids: Collection[EventRowId]) -> int:
    """Make taken events due again and uncount the attempt: the source was not there.

    Raises:
        FenceLost: the door is no longer this generation's.
    """
    raise NotImplementedError


def give_back_all(tx: Transaction, *, generation: Generation) -> int:
    """Give back whatever this generation still has taken (a cancelled or failing run's end).

    Raises:
        FenceLost: the door is no longer this generation's.
    """
    raise NotImplementedError


def defer_events(
    tx: Transaction,
    *,
    generation: Generation,
    row_ids: Collection[EventRowId],
    delay: timedelta,
    reason: str,
) -> int:
    """Make taken events due again after `delay`; the attempt stays counted.

    Raises:
        FenceLost: the door is no longer this generation's.
    """
    raise NotImplementedError


def settle_without_door(
    tx: Transaction, *, settlements: Sequence[Settlement], run_id: RunId | None, now: datetime
) -> int:
    """Settle unsettled events for an operator or a sweep; answer how many were."""
    raise NotImplementedError
