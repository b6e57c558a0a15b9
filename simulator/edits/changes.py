"""Changes that an editor sends, merged into a product as the PIM's own update does.

Their codes are first put in the case that the PIM has stored them in (`as_stored`).
"""

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from pim.json_types import JsonObject, JsonValue, as_list, as_object, texts
from simulator.errors import unprocessable
from simulator.shop import IDENTIFIER, Entity, Product, StructureItem, Values
from simulator.store import Links, Parts, Structure

EntityT = TypeVar("EntityT", bound=Entity)

_KNOWN = frozenset(
    {
        *("identifier", "enabled", "family", "categories", "groups", "values"),
        *("associations", "quantified_associations"),
    }
)


def as_stored(structure: Structure, changes: JsonObject) -> JsonObject:
    """The changes with families, categories, attributes, options and types of association as known.

    What the PIM does not know stays as it was written.
    """
    found = dict(changes)
    family = found.get("family")
    if isinstance(family, str):
        found["family"] = _code(structure.get("families", family), family)
    if "categories" in found:
        codes = texts(found["categories"])
        found["categories"] = [_code(structure.get("categories", code), code) for code in codes]
    for field in ("associations", "quantified_associations"):
        if field in found:
            found[field] = {
                _code(structure.get("association-types", kind), kind): targets
                for kind, targets in as_object(found[field]).items()
            }
    if "values" in found:
        found["values"] = _values(structure, as_object(found["values"]))
    return found


def _values(structure: Structure, values: JsonObject) -> JsonObject:
    found: JsonObject = {}
    for written, entries in values.items():
        attribute = structure.get("attributes", written)
        code = _code(attribute, written)
        is_chosen = attribute is not None and "select" in str(attribute.body.get("type"))
        found[code] = entries
        if is_chosen and isinstance(entries, list):
            found[code] = [_chosen(structure, code, as_object(each)) for each in entries]
    return found


def _chosen(structure: Structure, attribute: str, entry: JsonObject) -> JsonObject:
    data: JsonValue = entry.get("data")
    if isinstance(data, str):
        return {**entry, "data": _code(structure.get("options", data, attribute), data)}
    if isinstance(data, list):
        codes = [_code(structure.get("options", code, attribute), code) for code in texts(data)]
        return {**entry, "data": [*codes]}
    return entry


def _code(item: StructureItem | None, written: str) -> str:
    return written if item is None else item.code


def merge_changes(product: Product, values: Values, changes: JsonObject) -> Product:
    """The product after the changes, or the very same object if they change nothing.

    A value replaces the one of the same locale and scope; data null, or an empty list of values,
    clears. `values` are the product's present ones. Whose variant it is, `merge_product` decides.

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
        categories=merge_codes(changes, "categories", product.categories),
        groups=merge_codes(changes, "groups", product.groups),
        values=merge_values(values, as_object(changes.get("values"))),
    )
    merged = merge_links(merged, changes)
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


def merge_codes(changes: JsonObject, name: str, present: tuple[str, ...]) -> tuple[str, ...]:
    """A list of codes after the changes: sorted, each once."""
    return tuple(sorted(set(texts(changes[name])))) if name in changes else present


def merge_links(entity: EntityT, changes: JsonObject) -> EntityT:
    """The entity with the associations of the changes; products are named by uuid there.

    A type, and its products or its models, that the changes do not name stay as they are.
    """
    plain = as_object(changes.get("associations"))
    counted = as_object(changes.get("quantified_associations"))
    return replace(
        entity,
        associations=_links(entity.associations, plain, "products"),
        linked_models=_links(entity.linked_models, plain, "product_models"),
        quantified=_parts(entity.quantified, counted, "products"),
        quantified_models=_parts(entity.quantified_models, counted, "product_models"),
    )


def same_links(one: Entity, other: Entity) -> bool:
    """Whether both are associated with the same, in the same quantities."""
    return all(
        dict(now) == dict(then)
        for now, then in (
            (one.associations, other.associations),
            (one.linked_models, other.linked_models),
            (one.quantified, other.quantified),
            (one.quantified_models, other.quantified_models),
        )
    )


def _links(present: Links, changes: JsonObject, side: str) -> Links:
    links = dict(present)
    for kind, targets in changes.items():
        given = as_object(targets)
        if side in given:
            links[kind] = tuple(sorted(set(texts(given[side]))))
    return {kind: targets for kind, targets in links.items() if targets}


def _parts(present: Parts, changes: JsonObject, side: str) -> Parts:
    parts = dict(present)
    for kind, targets in changes.items():
        given = as_object(targets)
        if side in given:
            pairs = [_part(as_object(each)) for each in as_list(given[side])]
            parts[kind] = tuple(dict(pairs).items())
    return {kind: pairs for kind, pairs in parts.items() if pairs}


def _part(entry: JsonObject) -> tuple[str, int]:
    name = next((entry[key] for key in ("uuid", "code", "identifier") if key in entry), None)
    count = entry.get("quantity")
    if not isinstance(name, str) or not isinstance(count, int):
        raise unprocessable("A quantified association needs a name and a quantity.")
    return name, count


def merge_values(values: Values, changes: JsonObject) -> Values:
    """The values after the changes."""
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
        and same_links(merged, product)
        and (merged.identifier, merged.enabled, merged.family, merged.categories, merged.groups)
        == (product.identifier, product.enabled, product.family, product.categories, product.groups)
    )
