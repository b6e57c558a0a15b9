"""The door: whether a drain is open, and which one.

One row. Each function is one statement, fenced by the generation and judged by the database's
clock. No lock is needed between receiver and drain: the receiver commits and then looks at the
door, the drain commits the closing and then looks for due events.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pim.ids import Generation, RunId
from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class DoorView:
    """The door as it stands. `held`: open, and its lease lives."""

    open: bool
    held: bool
    generation: Generation
    attempt: int
    lease_until: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None
    run_id: RunId | None
    run_name: str | None


@dataclass(frozen=True, slots=True)
class Predecessor:
    """A drain whose lease lapsed, and the unsettled events it had taken."""

    run_id: RunId | None
    run_name: str | None
    taken_over: int


@dataclass(frozen=True, slots=True)
class Opened:
    """The door is ours."""

    generation: Generation
    predecessor: Predecessor | None


@dataclass(frozen=True, slots=True)
class DoorHeld:
    """Another drain is at work."""

    run_id: RunId | None
    run_name: str | None
    lease_until: datetime | None


@dataclass(frozen=True, slots=True)
class DrainNeed:
    """What a trigger needs to know. `due` stops counting at 1000.

    `blocked_until` is None unless the breaker blocks the source now. Generation and attempt make
    the trigger's idempotency key.
    """

    due: int
    oldest_due_at: datetime | None
    held_by_living_lease: bool
    blocked_until: datetime | None
    generation: Generation
    attempt: int

    @property
    def wants_drain(self) -> bool:
        """Something is due, unblocked, and nobody is at work."""
        return self.due > 0 and not self.held_by_living_lease and self.blocked_until is None


def read_door(tx: Transaction) -> DoorView:
    """Read the door as it stands."""
    raise NotImplementedError


def open_door(
    tx: Transaction, *, generation: Generation, run_id: RunId, run_name: str, lease: timedelta
) -> Opened | DoorHeld:
    """Open the closed door, or one whose lease lapsed, under a new (random) generation."""
    raise NotImplementedError


def renew_lease(tx: Transaction, *, generation: Generation, lease: timedelta) -> bool:
    """Renew the lease; False if the door is no longer this generation's: stop at once."""
    raise NotImplementedError


def close_door(tx: Transaction, *, generation: Generation) -> bool:
    """Close the door; False if it is no longer this generation's."""
    raise NotImplementedError


def reopen_door(
    tx: Transaction, *, generation: Generation, successor: Generation, lease: timedelta
) -> bool:
    """After committing the closing: open again as `successor` if anything is due and unblocked.

    False if nothing is, or if another run was faster. The run stays the one that closed.
    """
    raise NotImplementedError


def raise_attempt(tx: Transaction, *, generation: Generation, attempt: int) -> bool:
    """Move the trigger's attempt from `attempt` to the next; False if someone else did."""
    raise NotImplementedError


def drain_need(tx: Transaction) -> DrainNeed:
    """Tell whether a drain is needed, in one cheap statement."""
    raise NotImplementedError
