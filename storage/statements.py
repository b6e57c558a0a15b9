"""Small things that statements share."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import CursorResult

from pim.canonical import dump_json, load_json
from pim.json_types import JsonObject, JsonValue, as_object

T = TypeVar("T")

_SLICE = 1000
"""Bound values a statement: far below SQLite's 32,766, and a plan the databases still like."""


def in_slices(items: Sequence[T], size: int = _SLICE) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces that fit a statement's IN (...)."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def fold(code: str | None) -> str | None:
    """Give the form in which codes and identifiers are compared: the source ignores case."""
    return None if code is None else code.casefold()


def changed_rows(result: CursorResult[Any]) -> int:
    """Count the rows a statement changed."""
    return int(result.rowcount)


def write_json(value: JsonValue) -> str:
    """Give the text to store, numbers as the source wrote them."""
    return dump_json(value)


def read_object(text: str) -> JsonObject:
    """Read a stored JSON object."""
    return as_object(load_json(text))


def read_counts(text: str) -> dict[str, int]:
    """Read stored counts by name."""
    return {name: count for name, count in read_object(text).items() if isinstance(count, int)}
