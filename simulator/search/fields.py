"""Filters on a product's own fields: names, family, groups, categories, parent, switch."""

from simulator.errors import unprocessable
from simulator.search.criteria import Criterion, EntityTest, Predicate, SearchContext
from simulator.search.dates import product_dates
from simulator.shop import IDENTIFIER, Product, descendants
from simulator.store import searchable_updated

_MOST_IDENTIFIERS = 100


def uuid_filter(criterion: Criterion, context: SearchContext) -> Predicate:
    """`uuid` IN and NOT IN, since version 7."""
    if context.legacy or criterion.operator not in {"IN", "NOT IN"}:
        raise criterion.unsupported()
    wanted = frozenset(value.lower() for value in criterion.strings())
    if criterion.operator == "IN":
        return lambda product: product.uuid in wanted
    return lambda product: product.uuid not in wanted


def identifier_filter(criterion: Criterion, context: SearchContext) -> Predicate:
    """The main identifier, whatever its case, by its attribute's code or as `identifier`."""
    match criterion.operator:
        case "EMPTY":
            return lambda product: product.identifier is None
        case "NOT EMPTY":
            return lambda product: product.identifier is not None
        case "IN" | "NOT IN":
            return _identifier_list(criterion, context)
        case _:
            return _identifier_text(criterion)


def _identifier_list(criterion: Criterion, context: SearchContext) -> Predicate:
    if context.legacy and criterion.field == IDENTIFIER:
        raise criterion.unsupported()
    wanted = frozenset(value.casefold() for value in criterion.strings())
    if len(wanted) > _MOST_IDENTIFIERS:
        raise unprocessable(f"You cannot search for more than {_MOST_IDENTIFIERS} identifiers.")
    negated = criterion.operator == "NOT IN"
    return lambda product: (_folded(product) in wanted) != negated


def _identifier_text(criterion: Criterion) -> Predicate:
    operator = criterion.operator
    if operator not in {"=", "!=", "CONTAINS", "DOES NOT CONTAIN", "STARTS WITH"}:
        raise criterion.unsupported()
    text = criterion.string().casefold()
    match operator:
        case "=":
            return lambda product: _folded(product) == text
        case "!=":
            return lambda product: _folded(product) not in {None, text}
        case "CONTAINS":
            return lambda product: text in (_folded(product) or "")
        case "DOES NOT CONTAIN":
            return lambda product: text not in (_folded(product) or text)
        case _:
            return lambda product: (_folded(product) or "").startswith(text)


def _folded(product: Product) -> str | None:
    return None if product.identifier is None else product.identifier.casefold()


def family_filter(criterion: Criterion, _context: SearchContext) -> EntityTest:
    """`family` IN, NOT IN, EMPTY, NOT EMPTY."""
    match criterion.operator:
        case "IN":
            wanted = criterion.strings()
            return lambda product: product.family in wanted
        case "NOT IN":
            unwanted = criterion.strings()
            return lambda product: product.family not in unwanted
        case "EMPTY":
            return lambda product: product.family is None
        case "NOT EMPTY":
            return lambda product: product.family is not None
        case _:
            raise criterion.unsupported()


def groups_filter(criterion: Criterion, _context: SearchContext) -> Predicate:
    """`groups` IN, NOT IN, EMPTY, NOT EMPTY."""
    match criterion.operator:
        case "IN":
            wanted = criterion.strings()
            return lambda product: not wanted.isdisjoint(product.groups)
        case "NOT IN":
            unwanted = criterion.strings()
            return lambda product: unwanted.isdisjoint(product.groups)
        case "EMPTY":
            return lambda product: not product.groups
        case "NOT EMPTY":
            return lambda product: bool(product.groups)
        case _:
            raise criterion.unsupported()


def enabled_filter(criterion: Criterion, _context: SearchContext) -> Predicate:
    """`enabled` = and !=."""
    if criterion.operator not in {"=", "!="}:
        raise criterion.unsupported()
    if not isinstance(criterion.value, bool):
        raise criterion.expects("a boolean")
    wanted = criterion.value is (criterion.operator == "=")
    return lambda product: product.enabled is wanted


def categories_filter(criterion: Criterion, context: SearchContext) -> EntityTest:
    """`categories`, with or without what is below them, or none at all."""
    if criterion.operator == "UNCLASSIFIED":
        return lambda product: not product.categories
    wanted = criterion.strings()
    parents = context.structure.category_parents()
    unknown = sorted(wanted - parents.keys())
    if unknown:
        raise unprocessable(f'Category "{unknown[0]}" does not exist.')
    match criterion.operator:
        case "IN":
            return lambda product: not wanted.isdisjoint(product.categories)
        case "NOT IN":
            return lambda product: wanted.isdisjoint(product.categories)
        case "IN OR UNCLASSIFIED":
            return lambda product: (
                not product.categories or not wanted.isdisjoint(product.categories)
            )
        case "IN CHILDREN":
            below = descendants(wanted, parents)
            return lambda product: not below.isdisjoint(product.categories)
        case "NOT IN CHILDREN":
            unwanted = descendants(wanted, parents)
            return lambda product: unwanted.isdisjoint(product.categories)
        case _:
            raise criterion.unsupported()


def parent_filter(criterion: Criterion, context: SearchContext) -> Predicate:
    """`parent` = (every descendant), and since version 7 IN, EMPTY and NOT EMPTY."""
    if context.legacy and criterion.operator != "=":
        raise criterion.unsupported()
    if criterion.operator != "=":
        return direct_parent_filter(criterion, context)
    parent = criterion.string().casefold()
    return lambda product: any(code.casefold() == parent for code in product.ancestors)


def direct_parent_filter(criterion: Criterion, _context: SearchContext) -> EntityTest:
    """`parent` IN (directly below one of these models, in whatever case), EMPTY and NOT EMPTY."""
    match criterion.operator:
        case "IN":
            wanted = frozenset(code.casefold() for code in criterion.strings())
            return lambda entity: entity.parent is not None and entity.parent.casefold() in wanted
        case "EMPTY":
            return lambda entity: entity.parent is None
        case "NOT EMPTY":
            return lambda entity: entity.parent is not None
        case _:
            raise criterion.unsupported()


def updated_filter(criterion: Criterion, context: SearchContext) -> EntityTest:
    """`updated`: of variants and sub-models the latest instant of them and their models."""
    compare = product_dates(criterion, context.zone, context.now)
    return lambda entity: compare(searchable_updated(entity))


def created_filter(criterion: Criterion, context: SearchContext) -> EntityTest:
    """`created`: of the product or model itself, not of its models."""
    compare = product_dates(criterion, context.zone, context.now)
    return lambda entity: compare(entity.created)
