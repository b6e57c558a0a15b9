"""Merges what an editor sends into a product, as the PIM's own update does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from pim.json_types import JsonObject, JsonValue, as_object, texts
from simulator.errors import unprocessable
from simulator.shop.attributes import IDENTIFIER
from simulator.shop.product import Product, Values

_KNOWN = frozenset(
    {"identifier", "enabled", "family", "categories", "groups", "values", "associations"}
)


def merge_changes(product: Product, values: Values, changes: JsonObject) -> Product:
    """The product after the changes, or the very same object if they change nothing.

    A value replaces the one of the same locale and scope; data null, or an empty list of values,
    clears. `values` are the product's present ones.

    Raises:
        ApiError: 422, a property that a product does not have.
    """
    unknown = sorted(changes.keys() - _KNOWN)
    if unknown:
        raise unprocessable(f'Property "{unknown[0]}" does not exist.')
    merged = replace(
        product,
        identifier=_identifier(product, changes),
        enabled=bool(changes.get("enabled", product.enabled)),
        family=_family(product, changes),
        categories=_codes(changes, "categories", product.categories),
        groups=_codes(changes, "groups", product.groups),
        associations=_associations(product, changes),
        values=_merged_values(values, as_object(changes.get("values"))),
    )
    return product if _is_same(product, values, merged) else merged


def parse_instant(text: str) -> int:
    """Whole seconds of an ISO 8601 instant.

    Raises:
        ApiError: 422, no instant with a zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise unprocessable(f'"{text}" is not an instant.') from error
    if moment.tzinfo is None:
        raise unprocessable(f'"{text}" has no zone.')
    return int(moment.timestamp())


def _identifier(product: Product, changes: JsonObject) -> str | None:
    if "identifier" in changes:
        return _text_or_none(changes["identifier"])
    entries = as_object(changes.get("values")).get(IDENTIFIER)
    if isinstance(entries, list):
        first = entries[0] if entries else None
        return _text_or_none(as_object(first).get("data"))
    return product.identifier


def _family(product: Product, changes: JsonObject) -> str | None:
    return _text_or_none(changes["family"]) if "family" in changes else product.family


def _text_or_none(value: JsonValue) -> str | None:
    return value if isinstance(value, str) and value else None


def _codes(changes: JsonObject, name: str, present: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(texts(changes[name])))) if name in changes else present


def _associations(product: Product, changes: JsonObject) -> Mapping[str, tuple[str, ...]]:
    links = dict(product.associations)
    for kind, targets in as_object(changes.get("associations")).items():
        links[kind] = tuple(sorted(set(texts(as_object(targets).get("products")))))
    return {kind: targets for kind, targets in links.items() if targets}


def _merged_values(values: Values, changes: JsonObject) -> Values:
    merged = dict(values)
    for code, entries in changes.items():
        if code == IDENTIFIER or not isinstance(entries, list):
            continue
        kept = merged.pop(code, []) if entries else merged.pop(code, [])[:0]
        for entry in entries:
            kept = _placed(kept, as_object(entry))
        if kept:
            merged[code] = kept
    return merged


def _placed(kept: list[JsonObject], entry: JsonObject) -> list[JsonObject]:
    value: JsonObject = {name: entry.get(name) for name in ("data", "locale", "scope")}
    place = (value["locale"], value["scope"])
    others = [each for each in kept if (each["locale"], each["scope"]) != place]
    return others if value["data"] is None or value["data"] == [] else [*others, value]


def _is_same(product: Product, values: Values, merged: Product) -> bool:
    return (
        merged.values == values
        and dict(merged.associations) == dict(product.associations)
        and (merged.identifier, merged.enabled, merged.family, merged.categories, merged.groups)
        == (product.identifier, product.enabled, product.family, product.categories, product.groups)
    )
