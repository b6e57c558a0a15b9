"""JSON in and out without touching a number: `1.50`, `1e3` and 20-digit integers stay as written.

Numbers with a fraction or an exponent, and integers past 18 digits, are read as `WrittenNumber`: a
float that remembers its text. Everything that stores or prints a source body uses `dump_json`.
"""

from pim.json_types import JsonValue


class WrittenNumber(float):
    """A number of the source; compares as float, is written as its own `text`."""

    text: str


def load_json(raw: bytes | str) -> JsonValue:
    """Read JSON; raises ValueError (one line) for anything that is not strict JSON in UTF-8."""
    raise NotImplementedError


def dump_json(value: JsonValue) -> str:
    r"""Compact JSON text in the order of the keys; numbers as the source wrote them.

    The text is always valid UTF-8 without NUL: lone surrogates and NUL are `\u` escapes in it.
    Raises ValueError for NaN, infinity, or nesting past 250 levels.
    """
    raise NotImplementedError
