"""Which products a list selects: criteria turned into tests of what the index holds."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from simulator.errors import unprocessable
from simulator.search.context import Predicate, SearchContext
from simulator.search.criteria import Criterion
from simulator.search.dates import product_dates
from simulator.search.fields import (
    categories_filter,
    enabled_filter,
    family_filter,
    groups_filter,
    identifier_filter,
    parent_filter,
    uuid_filter,
)
from simulator.search.scored import completeness_filter, quality_filter
from simulator.shop.attributes import IDENTIFIER
from simulator.shop.categories import descendants
from simulator.shop.product import Product
from simulator.store.index import SearchIndex, searchable_updated

Filter = Callable[[Criterion, SearchContext], Predicate]


def _updated_filter(criterion: Criterion, context: SearchContext) -> Predicate:
    compare = product_dates(criterion, context.zone, context.now)
    return lambda product: compare(searchable_updated(product))


def _created_filter(criterion: Criterion, context: SearchContext) -> Predicate:
    compare = product_dates(criterion, context.zone, context.now)
    return lambda product: compare(product.created)


_FILTERS: dict[str, Filter] = {
    "uuid": uuid_filter,
    IDENTIFIER: identifier_filter,
    "identifier": identifier_filter,
    "family": family_filter,
    "groups": groups_filter,
    "enabled": enabled_filter,
    "categories": categories_filter,
    "parent": parent_filter,
    "completeness": completeness_filter,
    "quality_score": quality_filter,
    "updated": _updated_filter,
    "created": _created_filter,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The tests that a product must pass, and the uuids that can pass at all (None: any)."""

    predicates: tuple[Predicate, ...] = ()
    candidates: frozenset[str] | None = None

    def matches(self, product: Product) -> bool:
        """Whether the product is selected."""
        return all(predicate(product) for predicate in self.predicates)

    def and_also(self, predicate: Predicate) -> "Selection":
        """This selection, narrowed by one more test."""
        return Selection((*self.predicates, predicate), self.candidates)


def select_products(criteria: Iterable[Criterion], context: SearchContext) -> Selection:
    """The selection that all criteria together make.

    Raises:
        ApiError: 422, a field, an operator or a value that the PIM does not take.
    """
    predicates: list[Predicate] = []
    candidates: frozenset[str] | None = None
    for criterion in criteria:
        make = _FILTERS.get(criterion.field)
        if make is None:
            raise criterion.unsupported()
        predicates.append(make(criterion, context))
        if criterion.field == "uuid" and criterion.operator == "IN":
            wanted = frozenset(value.lower() for value in criterion.strings())
            candidates = wanted if candidates is None else candidates & wanted
    return Selection(tuple(predicates), candidates)


def in_channel_tree(channel: str, context: SearchContext) -> Predicate:
    """Products of the channel's category tree: what `scope` restricts a list to.

    Raises:
        ApiError: 422, there is no such channel.
    """
    item = context.structure.get("channels", channel)
    if item is None:
        raise unprocessable(f'Scope "{channel}" does not exist or is not activated.')
    root = frozenset({str(item.body["category_tree"])})
    below = descendants(root, context.structure.category_parents())
    return lambda product: not below.isdisjoint(product.categories)


def matching_uuids(index: SearchIndex, selection: Selection, after: str | None) -> Iterator[str]:
    """The selected uuids in their order, beginning behind `after`."""
    keys: Sequence[str] = index.keys()
    if selection.candidates is not None:
        keys = sorted(selection.candidates)
    start = 0 if after is None else bisect_right(keys, after)
    for position in range(start, len(keys)):
        entry = index.entry(keys[position])
        if entry is not None and selection.matches(entry):
            yield keys[position]
