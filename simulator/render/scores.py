"""Completeness and quality scores, by channel and locale."""

from typing import NamedTuple

from pim.json_types import JsonObject, as_object, texts
from simulator.shop import IDENTIFIER, Product, Values
from simulator.store import Structure

# One product in fifty has not been looked at yet: scores are computed some time after a save.
_UNSCORED = 50
# The letter of every percentage: A from 95, B from 80, C from 60, D from 40.
_LETTERS = "E" * 40 + "D" * 20 + "C" * 20 + "B" * 15 + "A" * 6


class Percent(NamedTuple):
    """How complete a product is for one channel and locale."""

    scope: str
    locale: str
    percent: int


class Demand(NamedTuple):
    """What a family asks for one channel; `plain` attributes have one value for all locales."""

    scope: str
    locales: tuple[str, ...]
    plain: frozenset[str]
    varied: tuple[str, ...]


class Scorer:
    """Scores a product's values against what its family asks, as the structure says now."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._version = -1
        self._demands: dict[str, tuple[Demand, ...]] = {}

    def percents(self, product: Product, values: Values) -> list[Percent]:
        """Percent filled, by channel and locale; none for a product without a family."""
        if product.family is None:
            return []
        found: list[Percent] = []
        for demand in self._demands_of(product.family):
            filled = len(demand.plain & values.keys())
            filled += IDENTIFIER in demand.plain and product.identifier is not None
            asked = len(demand.plain) + len(demand.varied)
            for locale in demand.locales:
                varied = sum(_has(values, code, demand.scope, locale) for code in demand.varied)
                found.append(Percent(demand.scope, locale, (filled + varied) * 100 // asked))
        return found

    def _demands_of(self, family: str) -> tuple[Demand, ...]:
        if self._version != self._structure.version:
            self._demands.clear()
            self._version = self._structure.version
        if family not in self._demands:
            self._demands[family] = _make_demands(self._structure, family)
        return self._demands[family]


def completenesses(percents: list[Percent]) -> list[JsonObject]:
    """Completenesses as REST shows them."""
    return [
        {"scope": scope, "locale": locale, "data": percent} for scope, locale, percent in percents
    ]


def quality_scores(product: Product, percents: list[Percent]) -> list[JsonObject]:
    """A letter from A to E by channel and locale; some products have none yet."""
    return [
        {"scope": each.scope, "locale": each.locale, "data": letter}
        for each in percents
        if (letter := grade_product(product, each.percent)) is not None
    ]


def grade_product(product: Product, percent: int) -> str | None:
    """The quality of a product that is so many percent complete, or None: not scored yet."""
    if product.number % _UNSCORED == 0:
        return None
    return _LETTERS[max(percent - product.number % 7, 0)]


def _has(values: Values, code: str, scope: str, locale: str) -> bool:
    for value in values.get(code, ()):
        if value["locale"] in {None, locale} and value["scope"] in {None, scope}:
            return True
    return False


def _make_demands(structure: Structure, family: str) -> tuple[Demand, ...]:
    item = structure.get("families", family)
    asked = {} if item is None else as_object(item.body.get("attribute_requirements"))
    varied = {
        attribute.code
        for attribute in structure.items("attributes")
        if attribute.body.get("localizable") or attribute.body.get("scopable")
    }
    found: list[Demand] = []
    for channel in structure.items("channels"):
        codes = texts(asked.get(channel.code))
        if codes:
            locales = tuple(texts(channel.body.get("locales")))
            plain = frozenset(code for code in codes if code not in varied)
            rest = tuple(code for code in codes if code in varied)
            found.append(Demand(channel.code, locales, plain, rest))
    return tuple(found)
