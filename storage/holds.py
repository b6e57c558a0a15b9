"""Deletions that wait for a person, and how many may happen without one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from pim.ids import ProductKey, RunId
from storage.engine import Transaction
from storage.events import EventRowId
from storage.products import Cause


@dataclass(frozen=True, slots=True)
class DeletionToHold:
    """An absence beyond the allowance, with the events (of this drain) that led to it."""

    key: ProductKey
    row_ids: tuple[EventRowId, ...] = ()


@dataclass(frozen=True, slots=True)
class HeldDeletion:
    """A deletion that waits for a person."""

    id: int
    key: ProductKey
    identifier: str | None
    cause: str
    run_id: RunId | None
    held_at: datetime
    events: int


def deletion_allowance(tx: Transaction, *, now: datetime, share: float, floor: int = 20) -> int:
    """Tell how many unannounced tombstones this transaction may still write.

    max(floor, share of live products) less those of the last hour, drains and sweeps together.
    Until the transaction ends, others who ask wait.
    """
    raise NotImplementedError


def hold_deletions(
    tx: Transaction, holds: Sequence[DeletionToHold], *, cause: Cause, now: datetime
) -> int:
    """Hold deletions for `approve`; their events are not due meanwhile. Answers the new ones."""
    raise NotImplementedError


def list_holds(tx: Transaction, *, limit: int | None = None) -> list[HeldDeletion]:
    """List the waiting deletions, oldest first."""
    raise NotImplementedError


def approve_holds(
    tx: Transaction, keys: Collection[ProductKey], *, run_id: RunId | None, now: datetime
) -> int:
    """Close holds whose absence was confirmed and written; their events are settled as gone."""
    raise NotImplementedError


def reject_holds(
    tx: Transaction, keys: Collection[ProductKey], *, run_id: RunId | None, now: datetime
) -> int:
    """Close holds, keep the products; their events are settled as filtered."""
    raise NotImplementedError
