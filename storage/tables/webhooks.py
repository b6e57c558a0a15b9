"""Table of the webhooks: to whom changes are sent, up to which one they are confirmed, and how."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Integer, Text
from sqlmodel import Field, SQLModel

from storage.tables.base import optional, required
from storage.tables.columns import UtcInstant


class WebhookRow(SQLModel, table=True):
    """One shop's webhook. The secrets stand there as they are: each request is signed with them.

    `position`: all changes up to it are confirmed. `batch_end`: the last change of a request whose
    answer is not known, or was no confirmation: the same ones are sent again. `most`: changes a
    request. `state`: active, paused or off, since `since`; `problem`: why it fails, or is off.
    """

    __tablename__ = "webhook"

    name: str = Field(sa_column=Column(Text, primary_key=True))
    url: str = Field(sa_column=required(Text))
    secret: str = Field(sa_column=required(Text))
    old_secret: str | None = Field(sa_column=optional(Text))
    old_secret_until: datetime | None = Field(sa_column=optional(UtcInstant))
    documents: bool = Field(sa_column=required(Boolean))
    most: int = Field(sa_column=required(Integer))
    position: int = Field(sa_column=required(BigInteger))
    batch_end: int | None = Field(sa_column=optional(BigInteger))
    replays: int = Field(sa_column=required(Integer))
    state: str = Field(sa_column=required(Text))
    since: datetime = Field(sa_column=required(UtcInstant))
    problem: str | None = Field(sa_column=optional(Text))
    failures: int = Field(sa_column=required(Integer))
    failing_since: datetime | None = Field(sa_column=optional(UtcInstant))
    not_before: datetime | None = Field(sa_column=optional(UtcInstant))
    confirmed_at: datetime | None = Field(sa_column=optional(UtcInstant))
    made_at: datetime = Field(sa_column=required(UtcInstant))
    holder: str | None = Field(sa_column=optional(Text))
    lease_until: datetime | None = Field(sa_column=optional(UtcInstant))
