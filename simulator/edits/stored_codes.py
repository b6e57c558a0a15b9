"""Codes in the case that the PIM has stored them in: whoever saves may write them in any."""

from pim.json_types import JsonObject, JsonValue, as_object, texts
from simulator.shop.structure import StructureItem
from simulator.store.structure import Structure


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
