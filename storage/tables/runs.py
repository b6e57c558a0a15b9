"""Sweeps and the history of runs."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field, SQLModel

from storage.tables.base import optional, required
from storage.tables.columns import ExactJson, RowNumber, UtcInstant


class Sweep(SQLModel, table=True):
    """Where a sweep stands. `position_at` is set while it is under way (not whole).

    `watermark` is on the source's clock; `watermark_clock` is the same instant on the database's.
    """

    __tablename__ = "sweep"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    holder: str | None = Field(sa_column=optional(Text))
    lease_until: datetime | None = Field(sa_column=optional(UtcInstant))
    position: str | None = Field(sa_column=optional(Text))
    position_at: datetime | None = Field(sa_column=optional(UtcInstant))
    counts: str = Field(sa_column=required(ExactJson))
    first_number: int = Field(sa_column=required(BigInteger))
    source_started_at: datetime = Field(sa_column=required(UtcInstant))
    started_at: datetime = Field(sa_column=required(UtcInstant))
    finished_at: datetime | None = Field(sa_column=optional(UtcInstant))
    watermark: datetime | None = Field(sa_column=optional(UtcInstant))
    watermark_clock: datetime | None = Field(sa_column=optional(UtcInstant))


class SyncRunRow(SQLModel, table=True):
    """One run of a flow, with its report."""

    __tablename__ = "sync_run"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    run_id: str = Field(sa_column=required(Text))
    flow: str = Field(sa_column=required(Text))
    cause: str = Field(sa_column=required(Text))
    state: str = Field(sa_column=required(Text))
    started_at: datetime = Field(sa_column=required(UtcInstant))
    finished_at: datetime | None = Field(sa_column=optional(UtcInstant))
    report: str = Field(sa_column=required(ExactJson))
