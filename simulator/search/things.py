"""Filters of the lists of records and assets: codes, instants, and whether all is filled in."""

from collections.abc import Callable
from datetime import datetime

import orjson

from pim.json_types import JsonObject, as_object
from simulator.search.criteria import Criterion, parse_search
from simulator.search.dates import thing_dates
from simulator.shop import Thing, ThingKind
from simulator.store import Structure

Test = Callable[[Thing], bool]


class ThingFilters:
    """What one PIM's lists of a kind can be searched by.

    `legacy`: older than version 7, which brought codes, and instants but `>` for records.
    """

    def __init__(
        self, structure: Structure, kind: ThingKind, *, now: datetime, legacy: bool
    ) -> None:
        self._structure = structure
        self._kind = kind
        self._now = now
        self._legacy = legacy

    def make(self, criterion: Criterion) -> Test:
        """The test that a criterion asks for.

        Raises:
            ApiError: 422, a field, an operator or a value that the list does not take.
        """
        match criterion.field:
            case "code" if criterion.operator == "IN" and not self._legacy:
                wanted = frozenset(code.casefold() for code in criterion.strings())
                return lambda thing: thing.code.casefold() in wanted
            case "updated":
                return self._updated(criterion)
            case "complete" if criterion.operator == "=" and self._kind is ThingKind.RECORD:
                return self._complete(criterion)
            case _:
                raise criterion.unsupported()

    def _updated(self, criterion: Criterion) -> Test:
        is_new = self._legacy and self._kind is ThingKind.RECORD
        if is_new and criterion.operator != ">":
            raise criterion.unsupported()
        compare = thing_dates(criterion, self._now)
        return lambda thing: compare(thing.updated)

    def _complete(self, criterion: Criterion) -> Test:
        if not isinstance(criterion.value, bool):
            raise criterion.expects("a boolean")
        wanted, channel, locales = criterion.value, criterion.scope, criterion.locales
        return lambda thing: self._is_complete(thing, channel, locales) is wanted

    def _is_complete(self, thing: Thing, channel: str | None, locales: tuple[str, ...]) -> bool:
        required = [
            item.body
            for item in self._structure.items(thing.kind.attributes, thing.family)
            if item.body.get("is_required_for_completeness") is True
        ]
        return all(
            _is_filled(thing, attribute, channel, locale)
            for attribute in required
            for locale in locales
        )


def parse_thing_search(text: str | None) -> list[Criterion]:
    """The criteria of a list of things; all of them must hold.

    `complete` is one criterion, not a list of them, and names a channel in place of a scope.

    Raises:
        ApiError: 400 if it is no JSON, 422 if it has another form.
    """
    return parse_search(None if text is None else _uniform(text), scope=None, locale=None)


def _uniform(text: str) -> str:
    try:
        search = as_object(orjson.loads(text))
    except orjson.JSONDecodeError:
        return text
    complete = search.get("complete")
    if not isinstance(complete, dict):
        return text
    criterion = {**complete, "scope": complete.get("channel")}
    return orjson.dumps({**search, "complete": [criterion]}).decode()


def _is_filled(thing: Thing, attribute: JsonObject, channel: str | None, locale: str) -> bool:
    for entry in thing.values.get(str(attribute["code"]), ()):
        if entry["locale"] in (None, locale) and entry["channel"] in (None, channel):
            return True
    return False
