"""The store: connections, transactions and the order numbers, on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy import Connection, Engine

from pim.ids import OrderNumber

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Transaction:
    """One open transaction; the functions of this package take it and never commit."""

    connection: Connection
    clock_offset: timedelta = timedelta(0)


class Store:
    """A database of ours; safe to use from many threads.

    `clock_offset` moves the database clock that leases are judged by: tests let a lease lapse
    without waiting.
    """

    def __init__(self, engine: Engine, *, busy_timeout: timedelta) -> None:
        self._engine = engine
        self._busy_timeout = busy_timeout
        self.clock_offset = timedelta(0)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A write transaction: committed at the end, rolled back by an exception.

        SQLite: BEGIN IMMEDIATE. PostgreSQL: READ COMMITTED.

        Raises:
            StoreNotWritable: locked past the busy timeout, read-only, or the disk is full.
            StoreUnreachable: the database does not answer.
        """
        raise NotImplementedError
        yield

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A read-only transaction that sees one snapshot.

        Raises:
            StoreUnreachable: the database does not answer.
        """
        raise NotImplementedError
        yield

    def run(self, work: Callable[[Transaction], T]) -> T:
        """Do `work` in a write transaction; once more after a deadlock or another lost race."""
        raise NotImplementedError

    def draw_number(self) -> OrderNumber:
        """Draw the next order number in its own short transaction.

        Strictly increasing over all processes: whoever draws later gets the higher number.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Close every connection."""
        raise NotImplementedError


def open_store(
    url: str, *, busy_timeout: timedelta = timedelta(seconds=5), create: bool = False
) -> Store:
    """Open the database at `url` (`sqlite:///path`, `postgresql://...`).

    `create` makes a missing SQLite file and brings the schema up to date (`up`, `migrate`).

    Raises:
        StoreMissing: no SQLite file, or no schema, and not `create`.
        StoreBehind: the schema is older than the code, and not `create`.
        StoreAhead: the schema is newer than the code.
        StoreUnreachable: the server does not answer, or the file is no database.
    """
    raise NotImplementedError
