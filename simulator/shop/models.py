"""Product models with their sub-models and variants, drawn from a random generator."""

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from simulator.shop.attributes import IDENTIFIER
from simulator.shop.categories import EXTRA_CATEGORIES
from simulator.shop.families import (
    FAMILY_BY_CODE,
    FAMILY_VARIANTS,
    FamilyVariantSpec,
    list_family_attributes,
)
from simulator.shop.options import OPTIONS
from simulator.shop.product import NO_LINKS, NO_QUANTITIES, Product, ProductModel, Values
from simulator.shop.product_heads import make_identifier, make_uuid, sure_identifier
from simulator.shop.values import draw_values, plain

_FIRST_CREATED = 1_609_459_200  # 2021-01-01
_CREATED_SPAN = 110_000_000  # into mid-2024
_UPDATED_SPAN = 34_000_000  # a good year after
_EXTRA_CATEGORY = 0.3
_WITH_X_SELL = 0.3
_WITH_A_MODEL = 0.2
_IN_A_SET = 0.1
_DIGITS_ONLY = 0.1
_WITH_A_SLASH = 0.05
_LOWER_CASE = 0.3


@dataclass(slots=True)
class ModelFamily:
    """A root, its sub-models if it has any, and its variants."""

    root: ProductModel
    subs: list[ProductModel] = field(default_factory=list)
    variants: list[Product] = field(default_factory=list)


class Others(NamedTuple):
    """What a new model and its variants may be associated with."""

    products: Sequence[str]
    models: Sequence[str]


def make_models(seed: int, count: int, *, first_number: int, others: Others) -> list[ModelFamily]:
    """So many roots with everything below them, from the seed; variants have the next numbers."""
    rng = random.Random(f"{seed}:models")
    numbers = itertools.count(first_number)
    found: list[ModelFamily] = []
    codes = list(others.models)
    for position in range(count):
        made = make_model_family(
            rng, position, lambda: next(numbers), Others(others.products, codes)
        )
        found.append(made)
        codes.append(made.root.code)
    return found


def make_model_family(
    rng: random.Random, position: int, take_number: Callable[[], int], others: Others
) -> ModelFamily:
    """A root that no other `position` has, with all that is below it."""
    spec = FAMILY_VARIANTS[int(rng.random() * len(FAMILY_VARIANTS))]
    created = _FIRST_CREATED + int(rng.random() * _CREATED_SPAN)
    blank = _blank(spec, created, take_number())
    lower = frozenset(code for level in spec.levels for code in (*level.axes, *level.attributes))
    root = ProductModel(
        code=_root_code(rng, position, spec.family),
        family=spec.family,
        family_variant=spec.code,
        parent=None,
        categories=tuple(sorted({spec.family, *_extra_categories(rng)})),
        created=created,
        updated=created + int(rng.random() * _UPDATED_SPAN),
        values=_drawn(
            rng, blank, [code for code in list_family_attributes(spec.family) if code not in lower]
        ),
        associations=_x_sell(rng, others.products),
        linked_models=_x_sell(rng, others.models) if rng.random() < _WITH_A_MODEL else NO_LINKS,
        quantified=_in_a_set(rng, others.products),
        quantified_models=_in_a_set(rng, others.models),
    )
    made = ModelFamily(root)
    if len(spec.levels) == 1:
        made.variants += _variants(rng, root, spec, take_number, others)
        return made
    for option in _axis_options(rng, spec.levels[0].axes[0], most=3):
        sub = _sub(rng, root, spec, option)
        made.subs.append(sub)
        made.variants += _variants(rng, sub, spec, take_number, others)
    return made


def make_variant(
    rng: random.Random, parent: ProductModel, spec: FamilyVariantSpec, number: int, option: str
) -> Product:
    """A variant below `parent`, with this option of its axis."""
    created = parent.created + int(rng.random() * 1_000_000)
    level = spec.levels[-1]
    blank = replace(
        _blank(spec, created, number),
        uuid=make_uuid(rng),
        identifier=make_identifier(rng, number, spec.family),
        categories=_extra_categories(rng),
        parent=parent.code,
        updated=created + int(rng.random() * _UPDATED_SPAN),
    )
    values = {level.axes[0]: plain(option), **_drawn(rng, blank, level.attributes)}
    return replace(blank, values=values)


