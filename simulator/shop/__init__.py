"""The shop that the simulated PIM describes: words, structure and products, all from a seed.

Outside are used the forms of what a PIM keeps, `open_shop` with its `Assortment`, and what edits
draw from; families, descriptions and the makers of values stay inside.
"""

from simulator.shop.assortment import Assortment, Shop, open_shop
from simulator.shop.attributes import IDENTIFIER
from simulator.shop.categories import CATEGORIES, EXTRA_CATEGORIES, descendants
from simulator.shop.enterprise import ASSETS, MANY_RECORDS, ONE_RECORD, TABLE
from simulator.shop.models import Others, make_model_family, stand_in
from simulator.shop.options import OPTIONS
from simulator.shop.product import Entity, Product, ProductModel, Values, atom_time
from simulator.shop.product_heads import make_uuid, sure_identifier
from simulator.shop.records import biography
from simulator.shop.structure import StructureItem, make_structure
from simulator.shop.texts import product_names
from simulator.shop.things import (
    Thing,
    ThingKind,
    ThingValues,
    by_locale,
    everywhere,
    media_code,
    options_parent,
)
from simulator.shop.values import fillable, fresh_value, plain, price_in_euros, words_for
from simulator.shop.words import LINES, LOCALES

__all__ = [
    "ASSETS",
    "CATEGORIES",
    "EXTRA_CATEGORIES",
    "IDENTIFIER",
    "LINES",
    "LOCALES",
    "MANY_RECORDS",
    "ONE_RECORD",
    "OPTIONS",
    "TABLE",
    "Assortment",
    "Entity",
    "Others",
    "Product",
    "ProductModel",
    "Shop",
    "StructureItem",
    "Thing",
    "ThingKind",
    "ThingValues",
    "Values",
    "atom_time",
    "biography",
    "by_locale",
    "descendants",
    "everywhere",
    "fillable",
    "fresh_value",
    "make_model_family",
    "make_structure",
    "make_uuid",
    "media_code",
    "open_shop",
    "options_parent",
    "plain",
    "price_in_euros",
    "product_names",
    "stand_in",
    "sure_identifier",
    "words_for",
]
