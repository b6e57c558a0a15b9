"""Drivers' exceptions, and the error of ours that each becomes: one to act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Error as SqliteError

from psycopg import Error as PostgresError
from psycopg import InterfaceError as PostgresInterfaceError
from psycopg import OperationalError as PostgresOperationalError
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.errors import (
    StoreDamaged,
    StoreError,
    StoreMissing,
    StoreNotWritable,
    StoreRace,
    StoreUnreachable,
)

# https://www.sqlite.org/rescode.html (primary codes)
_SQLITE: dict[int, type[StoreError]] = {
    5: StoreNotWritable,  # busy: locked past the timeout
    6: StoreNotWritable,  # locked
    8: StoreNotWritable,  # read-only
    10: StoreNotWritable,  # I/O error
    11: StoreDamaged,  # malformed
    13: StoreNotWritable,  # disk full
    14: StoreUnreachable,  # cannot open
    26: StoreDamaged,  # not a database
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES: dict[str, type[StoreError]] = {
    "23505": StoreRace,  # unique violation: the row came into being meanwhile
    "25P03": StoreUnreachable,  # the server ended a transaction that idled
    "40001": StoreRace,  # serialization failure
    "40P01": StoreRace,  # deadlock
    "25006": StoreNotWritable,  # read-only transaction: a stand-by server
    "42501": StoreNotWritable,  # the role lacks a right
    "42P01": StoreMissing,  # no such table: the database was made anew
    "53100": StoreNotWritable,  # disk full
    "53200": StoreNotWritable,  # out of memory
    "53300": StoreUnreachable,  # too many connections
    "55P03": StoreNotWritable,  # lock timeout
    "57014": StoreNotWritable,  # statement timeout
}
_POSTGRES_CLASSES: dict[str, type[StoreError]] = {
    "08": StoreUnreachable,  # connection
    "28": StoreUnreachable,  # password or role
    "3D": StoreUnreachable,  # no such database
    "57": StoreUnreachable,  # shutting down
    "58": StoreNotWritable,  # system, I/O
    "XX": StoreDamaged,  # data or index, by the server's own words
}


@contextmanager
def raise_translated(label: str) -> Iterator[None]:
    """Turn a driver's exception into a `StoreError` where there is one for it.

    `label` names the database in the message.
    """
    try:
        yield
    except DBAPIError as error:
        kind = classify(error.orig)
        if kind is None:
            raise
        raise kind(_describe(kind, label, error.orig)) from error
    except PendingRollbackError as error:
        # The connection broke, and the work went on to use it before anybody saw.
        raise StoreUnreachable(f"the connection to the database {label} was lost") from error
    except PoolTimeout as error:
        message = f"the database {label} is busy: no free connection in time"
        raise StoreNotWritable(message) from error


def classify(error: BaseException | None) -> type[StoreError] | None:
    """Tell which of our errors a driver's exception means; None if none (a defect of ours)."""
    if isinstance(error, SqliteError):
        if str(error).startswith("no such table"):
            return StoreMissing
        return _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    if isinstance(error, PostgresError):
        state = error.sqlstate
        if state is None:
            # libpq itself speaks (nobody listens, the connection broke), or psycopg, of a value
            # that it cannot send: that is a defect of ours.
            is_lost = isinstance(error, PostgresOperationalError | PostgresInterfaceError)
            return StoreUnreachable if is_lost else None
        return _POSTGRES.get(state) or _POSTGRES_CLASSES.get(state[:2])
    return None


def _describe(kind: type[StoreError], label: str, error: BaseException | None) -> str:
    if kind is StoreMissing:
        return f"the database {label} has no tables of ours any more: run `akeneo-sync migrate`"
    return f"the database {label} refuses: {_first_line(error)}"


def _first_line(error: BaseException | None) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
