"""Housekeeping: raw bodies compressed, then dropped; old settled events and changes removed."""

from dataclasses import dataclass
from datetime import datetime

from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many rows one step of housekeeping worked on; fewer than its limit: nothing is left."""

    rows: int
    bytes_freed: int = 0


def compress_bodies(tx: Transaction, *, older_than: datetime, limit: int = 100) -> Cleaned:
    """Compress raw bodies, received before `older_than`, whose events are all settled."""
    raise NotImplementedError


def drop_bodies(tx: Transaction, *, older_than: datetime, limit: int = 500) -> Cleaned:
    """Drop raw bodies, received before `older_than`, whose events are all settled."""
    raise NotImplementedError


def prune_events(tx: Transaction, *, older_than: datetime, limit: int = 1000) -> Cleaned:
    """Remove events settled before `older_than` (dead letters stay), and batches left empty."""
    raise NotImplementedError


def prune_changes(tx: Transaction, *, older_than: datetime, limit: int = 1000) -> Cleaned:
    """Remove change rows older than that."""
    raise NotImplementedError


def prune_refusals(tx: Transaction, *, older_than: datetime) -> Cleaned:
    """Remove refusal counts older than that."""
    raise NotImplementedError
