"""Connections: from an address to an engine, for SQLite and for PostgreSQL.

SQLite: one file, opened the way that is durable, fast, and never makes a database by itself.
PostgreSQL: what a connection asks of the server, so that a lost one is soon noticed.
"""

import sqlite3
from datetime import timedelta
from functools import partial
from os import stat_result
from pathlib import Path
from typing import Any
from urllib.parse import quote

from psycopg import Connection as PostgresConnection
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo
from psycopg.types.string import TextLoader
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from storage.errors import StoreError, StoreUnreachable

BUSY_TIMEOUT = timedelta(seconds=5)

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

_DURABILITY = "durability"
"""What a connection to SQLite was last told of it, among what is known of the connection."""

_PREPARE = "prepare_threshold"
"""An option of psycopg, not of the server's library: `none` behind a pooler that cannot do it."""

_NOTICE_LOSS = {
    # A server that went away without a word (power, network, failover) would be waited for up to
    # 15 minutes, and deliveries refused although another one has taken over.
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # ms; Linux
}
_SERVER_NOTICES_LOSS = {
    # The other way round: a client that fell asleep in a transaction holds its locks.
    "tcp_keepalives_idle": 30,
    "tcp_keepalives_interval": 10,
    "tcp_keepalives_count": 3,
}


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
    return file_of(url) if url.drivername == "sqlite" else None


def label_of(url: URL) -> str:
    """Name the database on screens and in logs: no user, no password, no options."""
    if url.drivername == "sqlite":
        return str(file_of(url))
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{url.host or ''}{port}/{url.database or ''}"


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
    """Make the engine; connects nowhere yet.

    Raises:
        StoreError: the address holds an option of ours with an unusable value.
    """
    make = make_sqlite_engine if url.drivername == "sqlite" else make_postgres_engine
    return make(url, busy_timeout)


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
    if connection.info.get(_DURABILITY) != durability:
        connection.exec_driver_sql(f"PRAGMA synchronous={durability}")
        connection.info[_DURABILITY] = durability
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def make_postgres_engine(url: URL, busy_timeout: timedelta) -> Engine:
    """Make the engine; connects nowhere yet. What the address sets itself, stays as it says.

    Raises:
        StoreError: the address holds an option of ours with an unusable value.
    """
    seconds = busy_timeout.total_seconds()
    asked = {
        "connect_timeout": max(2, int(seconds)),
        "application_name": "akeneo-sync",
        **_NOTICE_LOSS,
    }
    connect: dict[str, Any] = {name: asked[name] for name in asked if name not in url.query}
    connect["options"] = _options(url, lock_timeout=f"{round(seconds * 1000)}")
    if _PREPARE in url.query:
        connect[_PREPARE] = _read_threshold(url.query[_PREPARE])
        url = url.difference_update_query([_PREPARE])
    _refuse_unknown_options(url)
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=seconds,
        connect_args=connect,
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: PostgresConnection[Any], _record: object) -> None:
        connection.adapters.register_loader("json", TextLoader)  # exact text: see ExactJson

    return engine


def _refuse_unknown_options(url: URL) -> None:
    for name in url.query:
        try:
            make_conninfo(**{name: ""})
        except ProgrammingError as error:
            message = f"SYNC_DATABASE_URL: PostgreSQL knows no connection option {name!r}"
            raise StoreError(message) from error


def _options(url: URL, *, lock_timeout: str) -> str:
    """Give the session's parameters; those in the address come last, and win."""
    ours = {"lock_timeout": lock_timeout, "timezone": "UTC", **_SERVER_NOTICES_LOSS}
    given = url.query.get("options", ())
    theirs = [given] if isinstance(given, str) else given
    return " ".join([*(f"-c {name}={value}" for name, value in ours.items()), *theirs])


def _read_threshold(given: str | tuple[str, ...]) -> int | None:
    text = given if isinstance(given, str) else given[-1]
    if text.lower() == "none":
        return None
    if text.isdecimal():
        return int(text)
    raise StoreError(f"SYNC_DATABASE_URL: {_PREPARE} is a number, or none")
