"""Criteria of a `search` parameter, turned down where their form is wrong.

`SearchContext` is what filters need to know besides the product that they look at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TypeAlias

import orjson

from pim.json_types import JsonObject, JsonValue
from simulator.errors import ApiError, bad_request, unprocessable
from simulator.render import Percent
from simulator.shop import Entity, Product, ProductModel
from simulator.store import Structure

Predicate: TypeAlias = Callable[[Product], bool]
ModelTest: TypeAlias = Callable[[ProductModel], bool]
EntityTest: TypeAlias = Callable[[Entity], bool]
"""A test of what products and models have both."""


@dataclass(frozen=True, slots=True)
class SearchContext:
    """The structure, the PIM's clock and zone, how complete a product is, a model's variants.

    `legacy`: the PIM is older than version 7, which brought filters on uuids and several others.
    """

    structure: Structure
    percents: Callable[[Product], list[Percent]]
    variants: Callable[[ProductModel], list[Product]]
    zone: tzinfo
    now: datetime
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition: `field`, `operator`, `value`, and what else the filter may need."""

    field: str
    operator: str
    value: JsonValue
    scope: str | None = None
    locale: str | None = None
    locales: tuple[str, ...] = ()

    def unsupported(self) -> ApiError:
        """The refusal of a field or operator that the list does not know."""
        return unprocessable(
            f'Filter on property "{self.field}" is not supported or does not support '
            f'operator "{self.operator}"',
            documented=True,
        )

    def expects(self, what: str) -> ApiError:
        """The refusal of a value of another kind than the filter takes."""
        return unprocessable(f'Property "{self.field}" expects {what} as data.', documented=True)

    def strings(self) -> frozenset[str]:
        """The value as a set of strings.

        Raises:
            ApiError: it is anything else.
        """
        if not isinstance(self.value, list):
            raise self.expects("an array")
        if not all(isinstance(item, str) for item in self.value):
            raise self.expects("an array of strings")
        return frozenset(str(item) for item in self.value)

    def string(self) -> str:
        """The value as a string.

        Raises:
            ApiError: it is anything else.
        """
        if not isinstance(self.value, str):
            raise self.expects("a string")
        return self.value


def parse_query(query: Mapping[str, str]) -> list[Criterion]:
    """The criteria of a listing's whole query, in which a scope may stand apart from `search`.

    Raises:
        ApiError: as of `parse_search`.
    """
    return parse_search(
        query.get("search"),
        scope=query.get("search_scope", query.get("scope")),
        locale=query.get("search_locale"),
    )


def parse_search(text: str | None, *, scope: str | None, locale: str | None) -> list[Criterion]:
    """The criteria of a `search` parameter; all of them must hold.

    `scope` and `locale` stand in where a criterion names none.

    Raises:
        ApiError: 400 if it is no JSON, 422 if it has another form than fields with criteria.
    """
    if text is None:
        return []
    try:
        search = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise bad_request("Search query parameter should be valid JSON.") from error
    if search == []:
        return []
    if not isinstance(search, dict):
        raise unprocessable("Search query parameter has to be an array.")
    return [
        _criterion(field, entry, scope, locale)
        for field, entries in search.items()
        for entry in _entries(field, entries)
    ]


def _entries(field: str, entries: JsonValue) -> list[JsonObject]:
    if isinstance(entries, list):
        found = [entry for entry in entries if isinstance(entry, dict)]
        if len(found) == len(entries):
            return found
    raise unprocessable(
        f'Structure of filter "{field}" should respect this structure: '
        f'{{"{field}":[{{"operator": "my_operator", "value": "my_value"}}]}}'
    )


def _criterion(field: str, entry: JsonObject, scope: str | None, locale: str | None) -> Criterion:
    operator = entry.get("operator")
    if not isinstance(operator, str):
        raise unprocessable(f'Operator is missing for the property "{field}".')
    own_scope, own_locale = entry.get("scope"), entry.get("locale")
    locales = entry.get("locales")
    return Criterion(
        field=field,
        operator=operator,
        value=entry.get("value"),
        scope=own_scope if isinstance(own_scope, str) else scope,
        locale=own_locale if isinstance(own_locale, str) else locale,
        locales=tuple(str(each) for each in locales) if isinstance(locales, list) else (),
    )
