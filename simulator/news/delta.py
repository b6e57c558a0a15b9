"""The `changes` of a delta: what a save made of a product, a model or an asset."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pim.json_types import JsonObject, JsonValue, as_list, as_object
from simulator.shop import IDENTIFIER, Entity, Product, Thing, Values
from simulator.simulation import Simulation
from simulator.store import Links, Parts

Place = tuple[JsonValue, JsonValue]
_PRICES = "pim_catalog_price_collection"
_PRICE = "pim_catalog_price"


def product_changes(simulation: Simulation, before: Entity, after: Entity) -> JsonObject:
    """What is different after a save; members that did not change are left out."""
    found: JsonObject = {}
    if isinstance(before, Product) and isinstance(after, Product):
        for name in ("enabled", "family", "parent"):
            _note_change(found, name, getattr(before, name), getattr(after, name))
        _note_codes(found, "groups", before.groups, after.groups)
    else:
        _note_change(found, "parent", before.parent, after.parent)
    _note_codes(found, "categories", before.categories, after.categories)
    values = _value_changes(simulation, before, after)
    if values:
        found["values"] = values
    found.update(_link_changes(before, after))
    return found


def asset_changes(simulation: Simulation, before: Thing, after: Thing) -> JsonObject:
    """The same of an asset, whose values have a `channel` and no scope."""
    found: JsonObject = {}
    for code in sorted({*before.values, *after.values}):
        former = _by_place(before.values, code, "channel")
        present = _by_place(after.values, code, "channel")
        item = simulation.structure.get(before.kind.attributes, code, before.family)
        kind = "text" if item is None else item.body.get("type", "text")
        entries: list[JsonValue] = [
            {"previous": was, "new": now, "type": kind, "locale": locale, "channel": channel}
            for (locale, channel), was, now in _differences(former, present)
        ]
        if entries:
            found[code] = entries
    return {"values": found} if found else {}


def _value_changes(simulation: Simulation, before: Entity, after: Entity) -> JsonObject:
    former, present = _values(simulation, before), _values(simulation, after)
    found: JsonObject = {}
    for code in sorted({*former, *present}):
        if former.get(code) == present.get(code):
            continue
        item = simulation.structure.get("attributes", code)
        kind = "pim_catalog_text" if item is None else str(item.body.get("type"))
        pairs = _differences(_by_place(former, code, "scope"), _by_place(present, code, "scope"))
        entries = [entry for pair in pairs for entry in _entries(kind, *pair)]
        if entries:
            found[code] = entries
    return found


def _entries(kind: str, place: Place, was: JsonValue, now: JsonValue) -> Iterator[JsonValue]:
    pairs: Iterable[tuple[JsonValue, JsonValue]] = [(was, now)]
    if kind == _PRICES:
        kind, pairs = _PRICE, _price_changes(was, now)
    for former, present in pairs:
        yield {
            "previous": _told(kind, former),
            "new": _told(kind, present),
            "type": kind,
            "locale": place[0],
            "scope": place[1],
        }


def _price_changes(was: JsonValue, now: JsonValue) -> Iterator[tuple[JsonValue, JsonValue]]:
    former = {as_object(each).get("currency"): each for each in as_list(was)}
    present = {as_object(each).get("currency"): each for each in as_list(now)}
    for currency in dict.fromkeys((*former, *present)):
        if former.get(currency) != present.get(currency):
            yield former.get(currency), present.get(currency)


def _told(kind: str, data: JsonValue) -> JsonValue:
    """A value's data in the form that deltas have it in."""
    match None if data is None else kind:
        case "pim_catalog_metric":
            measure = as_object(data)
            return {"data": measure.get("amount"), "unit": measure.get("unit")}
        case "pim_catalog_identifier":
            return {"data": data, "is_main_identifier": True}
        case "pim_catalog_image" | "pim_catalog_file":
            return {"file_name": str(data).rpartition("_")[2], "key": data}
        case "pim_catalog_date":
            return {"date": str(data), "timezone": "+00.00"}
        case "pim_catalog_table":
            return {"rows": [_row(as_object(row)) for row in as_list(data)]}
        case _:
            return data


def _row(row: JsonObject) -> JsonObject:
    return {"cells": [{"cell": name, "data": data} for name, data in row.items()]}


def _values(simulation: Simulation, entity: Entity) -> Values:
    if not isinstance(entity, Product):
        return entity.values
    values = dict(simulation.assortment.values(entity))
    if entity.identifier is not None:
        values[IDENTIFIER] = [{"data": entity.identifier, "locale": None, "scope": None}]
    return values


def _by_place(
    values: Mapping[str, list[JsonObject]], code: str, scope: str
) -> dict[Place, JsonValue]:
    entries = values.get(code, ())
    return {(entry.get("locale"), entry.get(scope)): entry.get("data") for entry in entries}


def _differences(
    former: Mapping[Place, JsonValue], present: Mapping[Place, JsonValue]
) -> Iterator[tuple[Place, JsonValue, JsonValue]]:
    for place in dict.fromkeys((*former, *present)):
        was, now = former.get(place), present.get(place)
        if was != now:
            yield place, was, now


def _link_changes(before: Entity, after: Entity) -> JsonObject:
    plain: JsonObject = {}
    kinds = {*before.associations, *after.associations, *before.linked_models, *after.linked_models}
    for kind in sorted(kinds):
        sides = {
            "products": (before.associations, after.associations),
            "product_models": (before.linked_models, after.linked_models),
        }
        added = {side: _more(kind, now, was) for side, (was, now) in sides.items()}
        removed = {side: _more(kind, was, now) for side, (was, now) in sides.items()}
        if any((*added.values(), *removed.values())):
            plain[kind] = {"added": {**added, "groups": []}, "removed": {**removed, "groups": []}}
    counted: JsonObject = {}
    for kind in sorted({*before.quantified, *after.quantified, *_models_of(before, after)}):
        products = _part_changes(kind, "uuid", before.quantified, after.quantified)
        models = _part_changes(kind, "code", before.quantified_models, after.quantified_models)
        if any((*products.values(), *models.values())):
            counted[kind] = {
                how: {"products": products[how], "product_models": models[how]}
                for how in ("added", "updated", "removed")
            }
    told = {"associations": plain, "quantified_associations": counted}
    return {name: each for name, each in told.items() if each}


def _models_of(before: Entity, after: Entity) -> set[str]:
    return {*before.quantified_models, *after.quantified_models}


def _more(kind: str, these: Links, than: Links) -> list[JsonValue]:
    known = than.get(kind, ())
    return [target for target in these.get(kind, ()) if target not in known]


def _part_changes(kind: str, name: str, before: Parts, after: Parts) -> dict[str, list[JsonValue]]:
    former, present = dict(before.get(kind, ())), dict(after.get(kind, ()))
    return {
        "added": [
            {name: target, "quantity": quantity}
            for target, quantity in present.items()
            if target not in former
        ],
        "updated": [
            {name: target, "quantity": quantity, "previous_quantity": former[target]}
            for target, quantity in present.items()
            if former.get(target, quantity) != quantity
        ],
        "removed": [target for target in former if target not in present],
    }


def _note_change(found: JsonObject, name: str, was: JsonValue, now: JsonValue) -> None:
    if was != now:
        found[name] = {"previous": was, "new": now}


def _note_codes(found: JsonObject, name: str, was: Sequence[str], now: Sequence[str]) -> None:
    added: list[JsonValue] = [code for code in now if code not in was]
    removed: list[JsonValue] = [code for code in was if code not in now]
    if added or removed:
        found[name] = {"added": added, "removed": removed}
