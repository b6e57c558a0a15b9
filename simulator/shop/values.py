"""Values of a product: a pure function of the shop's seed and the product's number."""

import random
from collections.abc import Iterable

from pim.json_types import JsonObject
from simulator.shop.families import FAMILY_BY_CODE, attributes_of
from simulator.shop.makers import MAKERS
from simulator.shop.product import Product, Values
from simulator.shop.texts import choose_words
from simulator.shop.words import FamilyWords

_SEED_STEP = 1_000_003
# An attribute of the family that nobody has filled in yet.
_LEFT_EMPTY = 0.14
_NEVER_EMPTY = frozenset({"name", "brand"})
_WITHOUT_FAMILY = ("name", "price", "brand", "ean")


def make_values(seed: int, product: Product) -> Values:
    """The values that the product was generated with; those without a family have but a few."""
    rng = random.Random(seed * _SEED_STEP + product.number)
    family = words_for(product)
    words = choose_words(rng, family)
    values: Values = {}
    for code in fillable(product):
        if code in _NEVER_EMPTY or rng.random() >= _LEFT_EMPTY:
            values[code] = MAKERS[code](rng, family, words, product)
    return values


def draw_values(rng: random.Random, product: Product, codes: Iterable[str]) -> Values:
    """Values of some of these attributes, drawn from `rng`: a model's, or those of a variant."""
    family = words_for(product)
    words = choose_words(rng, family)
    return {
        code: MAKERS[code](rng, family, words, product)
        for code in codes
        if code in MAKERS and (code in _NEVER_EMPTY or rng.random() >= _LEFT_EMPTY)
    }


def fresh_value(rng: random.Random, code: str, product: Product) -> list[JsonObject]:
    """Another value for an attribute, as an editor would enter it."""
    family = words_for(product)
    return MAKERS[code](rng, family, choose_words(rng, family), product)


def fillable(product: Product) -> tuple[str, ...]:
    """The attributes that a product may have a value of, the main identifier aside."""
    codes = attributes_of(product.family) if product.family else _WITHOUT_FAMILY
    return tuple(code for code in codes if code in MAKERS)


def words_for(product: Product) -> FamilyWords:
    """The words of the product's family; a product without one is sold as storage."""
    return FAMILY_BY_CODE[product.family or "storage"]
