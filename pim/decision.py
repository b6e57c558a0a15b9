"""Ordering decisions: pure, explained here, enforced by the SQL of the write."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pim.ids import OrderNumber
from pim.reads import ReadInterval


@dataclass(frozen=True, slots=True)
class StoredMark:
    """What the store knows of a product's order; `content_hash` is None for a tombstone."""

    read_from: OrderNumber
    read_to: OrderNumber
    updated: datetime | None
    content_hash: str | None
    deleted: bool


class BeforeRead(StrEnum):
    """What to do with an event before any call is made."""

    COVERED = "covered"
    OUTDATED = "outdated"
    READ = "read"


class NotWritten(StrEnum):
    """Why the guard of the write refused a read."""

    OUTDATED = "outdated"
    UNCHANGED = "unchanged"
    CONTENDED = "contended"


def decide_before_read(
    *,
    number: OrderNumber,
    resource_updated: datetime | None,
    stored: StoredMark | None,
    clock_doubt: timedelta,
) -> BeforeRead:
    """Whether a product event still calls for a read; `number` was drawn when it was stored."""
    raise NotImplementedError


def decide_not_written(
    incoming: ReadInterval, incoming_hash: str | None, stored: StoredMark
) -> NotWritten:
    """Explain a refused write; `incoming_hash` None is an absence (equal to a tombstone)."""
    raise NotImplementedError


def is_rewound(updated: datetime | None, stored: StoredMark | None) -> bool:
    """Whether a read brings an older `updated` than the live row it would replace."""
    raise NotImplementedError
