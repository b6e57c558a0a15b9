"""The call budget: 3 of the 4 concurrent calls Akeneo allows a connection, shared by all workers.

Slot 0 is kept for drains. Leases are taken for a session, not for each call.
"""

from datetime import timedelta
from enum import StrEnum

from storage.engine import Transaction

SLOTS = 3


class CallerKind(StrEnum):
    """Who calls the source."""

    DRAIN = "drain"
    SWEEP = "sweep"


def acquire_slots(
    tx: Transaction, *, holder: str, kind: CallerKind, want: int, lease: timedelta
) -> tuple[int, ...]:
    """Take up to `want` free (or lapsed) slots for `holder`; answers all that it holds now."""
    raise NotImplementedError


def renew_slots(tx: Transaction, *, holder: str, lease: timedelta) -> tuple[int, ...]:
    """Renew what `holder` holds; answers the slots. Fewer than before: some lapsed and are gone."""
    raise NotImplementedError


def release_slots(tx: Transaction, *, holder: str) -> int:
    """Give back what `holder` holds."""
    raise NotImplementedError
