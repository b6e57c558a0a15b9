"""Consequences of a change of the structure, as of a PIM's foreign keys: told by no event.

Nothing here moves the `updated` of a product, a model or another item of the structure.
"""

from dataclasses import replace

from pim.json_types import JsonObject, as_object, texts
from simulator.shop import StructureItem, ThingKind, descendants
from simulator.simulation import Simulation


def follow_change(simulation: Simulation, kind: str) -> None:
    """Have the rest of the structure follow a changed or new item of this kind."""
    if kind == "channels":
        _switch_locales(simulation)


def remove_item(simulation: Simulation, kind: str, code: str, parent: str | None) -> bool:
    """Take an item of the structure away, and what cannot be without it; False if there is none."""
    structure = simulation.structure
    item = structure.get(kind, code, parent)
    if item is None:
        return False
    below = {item.code}
    if kind == "categories":
        below = set(descendants(frozenset(below), structure.category_parents()))
    for each in below:
        structure.remove(kind, each, parent)
    match kind:
        case "categories":
            _leave_categories(simulation, below)
        case "families":
            _leave_family(simulation, item.code)
        case "attributes":
            _forget_attribute(simulation, item.code)
        case "channels":
            _switch_locales(simulation)
        case _:
            _empty(simulation, kind, item.code)
    return True


def _leave_categories(simulation: Simulation, gone: set[str]) -> None:
    database = simulation.database
    for product in database:
        kept = tuple(code for code in product.categories if code not in gone)
        if kept != product.categories:
            database.save(replace(product, categories=kept))
    for model in list(database.models):
        kept = tuple(code for code in model.categories if code not in gone)
        if kept != model.categories:
            database.save_model(replace(model, categories=kept))


def _leave_family(simulation: Simulation, family: str) -> None:
    for product in simulation.database:
        if product.family == family and product.parent is None:
            # What it had is kept; the family alone would have it made anew.
            values = simulation.assortment.values(product)
            simulation.database.save(replace(product, family=None, values=values))


def _forget_attribute(simulation: Simulation, attribute: str) -> None:
    structure = simulation.structure
    for option in structure.items("options", attribute):
        structure.remove("options", option.code, attribute)
    for kind in ("families", "attribute-groups"):
        for item in structure.items(kind):
            if attribute in texts(item.body.get("attributes")):
                structure.put(replace(item, body=_without(item, attribute)))


def _without(item: StructureItem, attribute: str) -> JsonObject:
    body = dict(item.body)
    body["attributes"] = [code for code in texts(body["attributes"]) if code != attribute]
    if "attribute_requirements" in body:
        body["attribute_requirements"] = {
            channel: [code for code in texts(codes) if code != attribute]
            for channel, codes in as_object(body["attribute_requirements"]).items()
        }
    return body


def _switch_locales(simulation: Simulation) -> None:
    """A locale is on as long as a channel has it."""
    structure = simulation.structure
    used = {
        locale
        for channel in structure.items("channels")
        for locale in texts(channel.body.get("locales"))
    }
    for item in structure.items("locales"):
        if item.body.get("enabled") is not (item.code in used):
            structure.put(replace(item, body={**item.body, "enabled": item.code in used}))


def _empty(simulation: Simulation, kind: str, family: str) -> None:
    for thing_kind in ThingKind:
        if thing_kind.families == kind:
            simulation.things.remove_family(thing_kind, family)
