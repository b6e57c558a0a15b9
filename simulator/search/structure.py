"""Filters of the structure lists; each list knows only a few, and some know none."""

from collections.abc import Callable, Iterable

from simulator.search.criteria import Criterion
from simulator.search.dates import structure_date
from simulator.shop.structure import StructureItem

Test = Callable[[StructureItem], bool]
Maker = Callable[[Criterion], Test]


def select_items(
    items: Iterable[StructureItem], kind: str, criteria: Iterable[Criterion], used: frozenset[str]
) -> list[StructureItem]:
    """The items of a list that pass all criteria; `used` names the families with products.

    Raises:
        ApiError: 422, a field or operator that this list does not know.
    """
    tests = [_make_test(kind, criterion, used) for criterion in criteria]
    return [item for item in items if all(test(item) for test in tests)]


def _make_test(kind: str, criterion: Criterion, used: frozenset[str]) -> Test:
    if kind == "families" and criterion.field == "has_products":
        wanted = _boolean(criterion)
        return lambda item: (item.code in used) is wanted
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
