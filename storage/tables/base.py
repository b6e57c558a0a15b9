"""Shared parts of all tables: names of constraints, columns, the way to statements."""

from typing import Any

from sqlalchemy import CheckConstraint, Column, Index, MetaData, Table, Text, text
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

METADATA: MetaData = SQLModel.metadata
METADATA.naming_convention = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}


def table_of(model: type[SQLModel]) -> Table:
    """Give the table behind a model, for Core statements."""
    return METADATA.tables[str(model.__tablename__)]


def required(kind: TypeEngine[Any] | type[TypeEngine[Any]] = Text, **kw: Any) -> Column[Any]:
    """Declare a column that always holds a value."""
    return Column(kind, nullable=False, **kw)


def optional(kind: TypeEngine[Any] | type[TypeEngine[Any]] = Text) -> Column[Any]:
    """Declare a column that may hold none."""
    return Column(kind, nullable=True)


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Declare an index of some rows: the predicate is one both databases prove from a query's."""
    return Index(
        name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where)
    )


def one_row() -> CheckConstraint:
    """Declare a table that holds one row, of id 1."""
    return CheckConstraint("id = 1", name="one_row")
