"""Queries and search filters of the REST API; two date formats in one API live here."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from pim.ids import ProductKey
from pim.json_types import JsonObject, JsonValue
from pim.texts import moved
from pim.vocabulary import Identity

_SECOND = timedelta(seconds=1)
_LOCAL = "%Y-%m-%d %H:%M:%S"
_ZONED = "%Y-%m-%dT%H:%M:%SZ"
Query: TypeAlias = Mapping[str, str]


def updated_since(since: datetime, timezone: ZoneInfo) -> JsonObject:
    """Filter for products and models changed at `since` (aware) or later.

    The PIM stamps whole seconds and compares strictly, so the second before is named. It takes a
    local time without zone, in its own PHP timezone; anything else is refused with 422. Where that
    local time exists twice (as summer time ends), an earlier one is named: whichever of the two
    the PIM would have taken it for, nothing is left out.
    """
    return _criterion("updated", ">", _local_no_later(_second_before(since), timezone))


def updated_at(instant: datetime, timezone: ZoneInfo) -> JsonObject:
    """Filter for products and models changed in the very second of `instant`.

    Where local times exist twice, those of an hour around it are let through, too.
    """
    after = moved(_second_before(instant), 2 * _SECOND)
    return {
        "updated": [
            *_criteria(">", _local_no_later(_second_before(instant), timezone)),
            *_criteria("<", _local_no_earlier(after, timezone)),
        ]
    }


def structure_updated_since(since: datetime) -> JsonObject:
    """Filter for families, attributes, groups and categories changed at `since` or later.

    ISO 8601 with zone, whole seconds; strict, as with products.
    """
    return _criterion("updated", ">", _second_before(since).astimezone(UTC).strftime(_ZONED))


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


def name_of(key: ProductKey, identifier: str | None, identity: Identity) -> str:
    """What the source calls the product with this key; `identifier` as the source writes it."""
    return identifier if identifier and identity is Identity.IDENTIFIER else key


def products_named(names: Sequence[str], identity: Identity) -> JsonObject:
    """Filter for products by what the source calls them."""
    return uuid_in(names) if identity is Identity.UUID else identifier_in(names)


def identifier_in(identifiers: Sequence[str]) -> JsonObject:
    """Filter for products by main identifier, whatever its attribute is called; models by code."""
    return _criterion("identifier", "IN", list(identifiers))


def type_in(types: Sequence[str]) -> JsonObject:
    """Filter for attributes by type."""
    return _criterion("type", "IN", list(types))


def _criterion(field: str, operator: str, value: JsonValue) -> JsonObject:
    return {field: _criteria(operator, value)}


def _criteria(operator: str, value: JsonValue) -> list[JsonValue]:
    return [{"operator": operator, "value": value}]


def _second_before(instant: datetime) -> datetime:
    return moved(instant.replace(microsecond=0), -_SECOND)


def _local_no_later(instant: datetime, zone: ZoneInfo) -> str:
    """The latest local time that is not after `instant` however it is read."""
    local = instant.astimezone(zone).replace(tzinfo=None)
    while (late := max(_readings(local, zone)) - instant) > timedelta(0):
        local -= late
    return local.strftime(_LOCAL)


def _local_no_earlier(instant: datetime, zone: ZoneInfo) -> str:
    """The earliest local time that is not before `instant` however it is read."""
    local = instant.astimezone(zone).replace(tzinfo=None)
    while (early := instant - min(_readings(local, zone))) > timedelta(0):
        local += early
    return local.strftime(_LOCAL)


def _readings(local: datetime, zone: ZoneInfo) -> list[datetime]:
    """What a local time can mean: it exists twice as clocks are set back, else both are one."""
    return [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
