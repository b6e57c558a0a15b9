"""SQL that only the database can answer: its clock, and the id of the running transaction."""

from typing import Any

from sqlalchemy import BigInteger, Float, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement, GenericFunction

from storage.columns import UtcInstant


class DatabaseClock(FunctionElement[Any]):
    """The database's clock, moved by some seconds: one clock for every machine's leases.

    PostgreSQL's `clock_timestamp()` moves on within a transaction; SQLite's 'now' within none of
    its statements. SQLite's text has the form in which SQLAlchemy stores instants.
    """

    name = "database_clock"
    type = UtcInstant()
    inherit_cache = True

    def __init__(self, seconds: float) -> None:
        super().__init__(bindparam("clock_seconds", seconds, type_=Float(), unique=True))


@compiles(DatabaseClock, "sqlite")
def _sqlite_clock(element: DatabaseClock, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', printf('%+.3f seconds', {seconds}))"


@compiles(DatabaseClock, "postgresql")
def _postgres_clock(element: DatabaseClock, compiler: SQLCompiler, **kw: Any) -> str:
    seconds = compiler.process(element.clauses, **kw)
    return f"(clock_timestamp() + make_interval(secs => {seconds}))"


class TransactionId(GenericFunction[int]):
    """The running transaction's id, for readers of a feed; 0 on SQLite, whose writers queue up."""

    name = "akeneo_sync_transaction_id"
    type = BigInteger()
    inherit_cache = True


@compiles(TransactionId, "sqlite")
def _sqlite_transaction(_element: TransactionId, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "0"


@compiles(TransactionId, "postgresql")
def _postgres_transaction(_element: TransactionId, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT)"


class OldestTransaction(GenericFunction[int]):
    """Every transaction below this id has ended, in this snapshot."""

    name = "akeneo_sync_oldest_transaction"
    type = BigInteger()
    inherit_cache = True


@compiles(OldestTransaction, "sqlite")
def _sqlite_oldest(_element: OldestTransaction, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "1"


@compiles(OldestTransaction, "postgresql")
def _postgres_oldest(_element: OldestTransaction, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS TEXT) AS BIGINT)"
