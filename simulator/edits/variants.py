"""Changes of variants and models: whose child one is, and which values are its own."""

from dataclasses import replace

from pim.json_types import JsonObject, JsonValue, as_list, as_object, texts
from simulator.edits.changes import (
    as_stored,
    merge_changes,
    merge_codes,
    merge_links,
    merge_values,
    same_links,
)
from simulator.errors import unprocessable
from simulator.shop import IDENTIFIER, Product, ProductModel, Values
from simulator.simulation import Simulation
from simulator.store import Levels, find_levels

_KNOWN = frozenset(
    {
        *("code", "family", "family_variant", "parent", "categories", "values"),
        *("associations", "quantified_associations"),
    }
)


def merge_product(simulation: Simulation, product: Product, changes: JsonObject) -> Product:
    """The product after the changes, `parent` among them; the very same if they change nothing.

    A variant that gets parent null keeps what it inherited as its own. A simple product that gets
    a parent keeps the values of the variants' level alone.

    Raises:
        ApiError: 422, a property that a product does not have, a parent that it cannot have, or a
            value that is kept at another level.
    """
    moved = product
    if "parent" in changes:
        moved = _moved(simulation, product, changes["parent"])
    rest = {name: value for name, value in changes.items() if name != "parent"}
    rest = _stored_codes(simulation, rest)
    if moved.parent is not None:
        rest = _for_variant(simulation, moved, rest)
    return merge_changes(moved, simulation.assortment.values(moved), rest)


def merge_model(simulation: Simulation, model: ProductModel, changes: JsonObject) -> ProductModel:
    """The model after the changes, or the very same object if they change nothing.

    Raises:
        ApiError: 422, a property that a model does not have or may not change, a parent that it
            cannot have, or a value that is kept at another level.
    """
    unknown = sorted(changes.keys() - _KNOWN)
    if unknown:
        raise unprocessable(f'Property "{unknown[0]}" does not exist.')
    for name, present in (("family", model.family), ("family_variant", model.family_variant)):
        if changes.get(name, present) != present:
            raise unprocessable(f'Property "{name}" cannot be modified.')
    changes = _stored_codes(simulation, changes)
    parent = _new_parent(simulation, model, changes)
    placed = replace(model, parent=parent)
    levels = _levels(simulation, model.family, model.family_variant)
    inherited = simulation.database.merged_model(placed).values
    own = levels.of_model(placed)
    values = _own_values(as_object(changes.get("values")), own, inherited)
    for root in simulation.database.models.ancestors(placed):
        changes = _without_inherited(changes, root)
    merged = replace(
        placed,
        categories=merge_codes(changes, "categories", model.categories),
        values=merge_values(model.values, values),
    )
    merged = merge_links(merged, changes)
    same = (merged.parent, merged.categories, merged.values) == (
        model.parent,
        model.categories,
        model.values,
    )
    return model if same and same_links(merged, model) else merged


def new_model(simulation: Simulation, code: str, changes: JsonObject) -> ProductModel:
    """A model made out of its changes; the family is its variant's if none is named.

    Raises:
        ApiError: 422, as for a change, or a family variant that the PIM does not have.
    """
    parent = _model(simulation, changes.get("parent"))
    variant = changes.get("family_variant", parent.family_variant if parent else None)
    family = changes.get("family", parent.family if parent else None)
    known = [
        item
        for item in simulation.structure.every("family-variants")
        if item.code == variant and family in {None, item.parent}
    ]
    if not known:
        raise unprocessable(f'Property "family_variant" expects a valid code, "{variant}" given.')
    blank = ProductModel(
        code=code,
        family=str(known[0].parent),
        family_variant=known[0].code,
        parent=None,
        categories=(),
        created=0,
        updated=0,
        values={},
    )
    rest = {name: value for name, value in changes.items() if name != "family"}
    return merge_model(simulation, blank, rest)


def _moved(simulation: Simulation, product: Product, parent: JsonValue) -> Product:
    if parent is None:
        if product.parent is None:
            return product
        merged = simulation.database.merged(product)
        return replace(merged, parent=None, ancestors=(), inherited_updated=0)
    model = _model(simulation, parent)
    if model is None:
        raise unprocessable(f'Property "parent" expects a valid parent code, "{parent}" given.')
    if product.parent is not None and product.parent.casefold() == model.key:
        return product
    levels = _levels(simulation, model.family, model.family_variant)
    if not levels.may_have_variants(model):
        raise unprocessable(f'The product model "{model.code}" cannot have variants.')
    if product.family not in {None, model.family}:
        raise unprocessable("The product and its parent must have the same family.")
    values = simulation.assortment.values(product)
    own = {code: entries for code, entries in values.items() if code in levels.of_variants}
    return replace(product, parent=model.code, family=model.family, values=own)


