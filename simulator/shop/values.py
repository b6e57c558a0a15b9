"""Values of a product: a pure function of the shop's seed and the product's number.

A maker for each attribute draws a believable value from the `rng` that it is given.
"""

import random
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from pim.json_types import JsonObject, JsonValue
from simulator.shop.attributes import SPEC_BY_CODE
from simulator.shop.families import FAMILY_BY_CODE, list_family_attributes
from simulator.shop.options import OPTIONS
from simulator.shop.product import Product, Values, atom_time
from simulator.shop.texts import (
    ProductWords,
    choose_words,
    descriptions,
    localized,
    short_descriptions,
)
from simulator.shop.words import FamilyWords

Maker: TypeAlias = Callable[[random.Random, FamilyWords, ProductWords, Product], list[JsonObject]]

_DAY = 86_400
_NO_NAME = re.compile(r"[^a-z0-9]")
_DOLLARS_PER_EURO = 1.09
_INTEGERS: dict[str, tuple[int, int, int]] = {
    # lowest, highest, step
    "persons": (1, 8, 1),
    "water_column": (1500, 20000, 500),
    "fill_power": (550, 900, 50),
    "luminous_flux": (60, 1800, 20),
    "recycled_share": (10, 100, 5),
    "warranty_years": (2, 10, 1),
    "height": (8, 190, 1),
    "width": (10, 220, 1),
    "depth": (8, 140, 1),
    "burn_time": (3, 220, 1),
}
_MEASURES: dict[str, tuple[float, float]] = {
    "packed_volume": (0.8, 40.0),
    "capacity": (0.35, 85.0),
    "power": (1.5, 60.0),
}
_YES_NO = ("waterproof", "vegan", "dimmable", "assembly_required")
_SELECTS = ("color", "size", "season", "gender", "country_of_origin", "energy_class")
_MULTISELECTS = ("tags",)
_CARE_OF_METAL = ("dishwasher_safe", "hand_wash", "wipe_clean")
_CARE_OF_CLOTH = ("hand_wash", "machine_30", "no_tumble_dry")

_SEED_STEP = 1_000_003
# An attribute of the family that nobody has filled in yet.
_LEFT_EMPTY = 0.14
_NEVER_EMPTY = frozenset({"name", "brand"})
_WITHOUT_FAMILY = ("name", "price", "brand", "ean")


def plain(data: JsonValue) -> list[JsonObject]:
    """The one value of an attribute that is neither localizable nor scopable."""
    return [{"data": data, "locale": None, "scope": None}]


def price_in_euros(euros: float) -> list[JsonObject]:
    """A price in both currencies; decimals are allowed, so amounts are strings."""
    dollars = round(euros * _DOLLARS_PER_EURO) + 0.5
    return plain(
        [
            {"amount": f"{euros:.2f}", "currency": "EUR"},
            {"amount": f"{dollars:.2f}", "currency": "USD"},
        ]
    )


def _select(code: str) -> Maker:
    choices = [plain(option) for option, _label in OPTIONS[code]]
    return lambda rng, *_: choices[int(rng.random() * len(choices))]


def _multiselect(code: str) -> Maker:
    known = tuple(option for option, _label in OPTIONS[code])
    return lambda rng, *_: _chosen(rng, known)


def _material(rng: random.Random, family: FamilyWords, *_: object) -> list[JsonObject]:
    return _chosen(rng, family.materials)


def _care(rng: random.Random, family: FamilyWords, *_: object) -> list[JsonObject]:
    return _chosen(rng, _CARE_OF_METAL if family.code == "cookware" else _CARE_OF_CLOTH)


def _chosen(rng: random.Random, pool: tuple[str, ...]) -> list[JsonObject]:
    count = 1 + int(rng.random() * 3)
    return plain([*sorted({pool[int(rng.random() * len(pool))] for _ in range(count)})])


def _integer(code: str) -> Maker:
    lowest, highest, step = _INTEGERS[code]
    steps = (highest - lowest) // step + 1
    metric = SPEC_BY_CODE[code].metric

    def make(rng: random.Random, *_: object) -> list[JsonObject]:
        number = lowest + step * int(rng.random() * steps)
        return plain({"amount": number, "unit": metric[1]} if metric else number)

    return make


