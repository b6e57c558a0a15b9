"""Leases of a run that is known to be dead: seen, and let go before they lapse.

A lease that lapses tells all others that its holder is dead. The successor of a worker on the same
host knows it sooner, and lets the lease lapse then.

Letting go means that the lease lapses now, and nothing else: the next one takes over as it would
have a minute later, and a holder that is alive after all has its lease again with its next renewal.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, select, update

from pim.ids import Generation, RunId
from storage.database import Transaction, changed_rows
from storage.tables import CallLease, Door, Sweep, WebhookRow, table_of

_DOOR = table_of(Door)
_SWEEP = table_of(Sweep)
_SLOT = table_of(CallLease)
_WEBHOOK = table_of(WebhookRow)


@dataclass(frozen=True, slots=True)
class DoorLease:
    """A door that is open and alive, and whose it is."""

    generation: Generation
    holder: RunId


@dataclass(frozen=True, slots=True)
class Lease:
    """That of a sweep or a webhook (by name), or of a share of the call budget (by number)."""

    what: str | int
    holder: RunId
    lease_until: datetime


@dataclass(frozen=True, slots=True)
class Leases:
    """All leases that were alive at one moment."""

    door: DoorLease | None
    sweeps: tuple[Lease, ...]
    slots: tuple[Lease, ...]
    webhooks: tuple[Lease, ...] = ()


@dataclass(frozen=True, slots=True)
class Freed:
    """What was let go."""

    door: bool
    sweeps: int
    slots: int
    webhooks: int = 0


def read_leases(tx: Transaction) -> Leases:
    """Read the leases that are alive now, and whose they are."""
    door = tx.execute(
        select(_DOOR.c.generation, _DOOR.c.run_id).where(
            _DOOR.c.state == "open", _DOOR.c.lease_until > tx.clock()
        )
    ).one_or_none()
    return Leases(
        door=None if door is None else DoorLease(Generation(door.generation), RunId(door.run_id)),
        sweeps=_read_leases(tx, _SWEEP, _SWEEP.c.name),
        slots=_read_leases(tx, _SLOT, _SLOT.c.slot),
        webhooks=_read_leases(tx, _WEBHOOK, _WEBHOOK.c.name),
    )


def _read_leases(tx: Transaction, table: Table, name: Column[Any]) -> tuple[Lease, ...]:
    alive = select(name, table.c.holder, table.c.lease_until).where(
        table.c.holder.is_not(None), table.c.lease_until > tx.clock()
    )
    return tuple(Lease(*row) for row in tx.execute(alive))


def free_leases(tx: Transaction, seen: Leases, *, dead: Collection[RunId]) -> Freed:
    """Let go of what the dead runs had at that moment, as far as nobody has it anew since.

    The door is compared by its generation, the others by their lease: a run of the same id that
    was begun again, by whomever, has renewed it.
    """
    door = seen.door is not None and seen.door.holder in dead and _free_door(tx, seen.door)
    sweeps = _free_leases(tx, _SWEEP, _SWEEP.c.name, seen.sweeps, dead)
    slots = _free_leases(tx, _SLOT, _SLOT.c.slot, seen.slots, dead)
    webhooks = _free_leases(tx, _WEBHOOK, _WEBHOOK.c.name, seen.webhooks, dead)
    return Freed(door=door, sweeps=sweeps, slots=slots, webhooks=webhooks)


def _free_door(tx: Transaction, seen: DoorLease) -> bool:
    freed = (
        update(_DOOR)
        .where(_DOOR.c.generation == seen.generation, _DOOR.c.state == "open")
        .values(lease_until=tx.clock())
    )
    return changed_rows(tx.execute(freed)) == 1


def _free_leases(
    tx: Transaction,
    table: Table,
    name: Column[Any],
    seen: Collection[Lease],
    dead: Collection[RunId],
) -> int:
    return sum(
        changed_rows(
            tx.execute(
                update(table)
                .where(name == each.what, table.c.holder == each.holder)
                .where(table.c.lease_until == each.lease_until)
                .values(lease_until=tx.clock())
            )
        )
        for each in seen
        if each.holder in dead
    )
