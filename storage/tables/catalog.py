"""The mirrored structure."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Text
from sqlmodel import Field, SQLModel

from storage.tables.base import one_row, optional, partial_index, required
from storage.tables.columns import ExactJson, UtcInstant


class CatalogVersion(SQLModel, table=True):
    """One number, raised by each transaction that changes an item."""

    __tablename__ = "catalog_version"
    __table_args__ = (one_row(),)

    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    version: int = Field(sa_column=required(BigInteger))


class CatalogItemRow(SQLModel, table=True):
    """One item; the keys are casefolded, `parent` and `code` as written.

    `above`: of a product model, the code of the model that it hangs below.

    `removed`: it was read as absent; kept, so that an older read does not bring it back. The read
    columns are those of the last read that was written, as a product's.
    """

    __tablename__ = "catalog_item"
    __table_args__ = (
        partial_index("ix_catalog_item_above", "above_key", where="above_key IS NOT NULL"),
    )

    kind: str = Field(sa_column=Column(Text, primary_key=True))
    parent_key: str = Field(sa_column=Column(Text, primary_key=True))
    code_key: str = Field(sa_column=Column(Text, primary_key=True))
    parent: str = Field(sa_column=required(Text))
    code: str = Field(sa_column=required(Text))
    content_hash: str = Field(sa_column=required(Text))
    updated: datetime | None = Field(sa_column=optional(UtcInstant))
    version: int = Field(sa_column=required(BigInteger))
    body: str = Field(sa_column=required(ExactJson))
    read_from: int = Field(sa_column=required(BigInteger))
    read_to: int = Field(sa_column=required(BigInteger))
    removed: bool = Field(sa_column=required(Boolean))
    above: str | None = Field(sa_column=optional(Text))
    above_key: str | None = Field(sa_column=optional(Text))


class CatalogMark(SQLModel, table=True):
    """The newest change of an item; open until its users have caught up.

    Users are behind it with a document of a lower `version`; of a removed item, with a read begun
    before `number`.
    """

    __tablename__ = "catalog_mark"
    __table_args__ = (
        partial_index("ix_catalog_mark_open", "version", where="finished_at IS NULL"),
        Index("ix_catalog_mark_version", "version"),
        Index("ix_catalog_mark_number", "number"),
    )

    kind: str = Field(sa_column=Column(Text, primary_key=True))
    parent_key: str = Field(sa_column=Column(Text, primary_key=True))
    code_key: str = Field(sa_column=Column(Text, primary_key=True))
    parent: str = Field(sa_column=required(Text))
    code: str = Field(sa_column=required(Text))
    version: int = Field(sa_column=required(BigInteger))
    removed: bool = Field(sa_column=required(Boolean))
    number: int = Field(sa_column=required(BigInteger))
    finished_at: datetime | None = Field(sa_column=optional(UtcInstant))
