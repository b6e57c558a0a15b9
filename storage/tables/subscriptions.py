"""Tables of the Event Platform's subscriptions: how each was last seen, and gaps."""

from datetime import datetime

from sqlalchemy import Column, Integer, Text
from sqlmodel import Field, SQLModel

from storage.tables.base import optional, required
from storage.tables.columns import ExactJson, RowNumber, UtcInstant


class SubscriptionRow(SQLModel, table=True):
    """A subscription to our receiver. `since`: in this status; `problem`: why it stopped."""

    __tablename__ = "subscription"

    id: str = Field(sa_column=Column(Text, primary_key=True))
    status: str = Field(sa_column=required(Text))
    url: str = Field(sa_column=required(Text))
    since: datetime = Field(sa_column=required(UtcInstant))
    checked_at: datetime = Field(sa_column=required(UtcInstant))
    problem: str | None = Field(sa_column=optional(Text))


class SubscriptionGap(SQLModel, table=True):
    """A time without deliveries. So many `rounds` of its catch-up were asked for."""

    __tablename__ = "subscription_gap"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    subscription_id: str = Field(sa_column=required(Text))
    reason: str | None = Field(sa_column=optional(Text))
    began: datetime = Field(sa_column=required(UtcInstant))
    ended: datetime | None = Field(sa_column=optional(UtcInstant))
    rounds: int = Field(sa_column=required(Integer))
    asked_at: datetime | None = Field(sa_column=optional(UtcInstant))
    closed_at: datetime | None = Field(sa_column=optional(UtcInstant))
    cost: str = Field(sa_column=required(ExactJson))
