"""Products without their values: cheap enough to make 100,000 of them while starting."""

import random
from collections.abc import Mapping, Sequence

from simulator.shop.categories import EXTRA_CATEGORIES
from simulator.shop.families import FAMILIES, FAMILY_BY_CODE
from simulator.shop.product import NO_LINKS, NO_QUANTITIES, Product

_FIRST_CREATED = 1_609_459_200  # 2021-01-01
_CREATED_SPAN = 110_000_000  # into mid-2024
_UPDATED_SPAN = 34_000_000  # a good year after
_NINE_DIGITS = 1_000_000_000
# Shares of all products, as an operator of a real shop would know them.
_WITHOUT_FAMILY = 0.02
_WITHOUT_IDENTIFIER = 0.01
_WITHOUT_CATEGORY = 0.04
_DISABLED = 0.08
_EXTRA_CATEGORY = 0.25
_DIGITS_ONLY = 0.35
_WITH_X_SELL = 0.35
_WITH_UPSELL = 0.08
_IN_A_SET = 0.03
_IN_A_GROUP = 0.02


def make_uuid(rng: random.Random) -> str:
    """A version 4 uuid from `rng`."""
    digits = f"{rng.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def make_head(rng: random.Random, number: int, others: Sequence[str]) -> Product:
    """The product with this number, drawn from `rng`; it may be associated with `others`."""
    family = _family(rng)
    created = _FIRST_CREATED + int(rng.random() * _CREATED_SPAN)
    return Product(
        uuid=make_uuid(rng),
        identifier=make_identifier(rng, number, family),
        number=number,
        family=family,
        enabled=rng.random() >= _DISABLED,
        categories=_categories(rng, family),
        created=created,
        updated=created + int(rng.random() * _UPDATED_SPAN),
        groups=("winter_favourites",) if rng.random() < _IN_A_GROUP else (),
        associations=_associations(rng, others),
        quantified=_quantified(rng, others),
    )


def make_identifier(rng: random.Random, number: int, family: str | None) -> str | None:
    """An SKU no other number has: digits with leading zeros, or a code with dashes, or none."""
    if rng.random() < _WITHOUT_IDENTIFIER:
        return None
    return sure_identifier(rng, number, family)


def sure_identifier(rng: random.Random, number: int, family: str | None) -> str:
    """An SKU no other number has."""
    if rng.random() < _DIGITS_ONLY:
        # 7919 is prime to the modulus: each number has its own nine digits.
        return f"{number * 7919 % _NINE_DIGITS:09d}"
    prefix = FAMILY_BY_CODE[family].prefix if family else "MSC"
    return f"{prefix}-{number:05d}-{'ABCDEFGH'[int(rng.random() * 8)]}"


def _family(rng: random.Random) -> str | None:
    draw = rng.random()
    if draw < _WITHOUT_FAMILY:
        return None
    return FAMILIES[int(rng.random() * len(FAMILIES))].code


def _categories(rng: random.Random, family: str | None) -> tuple[str, ...]:
    if rng.random() < _WITHOUT_CATEGORY:
        return ()
    codes = {family} if family else set()
    if rng.random() < _EXTRA_CATEGORY or not codes:
        codes.add(EXTRA_CATEGORIES[int(rng.random() * len(EXTRA_CATEGORIES))])
    return tuple(sorted(code for code in codes if code))


def _associations(rng: random.Random, others: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    links: dict[str, tuple[str, ...]] = {}
    if others and rng.random() < _WITH_X_SELL:
        links["X_SELL"] = _some(rng, others, 1 + int(rng.random() * 4))
    if others and rng.random() < _WITH_UPSELL:
        links["UPSELL"] = _some(rng, others, 1)
    return links or NO_LINKS


def _quantified(
    rng: random.Random, others: Sequence[str]
) -> Mapping[str, tuple[tuple[str, int], ...]]:
    if not others or rng.random() >= _IN_A_SET:
        return NO_QUANTITIES
    parts = _some(rng, others, 1 + int(rng.random() * 3))
    return {"PRODUCT_SET": tuple((part, 1 + int(rng.random() * 4)) for part in parts)}


def _some(rng: random.Random, others: Sequence[str], count: int) -> tuple[str, ...]:
    return tuple(sorted({others[int(rng.random() * len(others))] for _ in range(count)}))
