"""The shop in a file, so that a simulated PIM that is started again has not forgotten its edits.

What is kept is what a PIM has in its database: products, models, removed products, structure,
records and assets; and the subscriptions of its Event Platform. Tokens, prepared answers, faults
and the queue of deliveries are not: a PIM that is killed loses them too.

A change is in the file before anybody is told of it or can read it (`ShopFile.keep`), in one
transaction: whatever is killed, the file holds a state that the PIM has been in.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import orjson

from simulator.shop import Product, ProductModel, StructureItem, Thing, ThingKind

log = logging.getLogger(__name__)

FORMAT = 1
"""Raised whenever a file that an older simulator wrote would be read wrongly by this one."""

# Of the machine or of another process: the file itself may be in order.
_NOT_THE_FILES_FAULT = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY),
        *(sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_AUTH),
    }
)
_WAIT_SECONDS = 15.0  # a simulator whose parent was killed ends within ten
_TABLE = """
    CREATE TABLE shop (
        kind TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, key)
    )
"""
# In the place of the former state: lists stay in their order.
_PUT = """
    INSERT INTO shop (kind, key, body) VALUES (?, ?, ?)
    ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body
"""

Key: TypeAlias = tuple[str, str]
Part: TypeAlias = Product | ProductModel | StructureItem | Thing | str | int


class ShopNotKept(Exception):  # noqa: N818 - named like the fact
    """The file cannot be written or is another simulator's; the message says which and why."""


class _Unreadable(Exception):  # noqa: N818 - named like the fact
    """The file holds no shop of ours; the message says why."""


@dataclass(frozen=True, slots=True)
class Stock:
    """What is in a shop. `life`: how many times its file has been opened before.

    `platform`: the subscriptions of the Event Platform, as it writes them down.
    """

    products: list[Product]
    models: list[ProductModel]
    structure: list[StructureItem]
    things: list[Thing]
    removed: list[Product] = field(default_factory=list)
    next_number: int = 0
    life: int = 0
    platform: str = ""


class ShopFile:
    """One shop's file, open and ours alone until `close`. `made_for` tells shops apart.

    A file that holds another shop, or one that cannot be read, is set aside and said: `shop` is
    None then, as with a new file, and a new shop begins.

    Raises:
        ShopNotKept: the file cannot be opened or written, or another simulator has it open.
    """

    def __init__(self, path: Path, made_for: str, *, wait_seconds: float = _WAIT_SECONDS) -> None:
        self.path = path
        self._wait_seconds = wait_seconds
        self.shop: Stock | None = None
        self._made_for = made_for
        self._written: dict[Key, Part] = {}
        self._is_told = False
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._open()
        except (OSError, sqlite3.Error) as error:
            code = getattr(error, "sqlite_errorcode", None)
            why = "another simulated PIM has it open" if code == sqlite3.SQLITE_BUSY else error
            raise ShopNotKept(f"the shop cannot be kept in {path}: {why}") from error

    def keep(self, parts: Mapping[Key, Part], whole: Callable[[Part], Part]) -> None:
        """Write what has changed since the last time, all of it or nothing.

        `whole` adds to a part what is made when somebody looks: another version of the simulator
        may make it otherwise.

        A file that cannot be written is said once; the PIM goes on, and tries again with the next
        change.
        """
        written = self._written
        changed = [(key, part) for key, part in parts.items() if not _is_same(written, key, part)]
        gone = written.keys() - parts.keys()
        if not changed and not gone:
            return
        try:
            with self._connection:
                self._connection.executemany("DELETE FROM shop WHERE kind = ? AND key = ?", gone)
                self._connection.executemany(
                    _PUT, (_row(key, whole(part)) for key, part in changed)
                )
        except sqlite3.Error as error:
            if not self._is_told:
                log.warning(
                    "the shop cannot be kept in %s, and is tried again: %s", self.path, error
                )
            self._is_told = True
            return
        self._is_told = False
        self._written = dict(parts)

    def close(self) -> None:
        """Let another simulator have it."""
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._read()
        except _Unreadable as error:
            aside = self.path.with_name(f"{self.path.name}.old")
            log.warning(
                "%s holds no shop that can go on (%s): it is now %s, and a new shop begins",
                *(self.path, error, aside),
            )
            for ending in ("", "-wal", "-shm"):
                part = self.path.with_name(f"{self.path.name}{ending}")
                if part.exists():
                    part.replace(aside.with_name(f"{aside.name}{ending}"))
        return self._read()

    def _read(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=self._wait_seconds, check_same_thread=False)
        try:
            self.shop = _take_over(connection, self._made_for)
        except _Unreadable:
            connection.close()
            raise
        except sqlite3.Error as error:
            connection.close()
            if error.sqlite_errorcode & 0xFF in _NOT_THE_FILES_FAULT:
                raise
            raise _Unreadable(str(error)) from error
        return connection


