"""Which product models a list selects."""

from collections.abc import Callable, Iterable

from simulator.search.context import ModelTest, SearchContext
from simulator.search.criteria import Criterion
from simulator.search.fields import (
    categories_filter,
    created_filter,
    direct_parent_filter,
    family_filter,
    updated_filter,
)
from simulator.search.scored import model_completeness_filter
from simulator.search.selection import Selection
from simulator.shop.model import ProductModel

Filter = Callable[[Criterion, SearchContext], ModelTest]


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


_FILTERS: dict[str, Filter] = {
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
    predicates: list[ModelTest] = []
    for criterion in criteria:
        make = _FILTERS.get(criterion.field)
        if make is None:
            raise criterion.unsupported()
        predicates.append(make(criterion, context))
    return Selection(tuple(predicates))
