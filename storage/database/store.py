"""The store: connections, transactions and the order numbers, on SQLite and PostgreSQL."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeAlias, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Compiled,
    Connection,
    CursorResult,
    Engine,
    Executable,
    Table,
    func,
    insert,
    select,
    text,
)

from pim.ids import OrderNumber
from storage.database.connections import label_of, sqlite_file
from storage.database.counting import ADD_COUNTS, Figure, count_rows
from storage.database.driver_errors import raise_translated
from storage.database.sql import DatabaseClock, Insert, KeptStatement, insert_into
from storage.database.turns import Turns
from storage.errors import StoreNotWritable, StoreRace

T = TypeVar("T")
Parameters = dict[str, Any]
CompiledKey: TypeAlias = tuple[KeptStatement, tuple[str, ...], bool]
"""A statement, the columns of its rows, and whether there are many."""

_NEXT_NUMBERS = {
    # A sequence hands out what no rollback takes back; the counter's row is locked by its writer.
    "postgresql": text("SELECT nextval('order_number') FROM generate_series(1, :n)"),
    "sqlite": text("UPDATE order_counter SET value = value + :n RETURNING value"),
}


@dataclass(frozen=True, slots=True)
class Transaction:
    """One open transaction; the functions of this package take it and never commit."""

    connection: Connection
    clock_offset: timedelta = timedelta(0)
    counts: dict[Figure, float] = field(default_factory=dict)
    appended: dict[Table, list[Parameters]] = field(default_factory=dict)
    compiled: dict[CompiledKey, Compiled] = field(default_factory=dict)

    @property
    def locks_rows(self) -> bool:
        """Whether writers run side by side (PostgreSQL); SQLite's take turns."""
        return self.connection.dialect.name == "postgresql"

    def execute(
        self, statement: Executable, rows: Parameters | list[Parameters] | None = None
    ) -> CursorResult[Any]:
        """Execute one statement; a list of rows goes to the database in few round trips."""
        return self.connection.execute(statement, rows)

    def execute_kept(self, statement: KeptStatement, rows: list[Parameters]) -> CursorResult[Any]:
        """Execute a statement for rows that all have the same columns; compiled once a store."""
        columns, many = tuple(sorted(rows[0])), len(rows) > 1
        key = (statement, columns, many)
        compiled = self.compiled.get(key)
        if compiled is None:
            compiled = statement.compile(self.connection.dialect, columns, many=many)
            self.compiled[key] = compiled
        # Typed for what is yet to be compiled, and executes what is.
        return self.connection.execute(cast("Executable", compiled), rows)

    def execute_plain(
        self, statement: str, values: tuple[Any, ...] | list[tuple[Any, ...]]
    ) -> CursorResult[Any]:
        """Execute SQL of our own, a `?` for each value; of a list of rows, once for each.

        For many rows: SQLAlchemy takes longer over each than the database does.
        """
        marked = statement.replace("?", "%s") if self.locks_rows else statement
        return self.connection.exec_driver_sql(marked, values)

    def count_rows(self, where: ColumnElement[bool]) -> int:
        """Count the rows, of the table that `where` is about."""
        return int(self.execute(select(func.count()).where(where)).scalar_one())

    def clock(self, after: timedelta = timedelta(0)) -> DatabaseClock:
        """Give the database's clock, `after` from now, as SQL."""
        return DatabaseClock((self.clock_offset + after).total_seconds())

    def insert_into(self, table: Table) -> Insert:
        """Give an insert that knows `on_conflict_do_...`, in this database's dialect."""
        return insert_into(self.connection.dialect.name, table)

    def count(self, figure: str, *labels: str, by: float = 1) -> None:
        """Add to a figure of `/metrics`, by labels of closed word lists; commits with the rest."""
        key = (figure, ",".join(labels))
        self.counts[key] = self.counts.get(key, 0) + by

    def append(self, table: Table, rows: Iterable[Parameters]) -> None:
        """Have rows inserted at the end of the transaction, numbered in the order of commits.

        Who sees one of them sees all of lower numbers: on PostgreSQL a sequence alone would let a
        lower number appear after a higher one.
        """
        self.appended.setdefault(table, []).extend(rows)

    def draw_numbers(self, count: int) -> list[OrderNumber]:
        """Draw `count` order numbers, rising, that become visible with this transaction."""
        statement = _NEXT_NUMBERS[self.connection.dialect.name]
        drawn = self.execute(statement, {"n": count}).scalars().all()
        if self.locks_rows:
            return [OrderNumber(number) for number in sorted(drawn)]
        return [OrderNumber(drawn[0] - count + step) for step in range(1, count + 1)]

    def queue_for(self, name: str, *, shared: bool = False) -> None:
        """Wait for a named lock until the end of the transaction, in turn and without starving.

        SQLite's writers queue up anyway.
        """
        if self.locks_rows:
            mode = "_shared" if shared else ""
            lock = text(f"SELECT pg_advisory_xact_lock{mode}(hashtext(:name))")
            self.execute(lock, {"name": f"akeneo-sync {name}"})


