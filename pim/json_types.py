"""Types for JSON of foreign make, and the only questions we ask of it."""

from typing import TypeAlias

JsonValue: TypeAlias = (
    "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"  # recursive alias
)
JsonObject: TypeAlias = dict[str, JsonValue]


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


def as_list(value: JsonValue) -> list[JsonValue]:
    """The list that `value` is, or an empty one (`{}` and absent are the same empty)."""
    return value if isinstance(value, list) else []


def as_text(value: JsonValue) -> str | None:
    """The string that `value` is, or None; numbers are never turned into codes."""
    return value if isinstance(value, str) else None


def texts(value: JsonValue) -> list[str]:
    """The strings of a list of codes, in order; everything else in it is left out."""
    return [item for item in as_list(value) if isinstance(item, str)]
