"""The shop's own database: its copy of the products, and the position in the feed that it is of.

Both change in one transaction, so that each change is applied exactly once: whatever ends the shop,
and at whatever moment, the copy is that of its position. A bulk load fills a table of its own,
which takes the place of the copy when it is whole; until then the shop shows what it had.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from examples.shop.feed import Json, Page
from examples.shop.names import search_text

_SCHEMA = """
CREATE TABLE IF NOT EXISTS product (
  key TEXT PRIMARY KEY, document TEXT NOT NULL, words TEXT NOT NULL, changed_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS incoming (
  key TEXT PRIMARY KEY, document TEXT NOT NULL, words TEXT NOT NULL, changed_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS place (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  position INTEGER, applied INTEGER NOT NULL, loads INTEGER NOT NULL,
  loading_from INTEGER, loaded_to TEXT, last_change TEXT
);
INSERT OR IGNORE INTO place (id, applied, loads) VALUES (1, 0, 0);
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the copy is.

    `position`: of the feed; None before the first bulk load was whole. `applied`: changes since
    then. `loads`: whole bulk loads. `loading_from`: the position at which a bulk load began that is
    not whole yet, `loaded_to` the last key of it. `last_change`: when the store wrote the newest
    change that was applied, in ISO 8601.
    """

    position: int | None
    applied: int
    loads: int
    loading_from: int | None
    loaded_to: str | None
    last_change: str | None


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the copy, and when the shop learned of its last change (ISO 8601)."""

    key: str
    document: Json
    changed_at: str


class MovedOnError(Exception):
    """Another process of this shop has applied these changes meanwhile."""


class Shelf:
    """The copy in one SQLite file; any number of threads and processes may use it."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        with self._open() as db:
            db.execute("PRAGMA journal_mode=WAL")
            db.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing."""
        db = sqlite3.connect(self._file, timeout=30, isolation_level=None)
        try:
            yield db
        finally:
            db.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._open() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def place(self) -> Place:
        """Say where the copy is."""
        with self._open() as db:
            return _read_place(db)

    def apply(self, page: Page, after: int) -> None:
        """Apply the changes that follow the position `after`, and move to the one behind them.

        Raises:
            MovedOnError: the copy is of another position by now; nothing was applied.
        """
        with self._writing() as db:
            if _read_place(db).position != after:
                raise MovedOnError(f"the copy is not at {after} any more")
            for change in page.changes:
                if change["document"] is None:
                    db.execute("DELETE FROM product WHERE key = ?", (change["key"],))
                else:
                    _put(db, "product", [(change["document"], change["at"])])
            db.execute(
                "UPDATE place SET position = ?, applied = applied + ?,"
                " last_change = coalesce(?, last_change)",
                (
                    page.position,
                    len(page.changes),
                    max((each["at"] for each in page.changes), default=None),
                ),
            )

    def begin_load(self, position: int) -> None:
        """Begin a bulk load at this position of the feed; what the shop shows stays until then."""
        with self._writing() as db:
            db.execute("DELETE FROM incoming")
            db.execute("UPDATE place SET loading_from = ?, loaded_to = NULL", (position,))

    def load(self, products: Sequence[Json], upto: str | None, now: str) -> None:
        """Take in a page of the bulk load; `upto` None: it is whole, and takes the copy's place."""
        with self._writing() as db:
            _put(db, "incoming", [(each["document"], now) for each in products])
            if upto is not None:
                db.execute("UPDATE place SET loaded_to = ?", (upto,))
                return
            db.execute("DELETE FROM product")
            db.execute("INSERT INTO product SELECT * FROM incoming")
            db.execute("DELETE FROM incoming")
            db.execute(
                "UPDATE place SET position = loading_from, loading_from = NULL, loaded_to = NULL,"
                " applied = 0, loads = loads + 1"
            )

    def find(self, words: str, *, limit: int, offset: int = 0) -> tuple[list[Product], int]:
        """Find products in which all these words are, the newest change first, and count them."""
        wanted = [f"%{_escaped(word)}%" for word in words.casefold().split()]
        where = " AND ".join(["words LIKE ? ESCAPE '!'"] * len(wanted)) or "1"
        with self._open() as db:
            count = db.execute(f"SELECT count(*) FROM product WHERE {where}", wanted).fetchone()[0]
            rows = db.execute(
                f"SELECT key, document, changed_at FROM product WHERE {where}"
                " ORDER BY changed_at DESC, key LIMIT ? OFFSET ?",
                [*wanted, limit, offset],
            ).fetchall()
        return [_product(row) for row in rows], count

    def get(self, key: str) -> Product | None:
        """Look up one product."""
        with self._open() as db:
            row = db.execute(
                "SELECT key, document, changed_at FROM product WHERE key = ?", (key,)
            ).fetchone()
        return None if row is None else _product(row)

    def documents(self) -> dict[str, Json]:
        """Read the whole copy, by key."""
        with self._open() as db:
            rows: Iterable[tuple[str, str]] = db.execute("SELECT key, document FROM product")
            return {key: json.loads(document) for key, document in rows}


def _put(db: sqlite3.Connection, table: str, documents: Iterable[tuple[Json, str]]) -> None:
    db.executemany(
        f"REPLACE INTO {table} (key, document, words, changed_at) VALUES (?, ?, ?, ?)",
        [
            (document["key"], json.dumps(document, ensure_ascii=False), search_text(document), at)
            for document, at in documents
        ],
    )


def _read_place(db: sqlite3.Connection) -> Place:
    row = db.execute(
        "SELECT position, applied, loads, loading_from, loaded_to, last_change FROM place"
    ).fetchone()
    return Place(*row)


def _product(row: tuple[str, str, str]) -> Product:
    key, document, changed_at = row
    return Product(key, json.loads(document), changed_at)


def _escaped(word: str) -> str:
    return "".join(f"!{letter}" if letter in "!%_" else letter for letter in word)
