"""The door: whether a drain is open, and which one.

One row. Each function is one statement, fenced by the generation and judged by the database's
clock. No lock is needed between receiver and drain: the receiver commits and then looks at the
door, the drain commits the closing and then looks for due events.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update

from pim.ids import Generation, RunId
from storage.database import Transaction, changed_rows
from storage.inbox.conditions import is_due, is_open
from storage.tables import Breaker, Door, InboxEvent, table_of

_DOOR = table_of(Door)
_BREAKER = table_of(Breaker)
_EVENT = table_of(InboxEvent)

_ENOUGH = 1000
"""A trigger needs no more than "plenty": counting stops here."""


@dataclass(frozen=True, slots=True)
class DoorView:
    """The door as it stands. `alive`: open, and its lease lives."""

    open: bool
    alive: bool
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
class DoorAlive:
    """The door is open already, and alive: another drain is at work."""

    run_id: RunId | None
    run_name: str | None
    lease_until: datetime | None


@dataclass(frozen=True, slots=True)
class DrainNeed:
    """What a trigger needs to know. `due` stops counting at 1000.

    `blocked_until` is None unless the breaker blocks the source now. Generation and attempt make
    the trigger's idempotency key. `lease_until`: when the door is not alive any more, if nobody
    renews its lease; None where it is not alive now.
    """

    due: int
    oldest_due_at: datetime | None
    door_alive: bool
    blocked_until: datetime | None
    generation: Generation
    attempt: int
    lease_until: datetime | None = None

    @property
    def wants_drain(self) -> bool:
        """Something is due, unblocked, and nobody is at work."""
        return self.due > 0 and not self.door_alive and self.blocked_until is None


def read_door(tx: Transaction) -> DoorView:
    """Read the door as it stands."""
    row = tx.execute(select(_DOOR, _is_alive(tx).label("alive"))).one()
    return DoorView(
        open=row.state == "open",
        alive=bool(row.alive),
        generation=Generation(row.generation),
        attempt=row.attempt,
        lease_until=row.lease_until,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        run_id=row.run_id,
        run_name=row.run_name,
    )


def open_door(
    tx: Transaction, *, generation: Generation, run_id: RunId, run_name: str, lease: timedelta
) -> Opened | DoorAlive:
    """Open the closed door, or one whose lease lapsed, under a new (random) generation."""
    lapsed = _DOOR.c.state == "open"  # seen by the update: the state before it
    statement = (
        update(_DOOR)
        .where(or_(_DOOR.c.state == "closed", _DOOR.c.lease_until <= tx.clock()))
        .values(
            **_newly_open(tx, generation, lease),
            run_id=run_id,
            run_name=run_name,
            predecessor_generation=case((lapsed, _DOOR.c.generation)),
            predecessor_run_id=case((lapsed, _DOOR.c.run_id)),
            predecessor_run_name=case((lapsed, _DOOR.c.run_name)),
        )
        .returning(
            _DOOR.c.predecessor_generation,
            _DOOR.c.predecessor_run_id,
            _DOOR.c.predecessor_run_name,
        )
    )
    opened = tx.execute(statement).one_or_none()
    if opened is None:
        door = read_door(tx)
        return DoorAlive(door.run_id, door.run_name, door.lease_until)
    if opened.predecessor_generation is None:
        return Opened(generation, None)
    taken_over = tx.count_rows(is_open() & (_EVENT.c.taken_by == opened.predecessor_generation))
    return Opened(
        generation,
        Predecessor(opened.predecessor_run_id, opened.predecessor_run_name, taken_over),
    )


def renew_lease(tx: Transaction, *, generation: Generation, lease: timedelta) -> bool:
    """Renew the lease; False if the door is no longer this generation's: stop at once."""
    renewed = update(_DOOR).where(_is_open_for(generation)).values(lease_until=tx.clock(lease))
    return changed_rows(tx.execute(renewed)) == 1


def close_door(tx: Transaction, *, generation: Generation) -> bool:
    """Close the door; False if it is no longer this generation's."""
    closed = (
        update(_DOOR)
        .where(_is_open_for(generation))
        .values(state="closed", closed_at=tx.clock(), lease_until=None)
    )
    return changed_rows(tx.execute(closed)) == 1


def reopen_door(
    tx: Transaction, *, generation: Generation, successor: Generation, lease: timedelta
) -> bool:
    """After committing the closing: open again as `successor` if anything is due and unblocked.

    False if nothing is, or if another run was faster. The run stays the one that closed.
    """
    reopened = (
        update(_DOOR)
        .where(
            _DOOR.c.generation == generation,
            _DOOR.c.state == "closed",
            exists(select(1).where(is_due(tx))),
            ~exists(select(1).where(_BREAKER.c.blocked_until > tx.clock())),
        )
        .values(**_newly_open(tx, successor, lease))
    )
    return changed_rows(tx.execute(reopened)) == 1


def raise_attempt(tx: Transaction, *, generation: Generation, attempt: int) -> bool:
    """Move the trigger's attempt from `attempt` to the next; False if someone else did."""
    raised = (
        update(_DOOR)
        .where(_DOOR.c.generation == generation, _DOOR.c.attempt == attempt)
        .values(attempt=attempt + 1)
    )
    return changed_rows(tx.execute(raised)) == 1


def read_drain_need(tx: Transaction) -> DrainNeed:
    """Tell whether a drain is needed, in one cheap statement."""
    due = is_due(tx)
    some = select(_EVENT.c.number).where(due).limit(_ENOUGH).subquery()
    oldest = select(_EVENT.c.received_at).where(due).order_by(_EVENT.c.number).limit(1)
    statement = select(
        select(func.count()).select_from(some).scalar_subquery().label("due"),
        oldest.scalar_subquery().label("oldest"),
        _is_alive(tx).label("alive"),
        case((_BREAKER.c.blocked_until > tx.clock(), _BREAKER.c.blocked_until)).label("blocked"),
        case((_is_alive(tx), _DOOR.c.lease_until)).label("lease_until"),
        _DOOR.c.generation,
        _DOOR.c.attempt,
    ).where(_DOOR.c.id == _BREAKER.c.id)
    row = tx.execute(statement).one()
    return DrainNeed(
        due=row.due,
        oldest_due_at=row.oldest,
        door_alive=bool(row.alive),
        blocked_until=row.blocked,
        generation=Generation(row.generation),
        attempt=row.attempt,
        lease_until=row.lease_until,
    )


def _is_alive(tx: Transaction) -> ColumnElement[bool]:
    return and_(_DOOR.c.state == "open", _DOOR.c.lease_until > tx.clock())


def _is_open_for(generation: Generation) -> ColumnElement[bool]:
    return and_(_DOOR.c.generation == generation, _DOOR.c.state == "open")


def _newly_open(tx: Transaction, generation: Generation, lease: timedelta) -> dict[str, Any]:
    return {
        "state": "open",
        "generation": generation,
        "attempt": 0,
        "lease_until": tx.clock(lease),
        "opened_at": tx.clock(),
    }
