"""Ordering decisions: pure, explained here, enforced by the SQL of the write.

The guard of the write is `incoming.read_from > stored.read_to`: what was asked after the stored
answer had arrived is newer. Times of the source cannot decide: they have whole seconds, stand still
when a parent changes, and go back when a right is restored.
"""

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
    """Whether a product event still calls for a read; `number` was drawn when it was stored.

    Covered: the stored read began after we had been told. Outdated: the event's own `updated` is
    older than the live row's by more than `clock_doubt` (the nodes of a PIM differ). All else is
    read: an event says "look again", never what is there.
    """
    if stored is None:
        return BeforeRead.READ
    if number < stored.read_from:
        return BeforeRead.COVERED
    if stored.deleted or stored.updated is None or resource_updated is None:
        return BeforeRead.READ
    if stored.updated - resource_updated > clock_doubt:
        return BeforeRead.OUTDATED
    return BeforeRead.READ


def decide_not_written(
    incoming: ReadInterval, incoming_hash: str | None, stored: StoredMark
) -> NotWritten:
    """Explain a read that the guard refused; `incoming_hash` None is an absence.

    Contended: the two reads overlapped and disagree, so neither is known to be later; a read begun
    now is later than both.
    """
    if incoming.read_to < stored.read_from:
        return NotWritten.OUTDATED
    stored_hash = None if stored.deleted else stored.content_hash
    if incoming_hash == stored_hash:
        return NotWritten.UNCHANGED
    return NotWritten.CONTENDED


def is_rewound(updated: datetime | None, stored: StoredMark | None) -> bool:
    """Whether a read brings an older `updated` than the live row it would replace.

    `updated` None is an absence, or has no date that can be read: never a rewind. A tombstone's
    date says nothing about what comes after it.
    """
    if updated is None or stored is None or stored.deleted or stored.updated is None:
        return False
    return updated < stored.updated
