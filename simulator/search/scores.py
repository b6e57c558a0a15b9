"""Filters on what is computed of a product: completeness and quality scores."""

import operator
from collections.abc import Callable

from simulator.errors import unprocessable
from simulator.render import grade_product
from simulator.search.criteria import Criterion, ModelTest, Predicate, SearchContext
from simulator.shop import Product, ProductModel

_WHOLE = 100
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_ON_ALL_LOCALES: dict[str, str] = {
    "GREATER THAN ON ALL LOCALES": ">",
    "GREATER OR EQUALS THAN ON ALL LOCALES": ">=",
    "LOWER THAN ON ALL LOCALES": "<",
    "LOWER OR EQUALS THAN ON ALL LOCALES": "<=",
}


def completeness_filter(criterion: Criterion, context: SearchContext) -> Predicate:
    """`completeness` against a percentage: on some locale of the channel, or on all of them."""
    on_all = criterion.operator in _ON_ALL_LOCALES
    compare = _COMPARE.get(_ON_ALL_LOCALES.get(criterion.operator, criterion.operator))
    if compare is None:
        raise criterion.unsupported()
    if not isinstance(criterion.value, int) or isinstance(criterion.value, bool):
        raise criterion.expects("an integer")
    limit = criterion.value
    locales = _asked_locales(criterion, context, on_all=on_all)

    def holds(product: Product) -> bool:
        found = [
            compare(each.percent, limit)
            for each in context.percents(product)
            if each.scope == criterion.scope and each.locale in locales
        ]
        return bool(found) and (all(found) if on_all else any(found))

    return holds


def _asked_locales(criterion: Criterion, context: SearchContext, *, on_all: bool) -> frozenset[str]:
    if criterion.scope is None:
        raise unprocessable('Property "completeness" expects a valid scope.')
    known = frozenset(context.structure.channel_locales(criterion.scope))
    if not known:
        raise unprocessable(
            f'Property "completeness" expects a valid scope. The scope does not '
            f'exist, "{criterion.scope}" given.'
        )
    if on_all:
        if not criterion.locales:
            raise unprocessable('Property "completeness" expects an array with the key "locales".')
        return frozenset(criterion.locales)
    return frozenset({criterion.locale}) if criterion.locale else known


def model_completeness_filter(criterion: Criterion, context: SearchContext) -> ModelTest:
    """`completeness` of models: whether some or all of their variants are complete, or are not."""
    quantity, _, state = criterion.operator.rpartition(" ")
    if quantity not in {"ALL", "AT LEAST"} or state not in {"COMPLETE", "INCOMPLETE"}:
        raise criterion.unsupported()
    locales = frozenset(criterion.locales) or _asked_locales(criterion, context, on_all=False)

    def is_complete(variant: Product) -> bool:
        return all(
            each.percent == _WHOLE
            for each in context.percents(variant)
            if each.scope == criterion.scope and each.locale in locales
        )

    def holds(model: ProductModel) -> bool:
        found = [is_complete(each) == (state == "COMPLETE") for each in context.variants(model)]
        return bool(found) and (all(found) if quantity == "ALL" else any(found))

    return holds


def quality_filter(criterion: Criterion, context: SearchContext) -> Predicate:
    """`quality_score` IN letters, for one channel and locale."""
    if criterion.operator != "IN":
        raise criterion.unsupported()
    wanted = criterion.strings()
    if not wanted <= set("ABCDE"):
        raise criterion.expects("letters from A to E")
    if criterion.scope is None or criterion.locale is None:
        raise unprocessable('Property "quality_score" expects a valid scope and locale.')

    def holds(product: Product) -> bool:
        return any(
            grade_product(product, each.percent) in wanted
            for each in context.percents(product)
            if each.scope == criterion.scope and each.locale == criterion.locale
        )

    return holds
