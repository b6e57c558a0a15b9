"""SQLite: one file, opened the way that is durable, fast, and never makes a database by itself."""

import sqlite3
from datetime import timedelta
from functools import partial
from os import stat_result
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from storage.errors import StoreError

_OLDEST = (3, 35, 0)  # RETURNING
_CACHE_KIB = 16_384
_WAL_BYTES = 64 * 1024 * 1024
"""A long export keeps the write-ahead log from being reused; afterwards it shrinks to this."""

_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    f"cache_size=-{_CACHE_KIB}",
    f"journal_size_limit={_WAL_BYTES}",
)


def file_of(url: URL) -> Path:
    """Give the file behind the address."""
    return Path(url.database or "")


def make_sqlite_engine(url: URL, busy_timeout: timedelta) -> Engine:
    """Make the engine; connects nowhere yet.

    A file that is not there is an error when it connects. One that was removed or replaced after
    that is noticed with the next transaction: nothing is committed into a file without a name.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        raise StoreError("this Python's SQLite is older than 3.35: use another Python")
    file = file_of(url)
    seconds = busy_timeout.total_seconds()
    engine = create_engine(
        url,
        creator=partial(_connect, file, seconds),
        poolclass=QueuePool,
        pool_timeout=seconds,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        record.info["file"] = _identify(file)

    @event.listens_for(engine, "checkout")
    def check(_connection: sqlite3.Connection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if record.info["file"] != _identify(file):
            raise DisconnectionError("the file was removed or replaced")

    event.listen(engine, "begin", _begin)
    return engine


def _connect(file: Path, seconds: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(file))}?mode=rw",  # and not rwc: only `migrate` makes a database
        uri=True,
        timeout=seconds,
        isolation_level=None,  # we say BEGIN ourselves
        check_same_thread=False,  # the pool hands a connection to one thread at a time
    )


def _identify(file: Path) -> tuple[int, int] | None:
    try:
        found: stat_result = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _begin(connection: Connection) -> None:
    # A deferred transaction that turns writer may fail at once ("database is locked", whatever
    # the timeout): writers say so in advance, and then wait their turn.
    options = connection.get_execution_options()
    if not options.get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    durability = "FULL" if options.get("durable", True) else "NORMAL"
    connection.exec_driver_sql(f"PRAGMA synchronous={durability}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
