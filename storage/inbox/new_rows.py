"""Inserts of rows that are new, in statements whose text is made once.

SQLAlchemy compiles an ON CONFLICT anew each time it is executed, and binds each value by itself:
of what a delivery cost the receiver, storing its events was more than half.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Dialect, Row, Table

from storage.database import Transaction, in_slices

_MOST_ROWS = 500
"""In one statement: 25 columns each stay below SQLite's 32,766 bound values."""

_Processor = Callable[[Any], Any]


class NewRows:
    """Inserts rows into a table, but for those whose `unique` column is taken already."""

    def __init__(
        self, table: Table, columns: Sequence[str], *, unique: str, returning: Sequence[str]
    ) -> None:
        self._table = table
        self._columns = tuple(columns)
        self._unique = unique
        self._returning = tuple(returning)
        self._processors: dict[str, tuple[_Processor, ...]] = {}
        self._text = lru_cache(maxsize=64)(self._make_text)

    def insert(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> list[Row[Any]]:
        """Insert the rows in their order; answer the `returning` columns of those that were new.

        A column that a row does not name is NULL.
        """
        dialect = tx.connection.dialect
        processors = self._processors.get(dialect.name)
        if processors is None:
            columns = [self._table.c[name] for name in self._columns]
            processors = tuple(_processor(column, dialect) for column in columns)
            self._processors[dialect.name] = processors
        named = list(zip(self._columns, processors, strict=True))
        inserted: list[Row[Any]] = []
        for some in in_slices(rows, _MOST_ROWS):
            values = tuple(process(row.get(name)) for row in some for name, process in named)
            text = self._text(len(some), dialect.name)
            inserted += tx.connection.exec_driver_sql(text, values).all()
        return inserted

    def _make_text(self, rows: int, dialect: str) -> str:
        one = ", ".join(["?" if dialect == "sqlite" else "%s"] * len(self._columns))
        return (
            f"INSERT INTO {self._table.name} ({', '.join(self._columns)})"
            f" VALUES {', '.join([f'({one})'] * rows)}"
            f" ON CONFLICT ({self._unique}) DO NOTHING RETURNING {', '.join(self._returning)}"
        )


def _processor(column: Column[Any], dialect: Dialect) -> _Processor:
    """What SQLAlchemy does with a value of this column on its way to the database."""
    return column.type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)
