"""How the database itself is: its clock, its size, whether it takes a write."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text

from storage.engine import Store


@dataclass(frozen=True, slots=True)
class Condition:
    """`version` names the database; `clock_ahead` is how far its clock is ahead of this machine's.

    `size_bytes` is what it takes; `file` is where, None for a server's.
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
        theirs: datetime = tx.execute(select(tx.clock())).scalar_one()
        ahead = theirs - before
        if tx.locks_rows:
            told = tx.execute(text("SHOW server_version")).scalar_one()
            size = tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
            return Condition(f"PostgreSQL {told}", ahead, int(size), None)
        told = tx.execute(text("SELECT sqlite_version()")).scalar_one()
    file = Path(store.engine.url.database or "")
    return Condition(f"SQLite {told}", ahead, _size(file), file)


def try_write(store: Store) -> None:
    """Write something that changes nothing for anybody: draw an order number.

    Raises:
        StoreNotWritable: locked past the busy timeout, read-only, or the disk is full.
    """
    store.draw_number()


def _size(file: Path) -> int:
    """The file with its write-ahead log."""
    parts = (file, file.with_name(f"{file.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())