def collect_parts(
    *,
    products: Iterable[Product],
    removed: Iterable[Product],
    models: Iterable[ProductModel],
    structure: Iterable[StructureItem],
    things: Iterable[Thing],
    facts: Mapping[str, str | int],
) -> dict[Key, Part]:
    """Everything that is kept, by the key of its row."""
    found: dict[Key, Part] = {("fact", name): fact for name, fact in facts.items()}
    found.update((("product", product.uuid), product) for product in products)
    found.update((("removed", product.uuid), product) for product in removed)
    found.update((("model", model.key), model) for model in models)
    found.update(
        (("structure", f"{item.kind}/{item.parent or ''}/{item.code.casefold()}"), item)
        for item in structure
    )
    found.update(
        (("thing", f"{thing.kind}/{thing.family}/{thing.code.casefold()}"), thing)
        for thing in things
    )
    return found


def _take_over(connection: sqlite3.Connection, made_for: str) -> Stock | None:
    """Lock the file for as long as it is open, and read the shop; make the table if it is new."""
    for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = NORMAL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if version == 0 and tables == 0:
            connection.execute(_TABLE)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            return None
        if version != FORMAT:
            raise _Unreadable(f"it is of format {version}, and this simulator reads {FORMAT}")
        return _read_shop(connection, made_for)


def _read_shop(connection: sqlite3.Connection, made_for: str) -> Stock | None:
    try:
        with closing(connection.execute("SELECT kind, body FROM shop ORDER BY rowid")) as rows:
            found: dict[str, list[Any]] = {}
            for kind, body in rows:
                found.setdefault(kind, []).append(orjson.loads(body))
        if not found:  # killed before the first state of the shop was written
            return None
        facts = dict(found.get("fact", []))
        if facts["made_for"] != made_for:
            raise _Unreadable(f"it was made for {facts['made_for']}, not for {made_for}")
        return Stock(
            life=facts["life"] + 1,
            next_number=facts["next_number"],
            platform=facts.get("platform", ""),
            products=[*_products(found.get("product", []))],
            removed=[*_products(found.get("removed", []))],
            models=[ProductModel(**_thawed(body)) for body in found.get("model", [])],
            structure=[StructureItem(**body) for body in found.get("structure", [])],
            things=[
                Thing(**{**body, "kind": ThingKind(body["kind"])})
                for body in found.get("thing", [])
            ],
        )
    except (LookupError, TypeError, ValueError) as error:
        raise _Unreadable(f"{type(error).__name__}: {error}") from error


def _products(bodies: Iterable[dict[str, Any]]) -> Iterator[Product]:
    for body in bodies:
        yield Product(**_thawed(body))


def _thawed(body: dict[str, Any]) -> dict[str, Any]:
    """JSON has no tuples: put them back where a product or a model has them."""
    for name in ("categories", "groups", "ancestors"):
        if name in body:
            body[name] = tuple(body[name])
    for name in ("associations", "linked_models"):
        body[name] = {kind: tuple(targets) for kind, targets in body[name].items()}
    for name in ("quantified", "quantified_models"):
        body[name] = {
            kind: tuple((target, count) for target, count in pairs)
            for kind, pairs in body[name].items()
        }
    return body


def _is_same(written: Mapping[Key, Part], key: Key, part: Part) -> bool:
    """An edit replaces a state by another object; facts are compared."""
    known = written.get(key)
    return known == part if key[0] == "fact" else known is part


def _row(key: Key, part: Part) -> tuple[str, str, bytes]:
    return (*key, orjson.dumps((key[1], part) if key[0] == "fact" else part))
