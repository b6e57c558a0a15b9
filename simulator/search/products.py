"""Which products a list selects: criteria turned into tests of what the index holds."""

from collections.abc import Callable, Iterable

from simulator.errors import unprocessable
from simulator.search.context import EntityTest, Predicate, SearchContext
from simulator.search.criteria import Criterion
from simulator.search.fields import (
    categories_filter,
    created_filter,
    enabled_filter,
    family_filter,
    groups_filter,
    identifier_filter,
    parent_filter,
    updated_filter,
    uuid_filter,
)
from simulator.search.scored import completeness_filter, quality_filter
from simulator.search.selection import Selection
from simulator.shop.attributes import IDENTIFIER
from simulator.shop.categories import descendants
from simulator.shop.product import Product

Filter = Callable[[Criterion, SearchContext], Predicate]


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
    "updated": updated_filter,
    "created": created_filter,
}


def select_products(criteria: Iterable[Criterion], context: SearchContext) -> Selection[Product]:
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


def in_channel_tree(channel: str, context: SearchContext) -> EntityTest:
    """Products, or models, of the channel's category tree: what `scope` restricts a list to.

    Raises:
        ApiError: 422, there is no such channel.
    """
    item = context.structure.get("channels", channel)
    if item is None:
        raise unprocessable(f'Scope "{channel}" does not exist or is not activated.')
    root = frozenset({str(item.body["category_tree"])})
    below = descendants(root, context.structure.category_parents())
    return lambda entity: not below.isdisjoint(entity.categories)
