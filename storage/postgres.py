"""PostgreSQL: what a connection asks of the server, so that a lost one is soon noticed."""

from datetime import timedelta
from typing import Any

from psycopg import Connection as PostgresConnection
from psycopg import ProgrammingError
from psycopg.conninfo import make_conninfo
from psycopg.types.string import TextLoader
from sqlalchemy import URL, Engine, create_engine, event

from storage.errors import StoreError

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
