"""What `status`, `/readyz` and `/metrics` show, read in one snapshot, without asking the PIM."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.alarms import Alarm
from storage.breaker import BreakerView
from storage.door import DoorView
from storage.engine import Transaction
from storage.refusals import Refusals
from storage.sweeps import SweepView


@dataclass(frozen=True, slots=True)
class InboxStatus:
    """The inbox. `waiting`: unsettled, with a `not_before` still ahead; `due` is the rest."""

    due: int
    waiting: int
    dead: int
    held: int
    oldest_due_seconds: float | None
    last_received_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProductsStatus:
    """The product store. `held_deletions` wait for `approve`."""

    live: int
    tombstones: int
    held_deletions: int
    marks_open: int


@dataclass(frozen=True, slots=True)
class Status:
    """Everything an operator's overview shows."""

    inbox: InboxStatus
    products: ProductsStatus
    door: DoorView
    breaker: BreakerView
    sweeps: tuple[SweepView, ...]
    alarms: tuple[Alarm, ...]
    refusals: tuple[Refusals, ...]  # of the last hour
    outcomes: Mapping[str, int]  # of events settled in the last hour


def read_status(tx: Transaction, *, now: datetime) -> Status:
    """Read the overview."""
    raise NotImplementedError
