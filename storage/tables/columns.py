"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

RowNumber = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit row ids: SQLite counts by itself only in a column declared INTEGER."""


class UtcInstant(TypeDecorator[datetime]):
    """An aware UTC datetime: TIMESTAMPTZ on PostgreSQL, sortable text in UTC on SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give PostgreSQL its own type with zone."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive datetimes: nobody knows what they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"instants are aware UTC datetimes, not {value!r}")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Answer aware UTC on both."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _PostgresJson(UserDefinedType[str]):
    """PostgreSQL's `json`, given and taken as text (psycopg does not parse it: `connections`)."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "JSON"


class ExactJson(TypeDecorator[str]):
    """JSON kept as the very text that was written, on both databases.

    PostgreSQL: `json`, not `jsonb`. `jsonb` rewrites what it is given: it reorders and merges keys,
    turns 1e2 into 100, and refuses a string with an escaped NUL. The text type on SQLite.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Give PostgreSQL its checked JSON type."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_PostgresJson())
        return dialect.type_descriptor(Text())


class NumberSet(TypeDecorator[frozenset[int]]):
    """Whole numbers from 0, in a few bytes: each one's distance from the one before it.

    Seven bits a byte, the lowest first; the eighth says that another byte follows.
    """

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: frozenset[int] | None, dialect: Dialect) -> bytes | None:
        """Write the numbers down: equal sets as equal bytes."""
        del dialect
        return None if value is None else pack_numbers(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> frozenset[int] | None:
        """Read them again."""
        del dialect
        return None if value is None else _unpack_numbers(value)


def pack_numbers(numbers: Iterable[int]) -> bytes:
    """Give the stored form of a set of numbers."""
    packed, before = bytearray(), 0
    for number in sorted(numbers):
        distance, before = number - before, number
        while distance > _SEVEN_BITS:
            packed.append(distance & _SEVEN_BITS | _MORE)
            distance >>= 7
        packed.append(distance)
    return bytes(packed)


def _unpack_numbers(packed: bytes) -> frozenset[int]:
    numbers, number, distance, shift = [], 0, 0, 0
    for byte in packed:
        distance |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if byte < _MORE:
            number += distance
            numbers.append(number)
            distance = shift = 0
    return frozenset(numbers)


_SEVEN_BITS, _MORE = 0x7F, 0x80