def _for_variant(simulation: Simulation, variant: Product, changes: JsonObject) -> JsonObject:
    if changes.get("family", variant.family) != variant.family:
        raise unprocessable("The product and its parent must have the same family.")
    parent = simulation.database.models.ancestors(variant)[0]
    inherited = simulation.database.merged_model(parent)
    changes = _without_inherited(changes, inherited)
    if "values" not in changes:
        return changes
    levels = _levels(simulation, parent.family, parent.family_variant)
    own = levels.of_variants | {IDENTIFIER}
    values = _own_values(as_object(changes["values"]), own, inherited.values)
    return {**changes, "values": values}


def _without_inherited(changes: JsonObject, inherited: ProductModel) -> JsonObject:
    """The changes without categories and associations that are there already, from a model."""
    found = dict(changes)
    if "categories" in found:
        codes = texts(found["categories"])
        found["categories"] = [code for code in codes if code not in inherited.categories]
    if "associations" in found:
        found["associations"] = {
            kind: _new_targets(kind, as_object(given), inherited)
            for kind, given in as_object(found["associations"]).items()
        }
    return found


def _new_targets(kind: str, given: JsonObject, inherited: ProductModel) -> JsonObject:
    known = {
        "products": inherited.associations.get(kind, ()),
        "product_models": inherited.linked_models.get(kind, ()),
    }
    return {
        side: [name for name in texts(names) if name not in known.get(side, ())]
        for side, names in given.items()
    }


def _own_values(changes: JsonObject, own: frozenset[str], inherited: Values) -> JsonObject:
    """The changes of values that are kept here; what only repeats the inherited is left out."""
    for code, entries in changes.items():
        given = merge_values({}, {code: entries}).get(code, [])
        if code not in own and given != inherited.get(code, []):
            raise unprocessable(
                f'Cannot set the property "{code}" to this entity as it is not in the attribute set'
            )
    return {code: entries for code, entries in changes.items() if code in own}


def _new_parent(simulation: Simulation, model: ProductModel, changes: JsonObject) -> str | None:
    if "parent" not in changes or changes["parent"] == model.parent:
        return model.parent
    parent = _model(simulation, changes["parent"])
    if parent is None or parent.parent is not None or parent.key == model.key:
        raise unprocessable('Property "parent" expects the code of a root product model.')
    levels = _levels(simulation, model.family, model.family_variant)
    if parent.family_variant != model.family_variant or levels.may_have_variants(parent):
        raise unprocessable("The parent is of another family variant, or has no sub-models.")
    return parent.code


def _model(simulation: Simulation, code: JsonValue) -> ProductModel | None:
    return simulation.database.models.get(code) if isinstance(code, str) else None


def _levels(simulation: Simulation, family: str, variant: str) -> Levels:
    levels = find_levels(simulation.structure, family, variant)
    if levels is None:
        raise unprocessable(f'Family variant "{variant}" does not exist.')
    return levels


def _stored_codes(simulation: Simulation, changes: JsonObject) -> JsonObject:
    """The changes with everything named in the case that it is stored in."""
    found = as_stored(simulation.structure, changes)
    for field in ("associations", "quantified_associations"):
        kinds = {kind: as_object(given) for kind, given in as_object(found.get(field)).items()}
        for kind, given in kinds.items():
            if "product_models" in given:
                names = [_stored(simulation, each) for each in as_list(given["product_models"])]
                kinds[kind] = {**given, "product_models": names}
        if field in found:
            found[field] = {**kinds}
    return found


def _stored(simulation: Simulation, name: JsonValue) -> JsonValue:
    if isinstance(name, dict):
        code = name.get("code", name.get("identifier"))
        return {"code": _stored(simulation, code), "quantity": name.get("quantity")}
    model = _model(simulation, name)
    if model is None:
        raise unprocessable(f'Product model "{name}" does not exist.')
    return model.code
