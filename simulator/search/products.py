"""Selections of products and models: criteria turned into tests of what the index holds."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from simulator.errors import unprocessable
from simulator.search.criteria import Criterion, EntityTest, ModelTest, Predicate, SearchContext
from simulator.search.fields import (
    categories_filter,
    created_filter,
    direct_parent_filter,
    enabled_filter,
    family_filter,
    groups_filter,
    identifier_filter,
    parent_filter,
    updated_filter,
    uuid_filter,
)
from simulator.search.scores import completeness_filter, model_completeness_filter, quality_filter
from simulator.shop import IDENTIFIER, Entity, Product, ProductModel, descendants
from simulator.store import SearchIndex

Entry = TypeVar("Entry", bound=Entity)
Test = TypeVar("Test")

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

ModelFilter = Callable[[Criterion, SearchContext], ModelTest]


@dataclass(frozen=True, slots=True)
class Selection(Generic[Entry]):
    """The tests that an entry must pass, and the keys that can pass at all (None: any)."""

    predicates: tuple[Callable[[Entry], bool], ...] = ()
    candidates: frozenset[str] | None = None

    def matches(self, entry: Entry) -> bool:
        """Whether the entry is selected."""
        return all(predicate(entry) for predicate in self.predicates)

    def and_also(self, predicate: Callable[[Entry], bool]) -> "Selection[Entry]":
        """This selection, narrowed by one more test."""
        return Selection((*self.predicates, predicate), self.candidates)


def matching_keys(
    index: SearchIndex[Entry], selection: Selection[Entry], after: str | None
) -> Iterator[str]:
    """The selected uuids, or codes, in their order, beginning behind `after`."""
    keys: Sequence[str] = index.keys()
    if selection.candidates is not None:
        keys = sorted(selection.candidates)
    start = 0 if after is None else bisect_right(keys, after)
    for position in range(start, len(keys)):
        entry = index.entry(keys[position])
        if entry is not None and selection.matches(entry):
            yield keys[position]


def select_products(criteria: Sequence[Criterion], context: SearchContext) -> Selection[Product]:
    """The selection that all criteria together make.

    Raises:
        ApiError: 422, a field, an operator or a value that the PIM does not take.
    """
    predicates = _predicates(criteria, _FILTERS, context)
    wanted = [
        frozenset(value.lower() for value in each.strings())
        for each in criteria
        if (each.field, each.operator) == ("uuid", "IN")
    ]
    return Selection(predicates, frozenset.intersection(*wanted) if wanted else None)


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


def _code_filter(criterion: Criterion, _context: SearchContext) -> ModelTest:
    """`identifier`: the PIM's own filter of codes, in whatever case."""
    match criterion.operator:
        case "IN" | "NOT IN":
            wanted = frozenset(code.casefold() for code in criterion.strings())
            negated = criterion.operator == "NOT IN"
            return lambda model: (model.key in wanted) != negated
        case "=":
            text = criterion.string().casefold()
            return lambda model: model.key == text
        case _:
            raise criterion.unsupported()


_MODEL_FILTERS: dict[str, ModelFilter] = {
    "identifier": _code_filter,
    "family": family_filter,
    "categories": categories_filter,
    "parent": direct_parent_filter,
    "completeness": model_completeness_filter,
    "updated": updated_filter,
    "created": created_filter,
}


def select_models(criteria: Iterable[Criterion], context: SearchContext) -> Selection[ProductModel]:
    """The selection that all criteria together make.

    Raises:
        ApiError: 422, a field, an operator or a value that the PIM does not take.
    """
    return Selection(_predicates(criteria, _MODEL_FILTERS, context))


def _predicates(
    criteria: Iterable[Criterion],
    filters: Mapping[str, Callable[[Criterion, SearchContext], Test]],
    context: SearchContext,
) -> tuple[Test, ...]:
    made: list[Test] = []
    for criterion in criteria:
        make = filters.get(criterion.field)
        if make is None:
            raise criterion.unsupported()
        made.append(make(criterion, context))
    return tuple(made)
