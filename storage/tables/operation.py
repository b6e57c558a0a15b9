"""Tables of the running system: door, breaker, leases, holds, refusals, alarms, facts, tokens."""

from datetime import datetime

from sqlalchemy import Column, Double, Integer, Text
from sqlmodel import Field, SQLModel

from storage.tables.base import one_row, optional, partial_index, required
from storage.tables.columns import RowNumber, UtcInstant


class Door(SQLModel, table=True):
    """Whether a drain is open, and which one; the predecessor is one whose lease had lapsed."""

    __tablename__ = "door"
    __table_args__ = (one_row(),)

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    state: str = Field(sa_column=required(Text))
    generation: str = Field(sa_column=required(Text))
    attempt: int = Field(sa_column=required(Integer))
    lease_until: datetime | None = Field(sa_column=optional(UtcInstant))
    opened_at: datetime | None = Field(sa_column=optional(UtcInstant))
    closed_at: datetime | None = Field(sa_column=optional(UtcInstant))
    run_id: str | None = Field(sa_column=optional(Text))
    run_name: str | None = Field(sa_column=optional(Text))
    predecessor_generation: str | None = Field(sa_column=optional(Text))
    predecessor_run_id: str | None = Field(sa_column=optional(Text))
    predecessor_run_name: str | None = Field(sa_column=optional(Text))


class Breaker(SQLModel, table=True):
    """Until when the source is left alone (`pim.breaker.BreakerState` tells the columns)."""

    __tablename__ = "breaker"
    __table_args__ = (one_row(),)

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    blocked_until: datetime | None = Field(sa_column=optional(UtcInstant))
    failing_since: datetime | None = Field(sa_column=optional(UtcInstant))
    failures: int = Field(sa_column=required(Integer))
    reason: str | None = Field(sa_column=optional(Text))
    tripped_at: datetime | None = Field(sa_column=optional(UtcInstant))
    probe_at: datetime | None = Field(sa_column=optional(UtcInstant))
    failed_probes: int = Field(sa_column=required(Integer, server_default="0"))


class CallLease(SQLModel, table=True):
    """One concurrent call to the source."""

    __tablename__ = "call_lease"

    slot: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    holder: str | None = Field(sa_column=optional(Text))
    kind: str | None = Field(sa_column=optional(Text))
    lease_until: datetime | None = Field(sa_column=optional(UtcInstant))


class HeldDeletionRow(SQLModel, table=True):
    """A deletion beyond the share. `state`: waiting, approved, rejected, withdrawn."""

    __tablename__ = "held_deletion"
    __table_args__ = (
        partial_index(
            "ix_held_deletion_waiting", "product_key", where="state = 'waiting'", unique=True
        ),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    product_key: str = Field(sa_column=required(Text, index=True))
    cause: str = Field(sa_column=required(Text))
    run_id: str | None = Field(sa_column=optional(Text))
    held_at: datetime = Field(sa_column=required(UtcInstant))
    state: str = Field(sa_column=required(Text))
    decided_at: datetime | None = Field(sa_column=optional(UtcInstant))


class Refusal(SQLModel, table=True):
    """Deliveries refused in one minute for one reason."""

    __tablename__ = "refusal"

    minute: datetime = Field(sa_column=Column(UtcInstant, primary_key=True))
    reason: str = Field(sa_column=Column(Text, primary_key=True))
    count: int = Field(sa_column=required(Integer))
    first_at: datetime = Field(sa_column=required(UtcInstant))
    last_at: datetime = Field(sa_column=required(UtcInstant))
    detail: str | None = Field(sa_column=optional(Text))


class AlarmRow(SQLModel, table=True):
    """A standing alarm."""

    __tablename__ = "alarm"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    since: datetime = Field(sa_column=required(UtcInstant))
    text: str = Field(sa_column=required(Text))


class SourceFact(SQLModel, table=True):
    """Something found out once about the source."""

    __tablename__ = "source_fact"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    value: str = Field(sa_column=required(Text))
    found_at: datetime = Field(sa_column=required(UtcInstant))


class MetricRow(SQLModel, table=True):
    """A figure of `/metrics` that is added to, told apart by its labels.

    `storage.database.counting` adds.
    """

    __tablename__ = "metric"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    labels: str = Field(sa_column=Column(Text, primary_key=True))
    value: float = Field(sa_column=required(Double))


class ApiToken(SQLModel, table=True):
    """Who may read by the API: a name, and the digest of a token that was shown once."""

    __tablename__ = "api_token"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    digest: str = Field(sa_column=required(Text, unique=True))
    made_at: datetime = Field(sa_column=required(UtcInstant))
    revoked_at: datetime | None = Field(sa_column=optional(UtcInstant))
