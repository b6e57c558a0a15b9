"""From a driver's exception to the error that a caller can act on."""

import sqlite3

import psycopg
import pytest
from psycopg import errors

from storage.database.connections import parse_url
from storage.database.driver_errors import classify
from storage.errors import (
    FenceLost,
    StoreBehind,
    StoreDamaged,
    StoreError,
    StoreMissing,
    StoreNotWritable,
    StoreRace,
    StoreUnreachable,
)
from storage.inbox.due_events import decide_chunk_share


def _sqlite_error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_BUSY, StoreNotWritable),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreNotWritable),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreNotWritable),
        (sqlite3.SQLITE_FULL, StoreNotWritable),
        (sqlite3.SQLITE_IOERR_FSYNC, StoreNotWritable),
        (sqlite3.SQLITE_CANTOPEN, StoreUnreachable),
        (sqlite3.SQLITE_NOTADB, StoreDamaged),
        (sqlite3.SQLITE_CORRUPT, StoreDamaged),
        (sqlite3.SQLITE_ERROR, None),  # a syntax error: a defect of ours
        (sqlite3.SQLITE_CONSTRAINT_NOTNULL, None),
    ],
)
def test_sqlite(code: int, expected: type[StoreError] | None) -> None:
    assert classify(_sqlite_error(code)) is expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.DeadlockDetected, StoreRace),
        (errors.SerializationFailure, StoreRace),
        (errors.UniqueViolation, StoreRace),
        (errors.LockNotAvailable, StoreNotWritable),
        (errors.ReadOnlySqlTransaction, StoreNotWritable),
        (errors.DiskFull, StoreNotWritable),
        (errors.AdminShutdown, StoreUnreachable),
        (errors.CannotConnectNow, StoreUnreachable),
        (errors.TooManyConnections, StoreUnreachable),
        (errors.InvalidPassword, StoreUnreachable),
        (errors.InvalidCatalogName, StoreUnreachable),
        (psycopg.OperationalError, StoreUnreachable),  # libpq: nobody there
        (psycopg.InterfaceError, StoreUnreachable),  # the connection is closed
        (psycopg.DataError, None),  # a value that cannot be sent
        (errors.DataCorrupted, StoreDamaged),
        (errors.InsufficientPrivilege, StoreNotWritable),
        (errors.UndefinedTable, StoreMissing),
        (errors.UndefinedColumn, None),
        (errors.NotNullViolation, None),
    ],
)
def test_postgres(error: type[psycopg.Error], expected: type[StoreError] | None) -> None:
    assert classify(error("x")) is expected


def test_a_database_made_anew_under_a_running_process_is_missing() -> None:
    error = sqlite3.OperationalError("no such table: inbox_event")
    error.sqlite_errorcode = sqlite3.SQLITE_ERROR
    assert classify(error) is StoreMissing


def test_other_exceptions_are_not_ours_to_translate() -> None:
    assert classify(ValueError("x")) is None
    assert classify(None) is None


def test_what_another_try_may_help_is_said_by_the_class() -> None:
    assert StoreNotWritable.retryable
    assert StoreUnreachable.retryable
    assert not FenceLost.retryable
    assert not StoreBehind.retryable
    assert not StoreDamaged.retryable


@pytest.mark.parametrize("url", ["postgresql://h/d", "postgres://h/d", "postgresql+psycopg://h/d"])
def test_postgres_means_psycopg_3(url: str) -> None:
    assert parse_url(url).drivername == "postgresql+psycopg"


@pytest.mark.parametrize(("attempts", "share"), [(0, 100), (1, 10), (2, 1), (4, 1)])
def test_the_more_attempts_the_smaller_the_chunk(attempts: int, share: int) -> None:
    assert decide_chunk_share(100, attempts) == share
