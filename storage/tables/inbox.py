"""The inbox: deliveries and their events."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from storage.tables.base import optional, partial_index, required
from storage.tables.columns import RowNumber, UtcInstant

_DUE = "outcome IS NULL AND hold_id IS NULL"


class InboxBatch(SQLModel, table=True):
    """One delivery. `body` is raw, or compressed (`encoding` zlib), or dropped (None)."""

    __tablename__ = "inbox_batch"
    __table_args__ = (
        partial_index("ix_inbox_batch_body", "encoding", "received_at", where="body IS NOT NULL"),
        partial_index("ix_inbox_batch_bare", "received_at", where="body IS NULL"),
        Index("ix_inbox_batch_channel", "channel", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    channel: str = Field(sa_column=required(Text))
    received_at: datetime = Field(sa_column=required(UtcInstant))
    events: int = Field(sa_column=required(Integer))
    size: int = Field(sa_column=required(Integer))
    rejected: str | None = Field(sa_column=optional(Text))
    encoding: str = Field(sa_column=required(Text))
    body: bytes | None = Field(sa_column=optional(LargeBinary))


class InboxEvent(SQLModel, table=True):
    """One event; settled when `outcome` is set.

    The partial indexes keep what is due apart from what is settled: neither taking a chunk nor
    counting it slows down as the table grows. `event_id` is what repeats are told by: the id as it
    was sent, or, where one id may come with several types, both; then `sent_id` has the id alone.
    """

    __tablename__ = "inbox_event"
    __table_args__ = (
        partial_index("ix_inbox_event_due", "number", where=_DUE),
        partial_index("ix_inbox_event_due_key", "resource_key", where=_DUE),
        partial_index("ix_inbox_event_held", "hold_id", where="hold_id IS NOT NULL"),
        partial_index("ix_inbox_event_history", "resource_key", where="outcome IS NOT NULL"),
        partial_index("ix_inbox_event_sent_id", "sent_id", where="sent_id IS NOT NULL"),
        partial_index(
            "ix_inbox_event_settled", "outcome", "settled_at", where="outcome IS NOT NULL"
        ),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    event_id: str = Field(sa_column=required(Text, unique=True))
    sent_id: str | None = Field(default=None, sa_column=optional(Text))
    batch_id: int = Field(
        sa_column=Column(RowNumber, ForeignKey("inbox_batch.id"), nullable=False, index=True)
    )
    number: int = Field(sa_column=required(BigInteger))
    received_at: datetime = Field(sa_column=required(UtcInstant))
    action: str | None = Field(sa_column=optional(Text))
    kind: str = Field(sa_column=required(Text))
    removed: bool = Field(sa_column=required(Boolean))
    resource_key: str | None = Field(sa_column=optional(Text))
    uuid: str | None = Field(sa_column=optional(Text))
    identifier: str | None = Field(sa_column=optional(Text))
    code: str | None = Field(sa_column=optional(Text))
    item_kind: str | None = Field(default=None, sa_column=optional(Text))
    item_parent: str | None = Field(default=None, sa_column=optional(Text))
    hint: str | None = Field(default=None, sa_column=optional(Text))
    resource_updated: datetime | None = Field(sa_column=optional(UtcInstant))
    occurred_at: datetime | None = Field(sa_column=optional(UtcInstant))
    author: str | None = Field(sa_column=optional(Text))
    author_type: str | None = Field(sa_column=optional(Text))
    attempts: int = Field(sa_column=required(Integer))
    not_before: datetime | None = Field(sa_column=optional(UtcInstant))
    hold_id: int | None = Field(sa_column=optional(RowNumber))
    taken_by: str | None = Field(sa_column=optional(Text))
    taken_at: datetime | None = Field(sa_column=optional(UtcInstant))
    outcome: str | None = Field(sa_column=optional(Text))
    reason: str | None = Field(sa_column=optional(Text))
    settled_at: datetime | None = Field(sa_column=optional(UtcInstant))
    run_id: str | None = Field(sa_column=optional(Text))


class PlatformNotice(SQLModel, table=True):
    """What the Event Platform told of a subscription; `told_at` is its own time."""

    __tablename__ = "platform_notice"
    __table_args__ = (
        UniqueConstraint("subscription_id", "kind", "told_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    subscription_id: str = Field(sa_column=required(Text))
    kind: str = Field(sa_column=required(Text))
    told_at: datetime = Field(sa_column=required(UtcInstant))
    received_at: datetime = Field(sa_column=required(UtcInstant))
    destination: str | None = Field(sa_column=optional(Text))
    reason: str | None = Field(sa_column=optional(Text))
