"""JSON in and out without touching a number: `1.50`, `1e3` and 20-digit integers stay as written.

Numbers with a fraction or an exponent, and integers past 18 digits, are read as `WrittenNumber`: a
float that remembers its text. Everything that stores or prints a source body uses `dump_json`.
"""

import json
from typing import NoReturn, Self

import orjson

from pim.json_types import JsonValue

MAX_DEPTH = 250
"""Nesting that both parsers and writers stand (orjson writes at most 254 levels)."""

_SAFE_DIGITS = 18
"""Integers up to 18 digits fit 64 bits; longer ones are kept as text."""


class WrittenNumber(float):
    """A number of the source; compares as float, is written as its own `text`."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Keep the text beside its value; a value past float's range is infinite, the text not."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __reduce__(self) -> tuple[type["WrittenNumber"], tuple[str]]:
        """Copy and pickle by text."""
        return WrittenNumber, (self.text,)


def load_json(raw: bytes | str) -> JsonValue:
    """Read JSON that can be written again by `dump_json`.

    Raises ValueError (one line) for anything that is not strict JSON in UTF-8, or nested too deep.
    """
    value = parse_json(raw)
    try:
        dump_bytes(value)  # proves here, where the error can be told, that it can be stored
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def parse_json(raw: bytes | str) -> JsonValue:
    """Read JSON; raises ValueError (one line) for anything that is not strict JSON in UTF-8."""
    text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    try:
        value: JsonValue = json.loads(
            text, parse_float=WrittenNumber, parse_int=_integer, parse_constant=_no_constant
        )
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def dump_json(value: JsonValue) -> str:
    r"""Compact JSON text in the order of the keys; numbers as the source wrote them.

    The text is always valid UTF-8 without NUL: lone surrogates and NUL are `\u` escapes in it (so
    keep it in a text column: `jsonb` refuses them). Raises ValueError for nesting past 250 levels.
    """
    return dump_bytes(value).decode()


def dump_bytes(value: JsonValue, *, sort_keys: bool = False) -> bytes:
    """`dump_json` as UTF-8 bytes; `sort_keys` makes the text independent of the keys' order."""
    option = orjson.OPT_SORT_KEYS if sort_keys else None
    try:
        return orjson.dumps(value, default=_fragment, option=option)
    except TypeError:  # lone surrogates, other key types, or nesting: the patient way decides
        return _patient(value, sort_keys=sort_keys, room=MAX_DEPTH).encode()


def _integer(text: str) -> int | WrittenNumber:
    if len(text) > _SAFE_DIGITS or text == "-0":
        return WrittenNumber(text)
    return int(text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, WrittenNumber):
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is not JSON")


def _patient(value: JsonValue, *, sort_keys: bool, room: int) -> str:
    if room < 0:
        raise ValueError("nested too deep")
    match value:
        case dict():
            items = sorted(value.items()) if sort_keys else value.items()
            return (
                "{"
                + ",".join(
                    f"{_string(str(key))}:{_patient(item, sort_keys=sort_keys, room=room - 1)}"
                    for key, item in items
                )
                + "}"
            )
        case list():
            parts = (_patient(item, sort_keys=sort_keys, room=room - 1) for item in value)
            return "[" + ",".join(parts) + "]"
        case WrittenNumber():
            return value.text
        case str():
            return _string(value)
        case _:
            return json.dumps(value, allow_nan=False)


def _string(text: str) -> str:
    """As orjson writes it; a string with a lone surrogate, which orjson refuses, in ASCII."""
    return json.dumps(text, ensure_ascii=any("\ud800" <= sign <= "\udfff" for sign in text))
