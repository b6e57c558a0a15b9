"""Types for JSON of foreign make, and the only questions we ask of it.

PHP has one type for lists and maps, and writes whole numbers for digits in a key. So an answer may
spell one thing in several ways; where only one of them can be meant, it is read as meant, here.
"""

from collections.abc import Mapping
from typing import TypeAlias

JsonValue: TypeAlias = (
    "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"  # recursive alias
)
JsonObject: TypeAlias = dict[str, JsonValue]

_MOST_DIGITS = 18
"""Of a list's position: a longer number is a name, and no 64-bit key."""


def as_object(value: JsonValue) -> JsonObject:
    """The object that `value` means; anything else than a map is the empty object.

    PHP writes an empty map as `[]`, and a map keyed 0..n as a list: both are maps again here.
    """
    match value:
        case dict():
            return value
        case list():
            return {str(position): item for position, item in enumerate(value)}
        case _:
            return {}


def has_positions(value: Mapping[str, JsonValue]) -> bool:
    """Whether a map is a list with holes: PHP writes one so after an item was taken out."""
    return bool(value) and all(map(_is_position, value))


def _is_position(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) <= _MOST_DIGITS


def as_list(value: JsonValue) -> list[JsonValue]:
    """The list that `value` means, or an empty one (`{}` and absent are the same empty).

    A map whose keys are all digits is a list with holes, in the order of the numbers.
    """
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and has_positions(value):
        return [value[key] for key in sorted(value, key=int)]
    return []


def as_text(value: JsonValue) -> str | None:
    """The string that `value` is, or None; numbers are never turned into codes."""
    return value if isinstance(value, str) else None


def as_code(value: JsonValue) -> str | None:
    """The code that `value` means: a string, or a whole number (PHP's array keys); else None.

    Never a fraction or a truth value: nobody could say how their code is spelled.
    """
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def codes_of(value: JsonValue) -> list[str]:
    """The codes of a list that is a set: each once, in order; what is no code is left out."""
    found = (as_code(item) for item in as_list(value))
    return list(dict.fromkeys(code for code in found if code))


def texts(value: JsonValue) -> list[str]:
    """The strings of a list, in order; everything else in it is left out."""
    return [item for item in as_list(value) if isinstance(item, str)]
