"""A small simulated PIM with product models, and how its tests find their way in it."""

from pim.json_types import JsonObject
from simulator.render.view import Flavour, View, full_view
from simulator.shop.product import Product, ProductModel
from tests.unit.simulator.small_pim import SmallPim, a_small_pim

FULL = full_view(Flavour.UUID)


def a_shop(models: int = 12) -> SmallPim:
    return a_small_pim(30, models=models)


def roots(pim: SmallPim, depth: int) -> list[ProductModel]:
    """Roots with variants directly below (1) or through sub-models (2)."""
    models = pim.simulation.database.models
    found = [model for model in models if model.parent is None]
    return [model for model in found if bool(models.subs(model.code)) is (depth == 2)]


def variant_of(pim: SmallPim, model: ProductModel, position: int = 0) -> Product:
    database = pim.simulation.database
    product = database.get(database.models.all_variants(model.code)[position])
    assert product is not None
    return product


def model_of(pim: SmallPim, code: str) -> ProductModel:
    model = pim.simulation.database.models.get(code)
    assert model is not None
    return model


def body(pim: SmallPim, product: Product) -> JsonObject:
    return pim.simulation.renderer.body(pim.reread(product), View(Flavour.UUID))


def text(data: str, locale: str = "en_US") -> JsonObject:
    return {"values": {"name": [{"data": data, "locale": locale, "scope": None}]}}
