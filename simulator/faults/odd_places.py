"""Changes that oddities make in JSON: at places within it, and to the items of a page."""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from pim.json_types import JsonObject, JsonValue
from simulator.faults.oddity import (
    ANY_ITEM,
    Double,
    Extra,
    Misprint,
    Page,
    PageChange,
    PlaceChange,
    Rename,
    ReplaceText,
    SetValue,
    Turn,
    WriteRaw,
)

Spot: TypeAlias = tuple[JsonObject, str] | tuple[list[JsonValue], int]
"""Where a value stands: in what, and under which key or position."""

_RAW = "<~raw {}~>"
"""Stands in the JSON for text that is not JSON, until that is written down."""

_NAMES = ("uuid", "identifier", "code")


def find_list(holder: list[JsonValue]) -> list[JsonValue] | None:
    """The items of an answer (of a delivery: its events), or None if it is no list."""
    match holder[0]:
        case list() as items:
            return items
        case {"_embedded": {"items": list() as items}} | {"events": list() as items}:
            return items
        case _:
            return None


def find_positions(holder: list[JsonValue], names: Sequence[str]) -> list[int]:
    """Which items have one of these names; an answer that is no list is one item."""
    items = find_list(holder)
    among = holder if items is None else items
    return [at for at, item in enumerate(among) if _is_named(_thing(item), names)]


def find_spots(holder: list[JsonValue], positions: Sequence[int]) -> list[Spot]:
    """Where these items stand; of an event, what it tells of."""
    items = find_list(holder)
    among = holder if items is None else items
    found: list[Spot] = []
    for at in positions:
        data = object_of(object_of(among[at]).get("data"))
        found.append((data, "resource") if "resource" in data else (among, at))
    return found


def change_places(change: PlaceChange, spots: Sequence[Spot], raw: list[str]) -> None:
    """Do it at every place below these spots; `raw` collects text that is not JSON."""
    parts = change.at.split(".") if change.at else []
    for spot in spots:
        # The last first: what is dropped from a list moves those behind it.
        for place in reversed(list(_places(spot, parts))):
            _change_place(change, place, raw)


def change_items(change: PageChange, items: list[JsonValue], chosen: set[int]) -> list[JsonValue]:
    """Do it to a list of items; answers those that belong on the next page."""
    match change:
        case Double(where="next"):
            pairs = [[item] * (2 if at in chosen else 1) for at, item in enumerate(items)]
            items[:] = [item for pair in pairs for item in pair]
        case Double(where="end"):
            items += [items[at] for at in sorted(chosen)]
        case Double():
            return [items[at] for at in sorted(chosen)]
        case Extra():
            items.insert(0, change.item)
        case Page(does="leave_out"):
            items[:] = [item for at, item in enumerate(items) if at not in chosen]
        case Page(does="empty"):
            items.clear()
        case Page():
            pass
    return []


def with_raw(text: bytes, raw: Sequence[str]) -> bytes:
    """The JSON text with what is not JSON in its places."""
    for number, written in enumerate(raw):
        text = text.replace(f'"{_RAW.format(number)}"'.encode(), written.encode())
    return text


def object_of(value: JsonValue) -> JsonObject:
    """The object itself, so that it can be changed in its place; of anything else an empty one."""
    return value if isinstance(value, dict) else {}


def _thing(item: JsonValue) -> JsonValue:
    """What an event tells of; any other item is the thing itself."""
    return object_of(object_of(item).get("data")).get("resource", item)


def _is_named(item: JsonValue, names: Sequence[str]) -> bool:
    if not isinstance(item, dict):
        return False
    own = [item[name] for name in _NAMES if name in item]
    return bool(own) and (ANY_ITEM in names or any(name in names for name in own))


def _places(spot: Spot, parts: Sequence[str]) -> Iterator[Spot]:
    if not parts:
        yield spot
        return
    value, (first, *rest) = _read(spot), parts
    if first == "**":
        yield from _places(spot, rest)
    if first in {"*", "**"}:
        for child in _children(value):
            yield from _places(child, rest if first == "*" else parts)
    elif isinstance(value, dict) and (first in value or not rest):
        yield from _places((value, first), rest)
    elif isinstance(value, list) and first.isdigit() and int(first) < len(value):
        yield from _places((value, int(first)), rest)


def _children(value: JsonValue) -> list[Spot]:
    match value:
        case dict():
            return [(value, key) for key in value]
        case list():
            return [(value, position) for position in range(len(value))]
        case _:
            return []


def _change_place(change: PlaceChange, place: Spot, raw: list[str]) -> None:
    holder, key = place
    is_there = key in holder if isinstance(holder, dict) else True
    match change:
        case SetValue():
            _write(place, change.to)
        case _ if not is_there:
            return
        case WriteRaw():
            _write(place, _RAW.format(len(raw)))
            raw.append(change.text)
        case Rename():
            if isinstance(holder, dict):
                _write((holder, change.to), holder.pop(str(key)))
        case Turn(does="drop"):
            del holder[key]  # type: ignore[arg-type] # a spot's key is of its holder's kind
        case ReplaceText() | Misprint() | Turn():
            _write(place, _turned(change, _read(place)))


def _turned(change: ReplaceText | Misprint | Turn, value: JsonValue) -> JsonValue:
    match change:
        case ReplaceText():
            return value.replace(change.text, change.by) if isinstance(value, str) else value
        case Misprint():
            return _misprinted(value, ZoneInfo(change.zone))
        case Turn():
            return _TURNS[change.does](value)


def _misprinted(value: JsonValue, zone: ZoneInfo) -> JsonValue:
    if not isinstance(value, str):
        return value
    digits = datetime.fromisoformat(value).astimezone(UTC).replace(tzinfo=zone)
    # An hour that the zone leaves out is printed as the one after it.
    return digits.astimezone(UTC).astimezone(zone).isoformat()


def _holes(value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        return value
    return {str(2 * position): item for position, item in enumerate(value)}


def _keyed(value: JsonValue) -> JsonValue:
    if not isinstance(value, list):
        return value
    return {str(position): item for position, item in enumerate(value)}


def _listed(value: JsonValue) -> JsonValue:
    return list(value.values()) if isinstance(value, dict) else value


def _number(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    try:
        number = float(value)
    except ValueError:
        return len(value)
    if not math.isfinite(number):
        return len(value)
    return int(number) if number.is_integer() else number


def _text(value: JsonValue) -> JsonValue:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _single(value: JsonValue) -> JsonValue:
    return value[0] if isinstance(value, list) and value else value


_TURNS: dict[str, Callable[[JsonValue], JsonValue]] = {
    "holes": _holes,
    "keyed": _keyed,
    "listed": _listed,
    "text": _text,
    "number": _number,
    "single": _single,
    "wrapped": lambda value: [value],
}


def _read(spot: Spot) -> JsonValue:
    holder, key = spot
    if isinstance(holder, dict):
        return holder.get(str(key))
    return holder[int(key)]


def _write(spot: Spot, value: JsonValue) -> None:
    holder, key = spot
    if isinstance(holder, dict):
        holder[str(key)] = value
    else:
        holder[int(key)] = value
