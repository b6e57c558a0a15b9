"""The plans of the statements that a piece of work executes."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, event, text

from storage import Store
from storage.database.store import Transaction

LARGE = (
    *("inbox_event", "inbox_batch", "product", "product_content", "reference_name"),
    *("product_change", "catalog_item", "catalog_mark", "reference_place", "reference_user"),
)
"""Tables that grow; the others hold a handful of rows."""

_PARTIAL = re.compile(
    r"ix_inbox_event_(due|due_key|held)|ix_catalog_mark_open|ix_product_tombstone"
    r"|ix_product_change_deleted"
)
"""Indexes that hold only the few rows of interest: walking one from end to end is what they are
for."""


def scans(store: Store, work: Callable[[Transaction], object]) -> list[str]:
    """List the plan lines in which `work` walks a large table or a large index end to end."""
    plans = explain(store, work)
    if store.is_sqlite:
        return [line for line in plans if _is_sqlite_scan(line)]
    return [line for line in plans if _is_postgres_scan(line)]


def explain(store: Store, work: Callable[[Transaction], object]) -> list[str]:
    """Give the plan lines of every statement that `work` executes, and undo it."""
    lines: list[str] = []
    with suppress(_Undo), store.transaction() as tx:
        if not store.is_sqlite:
            # Tables of a test are small enough for PostgreSQL to prefer reading them whole.
            tx.execute(text("SET LOCAL enable_seqscan = off"))
        with _recording(tx.connection) as statements:
            work(tx)
        lines += [line for each in statements for line in _plan(store, tx, *each)]
        raise _Undo
    assert lines
    return lines


class _Undo(Exception):  # noqa: N818 - no error
    """Rolls back what was only tried."""


@contextmanager
def _recording(connection: Connection) -> Iterator[list[tuple[str, Any]]]:
    statements: list[tuple[str, Any]] = []

    def record(*call: Any) -> None:
        _, _, statement, parameters, *_ = call
        many = isinstance(parameters, list)  # one statement, executed for each of them
        statements.append((statement, parameters[0] if many else parameters))

    event.listen(connection, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", record)


def _plan(store: Store, tx: Transaction, statement: str, parameters: Any) -> list[str]:
    prefix = "EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN "
    rows = tx.connection.exec_driver_sql(prefix + statement, parameters).all()
    return [f"{row[-1]}   <= {' '.join(statement.split())[:160]}" for row in rows]


def _is_sqlite_scan(line: str) -> bool:
    found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", line)
    if found is None or found[1] not in LARGE:
        return False
    return found[2] is None or _PARTIAL.match(found[2]) is None


def _is_postgres_scan(line: str) -> bool:
    found = re.search(r"Seq Scan on (\w+)", line)
    return found is not None and found[1] in LARGE
