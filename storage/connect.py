"""From an address to an engine."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import StoreError, StoreUnreachable
from storage.postgres import make_postgres_engine
from storage.sqlite import file_of, make_sqlite_engine

BUSY_TIMEOUT = timedelta(seconds=5)


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