def _insert_appended(tx: Transaction) -> None:
    """Insert what was appended, one transaction after the other.

    The lock is freed after the commit can be seen. Nothing else is waited for while it is held but
    the figures, and who waits for those has it already, or never asks for it.
    """
    for table in sorted(tx.appended, key=lambda table: table.name):
        if rows := tx.appended[table]:
            tx.queue_for(f"append {table.name}")
            tx.execute(insert(table), rows)


class Store:
    """A database of ours; safe to use from many threads.

    `label` names it in messages, without user and password. `clock_offset` moves the database clock
    that leases are judged by: tests let a lease lapse without waiting.
    """

    def __init__(self, engine: Engine, *, busy_timeout: timedelta) -> None:
        self.engine = engine
        self.label = label_of(engine.url)
        self.clock_offset = timedelta(0)
        self._busy_timeout = busy_timeout
        self._compiled: dict[CompiledKey, Compiled] = {}
        # SQLite's own waiting sleeps and polls; within a process a lock passes the turn at once.
        self._writer = threading.Lock() if engine.dialect.name == "sqlite" else None
        file = sqlite_file(engine.url)
        self._turns = None if file is None else Turns(file)

    @property
    def is_sqlite(self) -> bool:
        """Whether there is one writer at a time: give way between large write transactions."""
        return self._writer is not None

    def is_turn_wanted(self) -> bool:
        """Whether somebody waits to write or does, where there is one writer at a time."""
        return self._turns is not None and self._turns.is_wanted()

    def is_turn_wanted_elsewhere(self) -> bool:
        """Whether somebody else does, who opened the store himself: a receiver, another run."""
        return self._turns is not None and self._turns.is_wanted_elsewhere()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A write transaction: committed at the end, rolled back by an exception.

        SQLite: BEGIN IMMEDIATE. PostgreSQL: READ COMMITTED.

        Raises:
            StoreNotWritable: locked past the busy timeout, read-only, or the disk is full.
            StoreUnreachable: the database does not answer.
        """
        with self._begin(durable=True) as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one snapshot; nothing is to be written in it.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        with raise_translated(self.label), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield Transaction(connection, self.clock_offset, compiled=self._compiled)

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a write transaction; once more after a deadlock or another lost race."""
        try:
            with self.transaction() as tx:
                return work(tx)
        except StoreRace:
            with self.transaction() as tx:
                return work(tx)

    def draw_number(self) -> OrderNumber:
        """Draw the next order number in its own short transaction.

        Strictly increasing over all processes: whoever draws later gets the higher number.
        """
        # Not synced to the disk by itself: what is stored under the number is, and the number
        # goes with it; a number that was only drawn may be drawn again after a power cut.
        with self._begin(durable=False) as tx:
            return tx.draw_numbers(1)[0]

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._turns is not None:
            self._turns.close()

    @contextmanager
    def _begin(self, *, durable: bool) -> Iterator[Transaction]:
        turn, translated = self._writer_turn(), raise_translated(self.label)
        with turn, translated, self.engine.connect() as connection:
            connection.execution_options(writes=True, durable=durable)
            with connection.begin():
                tx = Transaction(connection, self.clock_offset, compiled=self._compiled)
                yield tx
                _insert_appended(tx)
                if rows := count_rows(tx.counts):
                    tx.execute_kept(ADD_COUNTS, rows)

    @contextmanager
    def _writer_turn(self) -> Iterator[None]:
        if self._writer is None or self._turns is None:
            yield
            return
        seconds = self._busy_timeout.total_seconds()
        with self._turns.wanted():
            if not self._writer.acquire(timeout=seconds):
                waited = f"no turn to write within {seconds:g} s"
                raise StoreNotWritable(f"the database {self.label} is locked: {waited}")
            try:
                yield
            finally:
                self._writer.release()
