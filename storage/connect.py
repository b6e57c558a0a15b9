"""From an address to an engine: the settings each database needs to be fast and durable."""

from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import sqlite_version_info
from typing import Any

from psycopg import Connection as PostgresConnection
from psycopg.types.string import TextLoader
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import StoreError, StoreUnreachable

BUSY_TIMEOUT = timedelta(seconds=5)
_OLDEST_SQLITE = (3, 35, 0)  # RETURNING
_CACHE_KIB = 16_384
_WAL_BYTES = 64 * 1024 * 1024
"""A long export keeps the write-ahead log from being reused; afterwards it shrinks to this."""


def parse_url(url: str) -> URL:
    """Read a database's address; `postgresql://` means psycopg 3.

    Raises:
        StoreError: it is no address of a database we know.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("SYNC_DATABASE_URL is no database address") from error
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        if not parsed.database or parsed.database == ":memory:":
            raise StoreError("SYNC_DATABASE_URL names no file: write sqlite:///path/to/file.db")
        return parsed.set(drivername="sqlite")
    raise StoreError(
        f"no support for {parsed.drivername} databases: use sqlite:/// or postgresql://"
    )


def sqlite_file(url: URL) -> Path | None:
    """Give the file behind the address; None for PostgreSQL."""
    return Path(url.database or "") if url.drivername == "sqlite" else None


def is_database_there(file: Path) -> bool:
    """Tell whether there is a file.

    Raises:
        StoreUnreachable: something else has its name, or its folder cannot be looked into.
    """
    try:
        if not file.exists():
            return False
    except OSError as error:
        raise StoreUnreachable(f"cannot look at {file}: {error.strerror}") from error
    if not file.is_file():
        raise StoreUnreachable(f"{file} is a folder or device, and no database")
    return True


def make_engine(url: URL, *, busy_timeout: timedelta) -> Engine:
    """Make the engine; connects nowhere yet."""
    if url.drivername == "sqlite":
        return _sqlite_engine(url, busy_timeout)
    return _postgres_engine(url, busy_timeout)


def _sqlite_engine(url: URL, busy_timeout: timedelta) -> Engine:
    if sqlite_version_info < _OLDEST_SQLITE:
        raise StoreError("this Python's SQLite is older than 3.35: use another Python")
    seconds = busy_timeout.total_seconds()
    engine = create_engine(
        url, pool_timeout=seconds, connect_args={"timeout": seconds}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            f"cache_size=-{_CACHE_KIB}",
            f"journal_size_limit={_WAL_BYTES}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that turns writer may fail at once ("database is locked", whatever
        # the timeout): writers say so in advance, and then wait their turn.
        options = connection.get_execution_options()
        if not options.get("writes"):
            connection.exec_driver_sql("BEGIN")
            return
        durability = "FULL" if options.get("durable", True) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous={durability}")
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: URL, busy_timeout: timedelta) -> Engine:
    waits = int(busy_timeout.total_seconds() * 1000)
    connect: dict[str, Any] = {
        "connect_timeout": max(2, int(busy_timeout.total_seconds())),
        "application_name": "akeneo-sync",
        "options": f"-c lock_timeout={waits} -c timezone=UTC",
        "keepalives_idle": 30,
    }
    connect = {name: value for name, value in connect.items() if name not in url.query}
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=busy_timeout.total_seconds(),
        connect_args=connect,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: PostgresConnection[Any], _record: object) -> None:
        connection.adapters.register_loader("json", TextLoader)  # exact text: see ExactJson

    return engine
