"""The call budget: 3 of the 4 concurrent calls Akeneo allows a connection, shared by all workers.

Slot 0 is kept for drains. Leases are taken for a session, not for each call.
"""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import or_, select, update

from storage.database import Transaction, changed_rows
from storage.tables import CallLease, table_of

_LEASE = table_of(CallLease)

SLOTS = 3
_FOR_DRAINS = 0


class CallerKind(StrEnum):
    """Who calls the source."""

    DRAIN = "drain"
    SWEEP = "sweep"


def acquire_slots(
    tx: Transaction, *, holder: str, kind: CallerKind, want: int, lease: timedelta
) -> tuple[int, ...]:
    """Take free (or lapsed) slots until `holder` has `want`; answers all that it has now.

    A drain begins with its own slot, a sweep never takes it.
    """
    ours = renew_slots(tx, holder=holder, lease=lease)
    missing = want - len(ours)
    if missing <= 0:
        return ours
    is_drain = kind is CallerKind.DRAIN
    free = (
        select(_LEASE.c.slot)
        .where(or_(_LEASE.c.holder.is_(None), _LEASE.c.lease_until <= tx.clock()))
        .where(_LEASE.c.slot >= (_FOR_DRAINS if is_drain else _FOR_DRAINS + 1))
        .order_by(_LEASE.c.slot if is_drain else _LEASE.c.slot.desc())
        .limit(missing)
        # Slots in another's hands at this moment are no longer free.
        .with_for_update(skip_locked=True)
    )
    slots = tx.execute(free).scalars().all()
    taken = (
        update(_LEASE)
        .where(_LEASE.c.slot.in_(slots))
        .values(holder=holder, kind=kind, lease_until=tx.clock(lease))
        .returning(_LEASE.c.slot)
    )
    return tuple(sorted({*ours, *tx.execute(taken).scalars()}))


def renew_slots(tx: Transaction, *, holder: str, lease: timedelta) -> tuple[int, ...]:
    """Renew what `holder` has; answers the slots. Fewer than before: some lapsed and are gone."""
    renewed = (
        update(_LEASE)
        .where(_LEASE.c.holder == holder)
        .values(lease_until=tx.clock(lease))
        .returning(_LEASE.c.slot)
    )
    return tuple(sorted(tx.execute(renewed).scalars()))


def release_slots(tx: Transaction, *, holder: str) -> int:
    """Give back what `holder` has."""
    freed = (
        update(_LEASE)
        .where(_LEASE.c.holder == holder)
        .values(holder=None, kind=None, lease_until=None)
    )
    return changed_rows(tx.execute(freed))
