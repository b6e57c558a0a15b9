"""Parts of statements that all rooms share, and SQL that each dialect spells its own way.

Slices of an IN (...), stored JSON, `INSERT ... ON CONFLICT`, and the database's clock.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import (
    ClauseElement,
    Compiled,
    CursorResult,
    Dialect,
    Float,
    Table,
    bindparam,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from pim.canonical import dump_json, parse_json
from pim.json_types import JsonObject, JsonValue, as_object
from storage.tables import UtcInstant

T = TypeVar("T")

_SLICE = 1000
"""Bound values a statement: far below SQLite's 32,766, and a plan the databases still like."""

Insert = postgresql.Insert | sqlite.Insert


def in_slices(items: Sequence[T], size: int = _SLICE) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces that fit a statement's IN (...)."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def fold(code: str | None) -> str | None:
    """Give the form in which codes and identifiers are compared: the source ignores case."""
    return None if code is None else code.casefold()


def changed_rows(result: CursorResult[Any]) -> int:
    """Count the rows that an update or a delete changed; of an insert ask by RETURNING."""
    if result.rowcount < 0:
        raise TypeError("the rows that a statement inserted are counted by what it returns")
    return int(result.rowcount)


def write_json(value: JsonValue) -> str:
    """Give the text to store, numbers as the source wrote them."""
    return dump_json(value)


def read_object(text: str) -> JsonObject:
    """Read a stored JSON object; that it can be written again was proven when it was stored."""
    return as_object(parse_json(text))


def read_counts(text: str) -> dict[str, int]:
    """Read stored counts by name."""
    return {name: count for name, count in read_object(text).items() if isinstance(count, int)}


def insert_into(dialect: str, table: Table) -> Insert:
    """Give an insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


@dataclass(frozen=True, slots=True, eq=False)
class KeptStatement:
    """A statement that each store compiles once for the columns it is given: see `compile`.

    SQLAlchemy compiles an insert with `ON CONFLICT` anew whenever it is executed, which takes
    longer than the database does. `make` gives it, for an insert of the database's own dialect.
    """

    table: Table
    make: Callable[[Insert], ClauseElement]

    def compile(self, dialect: Dialect, columns: Sequence[str], *, many: bool) -> Compiled:
        """Compile it for rows of these columns, `many` at once or one."""
        statement = self.make(insert_into(dialect.name, self.table))
        return statement.compile(dialect=dialect, column_keys=columns, for_executemany=many)


class DatabaseClock(FunctionElement[Any]):
    """The database's clock, moved by some seconds: one clock for every machine's leases.

    PostgreSQL's `clock_timestamp()` moves on within a transaction; SQLite's 'now' within none of
    its statements. SQLite's text has the form in which SQLAlchemy stores instants.
    """

    name = "database_clock"
    type = UtcInstant()
    inherit_cache = True

    def __init__(self, seconds: float) -> None:
        super().__init__(bindparam("clock_seconds", seconds, type_=Float(), unique=True))


@compiles(DatabaseClock, "sqlite")
def _sqlite_clock(element: DatabaseClock, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', printf('%+.3f seconds', {seconds}))"


@compiles(DatabaseClock, "postgresql")
def _postgres_clock(element: DatabaseClock, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"(clock_timestamp() + make_interval(secs => {seconds}))"
