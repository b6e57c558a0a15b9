"""Deltas: what an event says has changed, as a hint for people.

Nothing is written from it: the product is read. Old and new values are left out, for they may be
long, and somebody's personal data.
"""

from collections.abc import Iterator

from pim.json_types import JsonObject, JsonValue
from pim.texts import storable

_LONGEST = 500


def describe_changes(changes: JsonObject) -> str | None:
    """Name what changed: `enabled, name (en_US), weight, categories`; None if nothing is told.

    At most 500 characters.
    """
    told = storable(", ".join(dict.fromkeys(_names(changes))))
    if not told:
        return None
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"


def _names(changes: JsonObject) -> Iterator[str]:
    for member, change in changes.items():
        if member == "values" and isinstance(change, dict):
            for attribute, several in change.items():
                yield from _values(attribute, several)
        elif change not in (None, {}, []):
            yield member


def _values(attribute: str, several: JsonValue) -> Iterator[str]:
    values = several if isinstance(several, list) else [several]
    for value in values:
        where: list[str] = []
        if isinstance(value, dict):
            # A product's values have a scope, an asset's a channel.
            found = (value.get(name) for name in ("locale", "scope", "channel"))
            where = [each for each in found if isinstance(each, str)]
        yield f"{attribute} ({', '.join(where)})" if where else attribute
