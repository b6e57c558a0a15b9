"""Products: the order marks apart from the bulk, which a sweep that finds no drift never touches.

SQLite rewrites a row to change one column; so `product` holds what every read moves, and
`product_content` the two bodies (15 kB and more).
"""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

from storage.tables.base import one_row, optional, partial_index, required
from storage.tables.columns import ExactJson, RowNumber, UtcInstant


class Product(SQLModel, table=True):
    """One product's state as last read; a tombstone if `deleted_at` is set.

    `previous_hash` and `previous_deleted` are written by the upsert from the row it replaces, and
    answered by the same statement: so that it says itself what it did.
    """

    __tablename__ = "product"
    __table_args__ = (
        Index("ix_product_identifier", "identifier_key"),
        partial_index("ix_product_parent", "parent_key", where="parent_key IS NOT NULL"),
        partial_index("ix_product_tombstone", "deleted_at", where="deleted_at IS NOT NULL"),
        partial_index("ix_product_probe", "updated", where="deleted_at IS NULL"),
    )

    key: str = Field(sa_column=Column(Text, primary_key=True))
    uuid: str | None = Field(sa_column=optional(Text))
    identifier: str | None = Field(sa_column=optional(Text))
    identifier_key: str | None = Field(sa_column=optional(Text))
    enabled: bool | None = Field(sa_column=optional(Boolean))
    family: str | None = Field(sa_column=optional(Text))
    parent: str | None = Field(sa_column=optional(Text))
    parent_key: str | None = Field(sa_column=optional(Text))
    updated: datetime | None = Field(sa_column=optional(UtcInstant))
    content_hash: str | None = Field(sa_column=optional(Text))
    source_hash: str | None = Field(sa_column=optional(Text))
    catalog_version: int = Field(sa_column=required(BigInteger))
    read_from: int = Field(sa_column=required(BigInteger))
    read_to: int = Field(sa_column=required(BigInteger))
    read_at: datetime = Field(sa_column=required(UtcInstant))
    deleted_at: datetime | None = Field(sa_column=optional(UtcInstant))
    written_at: datetime = Field(sa_column=required(UtcInstant))
    previous_hash: str | None = Field(sa_column=optional(Text))
    previous_deleted: bool | None = Field(sa_column=optional(Boolean))


class ProductContent(SQLModel, table=True):
    """The REST answer and the rendered document; of a tombstone, the last ones seen."""

    __tablename__ = "product_content"

    key: str = Field(sa_column=Column(Text, primary_key=True))
    source: str = Field(sa_column=required(ExactJson))
    document: str = Field(sa_column=required(ExactJson))


class ProductChange(SQLModel, table=True):
    """One change of one product, written in the same transaction, numbered as they commit."""

    __tablename__ = "product_change"
    __table_args__ = (
        Index("ix_product_change_product", "product_key", "seq"),
        partial_index("ix_product_change_deleted", "at", where="op = 'deleted'"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(default=None, sa_column=Column(RowNumber, primary_key=True))
    product_key: str = Field(sa_column=required(Text))
    op: str = Field(sa_column=required(Text))
    changed: str = Field(sa_column=required(ExactJson))
    cause: str = Field(sa_column=required(Text))
    run_id: str | None = Field(sa_column=optional(Text))
    announced: bool = Field(sa_column=required(Boolean))
    at: datetime = Field(sa_column=required(UtcInstant))


class ChangeFeed(SQLModel, table=True):
    """Up to which number change rows may be removed: who stands before it has missed some."""

    __tablename__ = "change_feed"
    __table_args__ = (one_row(),)

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    removed_to: int = Field(sa_column=required(BigInteger))
