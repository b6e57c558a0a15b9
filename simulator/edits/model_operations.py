"""The kinds of edits that a shop with product models sees beside those of its simple products."""

import random
from collections.abc import Callable

from pim.json_types import JsonObject
from simulator.edits.editor import Author, AuthorType, Editor, PimEvent
from simulator.edits.operations import recategorize, rename_identifier, switch
from simulator.shop import (
    IDENTIFIER,
    OPTIONS,
    Entity,
    Others,
    Product,
    ProductModel,
    fillable,
    fresh_value,
    make_model_family,
    plain,
    stand_in,
)
from simulator.simulation import Simulation
from simulator.store import Levels, find_levels

_MODEL_SHARE = 0.3
_NEVER_CLEARED = frozenset({"name"})
Operation = Callable[[random.Random, Simulation, ProductModel, Author], list[PimEvent]]


def is_of_models(rng: random.Random, simulation: Simulation) -> bool:
    """Whether the next operation is one of models; a shop without models draws nothing for it."""
    return simulation.has_models and rng.random() < _MODEL_SHARE


def operate_on_models(rng: random.Random, simulation: Simulation, author: Author) -> list[PimEvent]:
    """One edit of one of many kinds, and the events that it raises."""
    model = simulation.database.models.pick(rng)
    weights = [weight for weight, _operation in _OPERATIONS]
    operation = rng.choices(_OPERATIONS, weights)[0][1]
    if model is None:
        return _create(rng, simulation, author)
    return operation(rng, simulation, model, author)


def change_variant(
    rng: random.Random, simulation: Simulation, variant: Product, author: Author
) -> PimEvent | None:
    """One edit of what a variant keeps itself, or of whose variant it is."""
    changes: JsonObject
    match rng.choices(("value", "categories", "switch", "identifier", "parent"), (6, 2, 2, 1, 2))[
        0
    ]:
        case "value":
            changes = _value(rng, simulation, variant)
        case "categories":
            changes = recategorize(rng, simulation, variant)
        case "switch":
            changes = switch(rng, simulation, variant)
        case "identifier":
            changes = rename_identifier(rng, simulation, variant)
        case _:
            changes = _another_parent(rng, simulation, variant)
    return Editor(simulation).change(variant, changes, author)


def _change_value(
    rng: random.Random, simulation: Simulation, model: ProductModel, author: Author
) -> list[PimEvent]:
    return _change(simulation, model, _value(rng, simulation, model), author)


def _recategorize(
    rng: random.Random, simulation: Simulation, model: ProductModel, author: Author
) -> list[PimEvent]:
    return _change(simulation, model, recategorize(rng, simulation, model), author)


def _associate(
    rng: random.Random, simulation: Simulation, model: ProductModel, author: Author
) -> list[PimEvent]:
    database = simulation.database
    products = [each.uuid for _ in range(2) if (each := database.pick(rng)) is not None]
    models = [other.code for _ in range(1) if (other := database.models.pick(rng)) is not None]
    links: JsonObject = {"X_SELL": {"products": [*products], "product_models": [*models]}}
    return _change(simulation, model, {"associations": links}, author)


def _move(
    rng: random.Random, simulation: Simulation, model: ProductModel, author: Author
) -> list[PimEvent]:
    roots = [
        each.code
        for each in simulation.database.models
        if each.parent is None and each.family_variant == model.family_variant
    ]
    if model.parent is None or not roots:
        return _take_in(rng, simulation, model, author)
    return _change(simulation, model, {"parent": rng.choice(roots)}, author)


def _take_in(
    rng: random.Random, simulation: Simulation, model: ProductModel, author: Author
) -> list[PimEvent]:
    """A simple product of the family becomes a variant of the model."""
    levels, product = _levels(simulation, model), simulation.database.pick(rng)
    if product is None or product.parent or not levels.may_have_variants(model):
        return _change_value(rng, simulation, model, author)
    if product.family != model.family:
        return _change_value(rng, simulation, model, author)
    axes: JsonObject = {axis: [*plain(rng.choice(OPTIONS[axis])[0])] for axis in levels.axes[-1]}
    changes: JsonObject = {"parent": model.code, "values": axes}
    event = Editor(simulation).change(product, changes, author)
    return [] if event is None else [event]


def _remove(
    _rng: random.Random, simulation: Simulation, model: ProductModel, author: Author
) -> list[PimEvent]:
    event = Editor(simulation).remove_model(model, author)
    return [] if event is None else [event]


def _create(rng: random.Random, simulation: Simulation, author: Author) -> list[PimEvent]:
    """A model that never was, and all that is below it; each of them is a save."""
    database, editor = simulation.database, Editor(simulation)
    products = [each.uuid for _ in range(4) if (each := database.pick(rng)) is not None]
    models = [other.code for _ in range(2) if (other := database.models.pick(rng)) is not None]
    number = simulation.take_number()
    made = make_model_family(rng, number, simulation.take_number, Others(products, models))
    made = simulation.assortment.complete(made)
    events = [editor.save_model(model, author) for model in (made.root, *made.subs)]
    return [*events, *(editor.create(variant, author) for variant in made.variants)]


def _create_beside(
    rng: random.Random, simulation: Simulation, model: ProductModel, author: Author
) -> list[PimEvent]:
    if author.type is AuthorType.UI:
        # A person saves one thing at a time; whole families come by import.
        return _change_value(rng, simulation, model, author)
    return _create(rng, simulation, author)


_OPERATIONS: tuple[tuple[int, Operation], ...] = (
    (40, _change_value),
    (15, _recategorize),
    (10, _associate),
    (12, _move),
    (4, _remove),
    (4, _create_beside),
)


def _change(
    simulation: Simulation, model: ProductModel, changes: JsonObject, author: Author
) -> list[PimEvent]:
    event = Editor(simulation).change_model(model, changes, author)
    return [] if event is None else [event]


def _value(rng: random.Random, simulation: Simulation, entity: Entity) -> JsonObject:
    """Another value, or none any more, of an attribute that is kept by the entity itself."""
    product = stand_in(entity) if isinstance(entity, ProductModel) else entity
    own = _own_attributes(simulation, entity)
    code = rng.choice(sorted(own.intersection(fillable(product))))
    filled = entity.values or {}
    if code in filled and code not in _NEVER_CLEARED and rng.random() < 0.2:  # noqa: PLR2004 - now and then
        return {"values": {code: []}}
    return {"values": {code: [*fresh_value(rng, code, product)]}}


def _own_attributes(simulation: Simulation, entity: Entity) -> frozenset[str]:
    if isinstance(entity, ProductModel):
        levels = _levels(simulation, entity)
        own = levels.of_model(entity)
    else:
        levels = _levels(simulation, simulation.database.models.ancestors(entity)[0])
        own = levels.of_variants
    return own.difference({IDENTIFIER}, *levels.axes)


def _another_parent(rng: random.Random, simulation: Simulation, variant: Product) -> JsonObject:
    parent = simulation.database.models.ancestors(variant)[0]
    others = [
        each.code
        for each in simulation.database.models
        if each.family_variant == parent.family_variant
        and (each.parent is None) == (parent.parent is None)
    ]
    return {"parent": rng.choice([*others, None])}


def _levels(simulation: Simulation, model: ProductModel) -> Levels:
    levels = find_levels(simulation.structure, model.family, model.family_variant)
    if levels is None:
        raise LookupError(f'family variant "{model.family_variant}" is gone')
    return levels
