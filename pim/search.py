"""Search filters of the REST API; two date formats in one API live here."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pim.json_types import JsonObject, JsonValue


def updated_since(since: datetime, timezone: ZoneInfo) -> JsonObject:
    """Filter for products and models changed after `since` (aware), strictly.

    The PIM takes a local time without zone, in its own PHP timezone; anything else is refused with
    422. Seconds are cut, not rounded, so nothing behind `since` is missed.
    """
    local = since.astimezone(timezone).strftime("%Y-%m-%d %H:%M:%S")
    return _criterion("updated", ">", local)


def structure_updated_since(since: datetime) -> JsonObject:
    """Filter for families, attributes, groups and categories: ISO 8601 with zone, whole seconds."""
    return _criterion("updated", ">", since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def descendants_of(model_code: str) -> JsonObject:
    """Filter for all variants below a root or sub model."""
    return _criterion("parent", "=", model_code)


def sub_models_of(model_code: str) -> JsonObject:
    """Filter, on product models, for the direct children of a root model."""
    return _criterion("parent", "IN", [model_code])


def code_in(codes: Sequence[str]) -> JsonObject:
    """Filter for structure items by code (attributes, groups, families, categories, …)."""
    return _criterion("code", "IN", list(codes))


def uuid_in(uuids: Sequence[str]) -> JsonObject:
    """Filter for products by uuid."""
    return _criterion("uuid", "IN", list(uuids))


def identifier_in(identifiers: Sequence[str]) -> JsonObject:
    """Filter for products by main identifier, whatever its attribute is called."""
    return _criterion("identifier", "IN", list(identifiers))


def type_in(types: Sequence[str]) -> JsonObject:
    """Filter for attributes by type."""
    return _criterion("type", "IN", list(types))


def _criterion(field: str, operator: str, value: JsonValue) -> JsonObject:
    criterion: JsonObject = {"operator": operator, "value": value}
    return {field: [criterion]}
