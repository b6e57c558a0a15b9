"""Cells of a product in a table: columns and texts spelled as in the PIM's own CSV exports."""

from collections.abc import Iterator
from typing import TypeAlias

from pim.canonical import dump_json
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text

Row: TypeAlias = dict[str, str | bool]
"""Texts by column, and whether it is enabled; an empty cell is an absent key."""

FIXED = ("uuid", "identifier", "parent", "family", "enabled", "categories", "groups")
"""The columns that each table begins with."""

_DATE = "pim_catalog_date"
_DAY = len("2026-11-29")


def row_of(document: JsonObject) -> Row:
    """The cells of a product.

    A value's column is its attribute's code, then its locale and its channel if it has them, then
    the currency of a price, or `unit` for that of a metric: `description-en_US-print`, `price-EUR`,
    `weight-unit`. Several codes are joined by commas; a truth is 1 or 0; a date is a day; numbers
    stand as the source wrote them; what has a shape of its own (a table) is JSON.
    """
    family = as_object(document.get("family")).get("code")
    categories = [as_object(each).get("code") for each in as_list(document.get("categories"))]
    fields = (
        *((name, document.get(name)) for name in ("uuid", "identifier", "parent")),
        ("family", family),
        ("categories", categories),
        ("groups", document.get("groups")),
    )
    row: Row = {name: text for name, value in fields if (text := _whole(_text(value)))}
    if isinstance(enabled := document.get("enabled"), bool):
        row["enabled"] = enabled
    for code, attribute in as_object(document.get("attributes")).items():
        row.update(_cells_of(code, as_object(attribute)))
    return row


def attribute_of(column: str) -> str:
    """The attribute whose values a column holds: a code has no hyphen."""
    return column.partition("-")[0]


def _cells_of(code: str, attribute: JsonObject) -> Iterator[tuple[str, str]]:
    for value in map(as_object, as_list(attribute.get("values"))):
        place = (as_text(value.get("locale")), as_text(value.get("scope")))
        name = "-".join([code, *filter(None, place)])
        for column, text in _spell(name, value.get("data")):
            if text:
                is_day = attribute.get("type") == _DATE
                yield _whole(column), _whole(text[:_DAY] if is_day else text)


def _spell(name: str, data: JsonValue) -> Iterator[tuple[str, str]]:
    """By the shape of the data: the type of an attribute may not be mirrored."""
    prices = [as_object(each) for each in data] if isinstance(data, list) else []
    if prices and all({"amount", "currency"} <= each.keys() for each in prices):
        for each in prices:
            yield f"{name}-{_text(each['currency'])}", _text(each["amount"])
    elif isinstance(data, dict) and {"amount", "unit"} <= data.keys():
        yield name, _text(data["amount"])
        yield f"{name}-unit", _text(data["unit"])
    else:
        yield name, _text(data)


def _text(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case str():
            return value
        case list() if not any(isinstance(each, list | dict) for each in value):
            return ",".join(map(_text, value))
        case _:
            return dump_json(value)


def _whole(text: str) -> str:
    """The text as UTF-8 can hold it: half of a pair is shown as its escape."""
    return text.encode(errors="backslashreplace").decode()
