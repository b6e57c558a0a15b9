"""Builds what the flows' unit tests talk about: events and marks, with only what matters given."""

from datetime import UTC, datetime
from itertools import count

from pim.decision import StoredMark
from pim.ids import EventId, OrderNumber
from pim.vocabulary import ResourceKind
from storage.inbox.due_events import DueEvent
from storage.inbox.settling import EventRowId

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
UUID_A = "0b4c9c2e-6a55-4f0e-9a43-0d8d8f1f7a11"
UUID_B = "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"

_rows = count(1)


def due_event(
    *,
    uuid: str | None = UUID_A,
    identifier: str | None = None,
    kind: ResourceKind = ResourceKind.PRODUCT,
    action: str = "product.updated",
    number: int | None = None,
    updated: datetime | None = None,
    attempts: int = 1,
) -> DueEvent:
    row = next(_rows)
    return DueEvent(
        row_id=EventRowId(row),
        event_id=EventId(f"event-{row}"),
        number=OrderNumber(number if number is not None else 1000 + row),
        resource_key=uuid or identifier or "",
        action=action,
        kind=kind,
        removed=action.endswith(".removed"),
        uuid=uuid,
        identifier=identifier,
        code=None,
        resource_updated=updated,
        occurred_at=NOON,
        received_at=NOON,
        author=None,
        attempts=attempts,
    )


def live_mark(*, read_from: int = 1, read_to: int = 2, updated: datetime = NOON) -> StoredMark:
    return StoredMark(
        read_from=OrderNumber(read_from),
        read_to=OrderNumber(read_to),
        updated=updated,
        content_hash="hash",
        deleted=False,
    )
