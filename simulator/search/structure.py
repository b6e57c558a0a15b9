"""Filters of the structure lists; each list knows only a few, and some know none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from simulator.search.criteria import Criterion
from simulator.search.dates import structure_date
from simulator.shop import StructureItem

Test = Callable[[StructureItem], bool]
Maker = Callable[[Criterion], Test]


@dataclass(frozen=True, slots=True)
class ListRules:
    """What a PIM's lists can be filtered by beyond what all of them know.

    `legacy`: older than version 7. `saas`: several attributes may be identifiers, one the main one.
    `used`: the families with products.
    """

    legacy: bool
    saas: bool
    used: frozenset[str] = frozenset()


def select_items(
    items: Iterable[StructureItem], kind: str, criteria: Iterable[Criterion], rules: ListRules
) -> list[StructureItem]:
    """The items of a list that pass all criteria.

    Raises:
        ApiError: 422, a field or operator that this list does not know.
    """
    tests = [_make_test(kind, criterion, rules) for criterion in criteria]
    return [item for item in items if all(test(item) for test in tests)]


def _make_test(kind: str, criterion: Criterion, rules: ListRules) -> Test:
    match kind, criterion.field:
        case "families", "has_products" if not rules.legacy:
            has_products = _boolean(criterion)
            return lambda item: (item.code in rules.used) is has_products
        case "attributes", "is_main_identifier" if rules.saas:
            is_main = _boolean(criterion)
            return lambda item: (item.body.get("is_main_identifier") is True) is is_main
    maker = _MAKERS.get((kind, criterion.field))
    if maker is None:
        raise criterion.unsupported()
    return maker(criterion)


def _boolean(criterion: Criterion) -> bool:
    if criterion.operator != "=":
        raise criterion.unsupported()
    if not isinstance(criterion.value, bool):
        raise criterion.expects("a boolean")
    return criterion.value


def _code_in(criterion: Criterion) -> Test:
    if criterion.operator != "IN":
        raise criterion.unsupported()
    wanted = frozenset(code.casefold() for code in criterion.strings())
    return lambda item: item.code.casefold() in wanted


def _type_in(criterion: Criterion) -> Test:
    if criterion.operator != "IN":
        raise criterion.unsupported()
    wanted = criterion.strings()
    return lambda item: item.body.get("type") in wanted


def _updated(criterion: Criterion) -> Test:
    compare = structure_date(criterion)
    return lambda item: compare(item.updated)


def _parent(criterion: Criterion) -> Test:
    if criterion.operator != "=":
        raise criterion.unsupported()
    parent = criterion.string()
    return lambda item: item.body.get("parent") == parent


def _is_root(criterion: Criterion) -> Test:
    wanted = _boolean(criterion)
    return lambda item: (item.body.get("parent") is None) is wanted


def _enabled(criterion: Criterion) -> Test:
    wanted = _boolean(criterion)
    return lambda item: item.body.get("enabled") is wanted


_MAKERS: dict[tuple[str, str], Maker] = {
    **{(kind, "code"): _code_in for kind in ("attributes", "attribute-groups", "families")},
    **{(kind, "updated"): _updated for kind in ("attributes", "attribute-groups", "families")},
    ("attributes", "type"): _type_in,
    ("categories", "code"): _code_in,
    ("categories", "updated"): _updated,
    ("categories", "parent"): _parent,
    ("categories", "is_root"): _is_root,
    ("locales", "enabled"): _enabled,
    ("currencies", "enabled"): _enabled,
}
