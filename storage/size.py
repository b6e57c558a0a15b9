"""How much room the store takes, and where."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from storage.connect import parse_url, sqlite_file
from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class StoreSize:
    """The database in bytes; `reusable` of them hold nothing at present (SQLite)."""

    total: int
    reusable: int = 0


def read_size(tx: Transaction) -> StoreSize:
    """Measure the database, without what is in its write-ahead log only."""
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