def _measure(code: str) -> Maker:
    lowest, highest = _MEASURES[code]
    metric = SPEC_BY_CODE[code].metric or ("", "")

    def make(rng: random.Random, *_: object) -> list[JsonObject]:
        # Squared: small things are more common than big ones.
        amount = lowest + rng.random() ** 2 * (highest - lowest)
        return plain({"amount": f"{amount:.4f}", "unit": metric[1]})

    return make


def _weight(rng: random.Random, family: FamilyWords, *_: object) -> list[JsonObject]:
    lowest, highest = family.weights
    amount = lowest + rng.random() ** 2 * (highest - lowest)
    return plain({"amount": f"{amount:.4f}", "unit": "KILOGRAM"})


def _price(rng: random.Random, family: FamilyWords, *_: object) -> list[JsonObject]:
    lowest, highest = family.prices
    return price_in_euros(int(lowest + rng.random() ** 2 * (highest - lowest)) + 0.9)


def _temperature(rng: random.Random, *_: object) -> list[JsonObject]:
    return plain(f"{int(rng.random() * 66) / 2 - 18:.1f}")


def _yes_no(rng: random.Random, *_: object) -> list[JsonObject]:
    return plain(rng.random() < 0.5)  # noqa: PLR2004 - a coin


def _release_date(rng: random.Random, _f: object, _w: object, product: Product) -> list[JsonObject]:
    day = product.created - product.created % _DAY
    return plain(atom_time(day + int(rng.random() * 60) * _DAY))


def _catalogue_page(rng: random.Random, *_: object) -> list[JsonObject]:
    return [{"data": 4 + int(rng.random() * 180), "locale": None, "scope": "print"}]


def _ean(rng: random.Random, *_: object) -> list[JsonObject]:
    digits = f"40{int(rng.random() * 10**10):010d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return plain(f"{digits}{-(odd + 3 * even) % 10}")


def _media_code(rng: random.Random, name: str, extension: str) -> str:
    digest = f"{rng.getrandbits(160):040x}"
    stem = _NO_NAME.sub("_", name.lower())
    return f"{'/'.join(digest[:4])}/{digest}_{stem}.{extension}"


def _image(rng: random.Random, _f: object, words: ProductWords, _p: object) -> list[JsonObject]:
    return plain(_media_code(rng, words.names[0], "png"))


def _manual(rng: random.Random, _f: object, words: ProductWords, _p: object) -> list[JsonObject]:
    code = _media_code(rng, words.names[1], "txt")
    return [{"data": code, "locale": "de_DE", "scope": None}]


def _name(_r: object, _f: object, words: ProductWords, _p: object) -> list[JsonObject]:
    return localized(words.names, words.locales)


def _short(_r: object, _f: object, words: ProductWords, _p: object) -> list[JsonObject]:
    return short_descriptions(words)


def _description(
    rng: random.Random, _f: object, words: ProductWords, _p: object
) -> list[JsonObject]:
    return descriptions(rng, words)


def _brand(_r: object, _f: object, words: ProductWords, _p: object) -> list[JsonObject]:
    return plain(words.brand)


MAKERS: Mapping[str, Maker] = {
    "name": _name,
    "short_description": _short,
    "description": _description,
    "brand": _brand,
    "material": _material,
    "care": _care,
    "price": _price,
    "weight": _weight,
    "comfort_temperature": _temperature,
    "release_date": _release_date,
    "catalogue_page": _catalogue_page,
    "ean": _ean,
    "image": _image,
    "manual": _manual,
    **{code: _select(code) for code in _SELECTS},
    **{code: _multiselect(code) for code in _MULTISELECTS},
    **{code: _integer(code) for code in _INTEGERS},
    **{code: _measure(code) for code in _MEASURES},
    **dict.fromkeys(_YES_NO, _yes_no),
}
"""Makers by attribute code; the identifier has none, for it is no value of its own."""


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
    codes = list_family_attributes(product.family) if product.family else _WITHOUT_FAMILY
    return tuple(code for code in codes if code in MAKERS)


def words_for(product: Product) -> FamilyWords:
    """The words of the product's family; a product without one is sold as storage."""
    return FAMILY_BY_CODE[product.family or "storage"]