def _variants(
    rng: random.Random,
    parent: ProductModel,
    spec: FamilyVariantSpec,
    take_number: Callable[[], int],
    others: Others,
) -> list[Product]:
    found: list[Product] = []
    for option in _axis_options(rng, spec.levels[-1].axes[0], most=4):
        variant = make_variant(rng, parent, spec, take_number(), option)
        links, parts = _x_sell(rng, others.products), _in_a_set(rng, others.products)
        found.append(replace(variant, associations=links, quantified=parts))
    return found


def _sub(
    rng: random.Random, root: ProductModel, spec: FamilyVariantSpec, option: str
) -> ProductModel:
    level = spec.levels[0]
    created = root.created + int(rng.random() * 500_000)
    drawn = _drawn(rng, _blank(spec, created, 0), level.attributes)
    return ProductModel(
        code=f"{root.code}-{option}",
        family=root.family,
        family_variant=root.family_variant,
        parent=root.code,
        categories=_extra_categories(rng),
        created=created,
        updated=created + int(rng.random() * _UPDATED_SPAN),
        values={level.axes[0]: plain(option), **drawn},
    )


def _blank(spec: FamilyVariantSpec, created: int, number: int) -> Product:
    return Product(
        uuid="",
        identifier=None,
        number=number,
        family=spec.family,
        enabled=True,
        categories=(),
        created=created,
        updated=created,
        values={},
    )


def _drawn(rng: random.Random, blank: Product, codes: Sequence[str]) -> Values:
    return draw_values(rng, blank, [code for code in codes if code != IDENTIFIER])


def _root_code(rng: random.Random, position: int, family: str) -> str:
    draw = rng.random()
    prefix = FAMILY_BY_CODE[family].prefix
    if draw < _DIGITS_ONLY:
        return f"{position:06d}"
    if draw < _DIGITS_ONLY + _WITH_A_SLASH:
        return f"{prefix}/{position} {FAMILY_BY_CODE[family].nouns[0].en}"
    if draw < _DIGITS_ONLY + _WITH_A_SLASH + _LOWER_CASE:
        return f"{family}_{position:04d}"
    return f"{prefix}-M{position:04d}"


def _axis_options(rng: random.Random, axis: str, *, most: int) -> list[str]:
    known = [option for option, _label in OPTIONS[axis]]
    return rng.sample(known, min(len(known), 2 + int(rng.random() * (most - 1))))


def _extra_categories(rng: random.Random) -> tuple[str, ...]:
    if rng.random() >= _EXTRA_CATEGORY:
        return ()
    return (EXTRA_CATEGORIES[int(rng.random() * len(EXTRA_CATEGORIES))],)


def _x_sell(rng: random.Random, others: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    if not others or rng.random() >= _WITH_X_SELL:
        return NO_LINKS
    return {"X_SELL": tuple(sorted({rng.choice(others) for _ in range(1 + int(rng.random() * 3))}))}


def _in_a_set(
    rng: random.Random, others: Sequence[str]
) -> Mapping[str, tuple[tuple[str, int], ...]]:
    if not others or rng.random() >= _IN_A_SET:
        return NO_QUANTITIES
    return {"PRODUCT_SET": ((rng.choice(others), 1 + int(rng.random() * 4)),)}


def stand_in(model: ProductModel) -> Product:
    """A product of the model's family, for those who make values of one."""
    return Product(
        uuid="",
        identifier=None,
        number=0,
        family=model.family,
        enabled=True,
        categories=(),
        created=model.created,
        updated=model.updated,
        values=model.values,
    )


def with_sure_identifier(rng: random.Random, variant: Product) -> Product:
    """The variant with an identifier, as before version 7 it must have one."""
    if variant.identifier is not None:
        return variant
    return replace(variant, identifier=sure_identifier(rng, variant.number, variant.family))
