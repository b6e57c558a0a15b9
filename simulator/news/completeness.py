"""Completeness that a save changed: of its product, or of every variant below its model."""

from collections.abc import Iterator

from pim.json_types import JsonValue
from simulator.edits import Save
from simulator.shop import Product, ProductModel
from simulator.simulation import Simulation
from simulator.store import merged

_WHOLE = 100
Place = tuple[str, str]


def completeness_changes(
    simulation: Simulation, save: Save
) -> Iterator[tuple[Product, list[JsonValue], list[JsonValue]]]:
    """Products with the channels and locales for which they became complete, and incomplete."""
    for before, after in _pairs(simulation, save):
        was = frozenset[Place]() if before is None else _complete_on(simulation, before)
        now = _complete_on(simulation, after)
        if was != now:
            yield after, _told(now - was), _told(was - now)


def _pairs(simulation: Simulation, save: Save) -> Iterator[tuple[Product | None, Product]]:
    database = simulation.database
    match save.before, save.after:
        case Product() | None as before, Product() as after:
            above = () if before is None else database.models.ancestors(before)
            yield None if before is None else merged(before, above), database.merged(after)
        case ProductModel() as before_model, ProductModel() as model:
            for now in database.variants_of(model):
                variant = database.get(now.uuid)
                if variant is not None:
                    yield merged(variant, _former_ancestors(simulation, variant, before_model)), now
        case _:
            return


def _former_ancestors(
    simulation: Simulation, variant: Product, former: ProductModel
) -> list[ProductModel]:
    """The models above a variant as they were when one of them was in its former state."""
    models = simulation.database.models
    found: list[ProductModel] = []
    for each in models.ancestors(variant):
        if each.key == former.key:
            return [*found, former, *models.ancestors(former)]
        found.append(each)
    return found


def _complete_on(simulation: Simulation, product: Product) -> frozenset[Place]:
    values = simulation.assortment.values(product)
    percents = simulation.renderer.scorer.percents(product, values)
    return frozenset((each.scope, each.locale) for each in percents if each.percent == _WHOLE)


def _told(places: frozenset[Place]) -> list[JsonValue]:
    return [{"locale": locale, "scope": scope} for scope, locale in sorted(places)]
