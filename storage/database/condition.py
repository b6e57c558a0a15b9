"""Condition of the database itself: its clock, its size, whether it takes a write."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text

from storage.database.connections import parse_url, sqlite_file
from storage.database.store import Store, Transaction
from storage.errors import StoreNotWritable
from storage.tables import SourceFact, table_of

_FACT = table_of(SourceFact)


@dataclass(frozen=True, slots=True)
class Condition:
    """`version` names the database; `clock_ahead` is how far its clock is ahead of this machine's.

    `size_bytes` is the total of `read_size`; `file` is where, None for a server's.
    """

    version: str
    clock_ahead: timedelta
    size_bytes: int
    file: Path | None


def read_condition(store: Store) -> Condition:
    """Read how the database is, without writing.

    Raises:
        StoreUnreachable: it does not answer.
    """
    with store.read() as tx:
        before = datetime.now(UTC)
        ahead = read_clock(tx) - before
        size = read_size(tx).total
        if tx.locks_rows:
            told = tx.execute(text("SHOW server_version")).scalar_one()
            return Condition(f"PostgreSQL {told}", ahead, size, None)
        told = tx.execute(text("SELECT sqlite_version()")).scalar_one()
    return Condition(f"SQLite {told}", ahead, size, Path(store.engine.url.database or ""))


def try_write(store: Store) -> None:
    """Write something that changes nothing for anybody: draw an order number.

    On SQLite that may fit into pages that are there already, while a delivery does not: so the room
    for one is tried as well, and given back.

    Raises:
        StoreNotWritable: locked past the busy timeout, read-only, or the disk is full.
    """
    if store.is_sqlite:
        file = Path(store.engine.url.database or "")
        if file.exists() and shutil.disk_usage(file.parent).free < _DELIVERY_BYTES:
            raise StoreNotWritable(f"the disk of the database {store.label} is full")
        _try_room(store)
    store.draw_number()


_DELIVERY_BYTES = 256 * 1024
"""What a small delivery takes with its indexes and the write-ahead log."""


class _Enough(Exception):  # noqa: N818 - it ends a transaction, and is no error
    """Undo what was only tried."""


def _try_room(store: Store) -> None:
    """Take as many pages as a delivery does, and give them back: nothing reaches the disk."""
    with suppress(_Enough), store.transaction() as tx:
        row = {"name": "room", "value": "x" * _DELIVERY_BYTES, "found_at": datetime.now(UTC)}
        tx.execute(tx.insert_into(_FACT).values(**row))
        raise _Enough


def read_clock(tx: Transaction) -> datetime:
    """Read the database's clock: one for all machines."""
    now: datetime = tx.execute(select(tx.clock())).scalar_one()
    return now


@dataclass(frozen=True, slots=True)
class StoreSize:
    """The database in bytes; `reusable` of them hold nothing at present (SQLite)."""

    total: int
    reusable: int = 0


def read_size(tx: Transaction) -> StoreSize:
    """Measure the database as this transaction sees it, wherever its pages are by now.

    The write-ahead log is not measured beside it: its pages are the database's, come earlier.
    """
    if tx.locks_rows:
        size = tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return StoreSize(int(size))
    page, pages, free = (
        int(tx.execute(text(f"PRAGMA {name}")).scalar_one())
        for name in ("page_size", "page_count", "freelist_count")
    )
    return StoreSize(page * pages, page * free)


def store_folder(url: str) -> Path | None:
    """Give the folder that holds the database; None where a server keeps it."""
    file = sqlite_file(parse_url(url))
    return None if file is None else file.resolve().parent
