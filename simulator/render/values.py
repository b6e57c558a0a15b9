"""Values as a reader sees them: labels of options, links of files, and nothing that is gone."""

from collections.abc import Iterable

from pim.json_types import JsonObject, JsonValue, texts
from simulator.render.edition import RenderedEdition
from simulator.render.linked import LINKS, LinkedThings
from simulator.render.view import View
from simulator.shop.product import Values
from simulator.store.structure import Structure

_SELECTS = frozenset({"pim_catalog_simpleselect", "pim_catalog_multiselect"})
_FILES = frozenset({"pim_catalog_image", "pim_catalog_file"})
_PRICES = "pim_catalog_price_collection"
_ADORNED = _SELECTS | _FILES | {_PRICES}


class ValueRenderer:
    """Writes values down. What the structure no longer knows is left out when somebody reads.

    The database keeps such values: when a locale is enabled again, its values are back.
    """

    def __init__(self, structure: Structure, base_url: str, edition: RenderedEdition) -> None:
        self._structure = structure
        self._linked = LinkedThings(structure, edition.things)
        self._media = f"{base_url}/api/rest/v1/media-files/"
        self._version = -1
        self._types: dict[str, str] = {}
        self._locales: frozenset[str] = frozenset()
        self._currencies: frozenset[str] = frozenset()
        self._choices: dict[tuple[str, str], JsonObject | None] = {}

    def render(self, values: Values, view: View) -> dict[str, list[JsonObject]]:
        """The values by attribute code, without attributes that have none left."""
        self._refresh()
        found: dict[str, list[JsonObject]] = {}
        for code, entries in values.items():
            kind = self._types.get(code)
            if kind is None or (view.attributes is not None and code not in view.attributes):
                continue
            shown = entries if _is_plain(entries) else self._kept(entries, view)
            if kind in LINKS:
                shown = self._linked.shown(code, kind, shown)
            elif kind in _ADORNED:
                shown = self._adorned(code, kind, shown, view)
            if shown:
                found[code] = shown
        return found

    def _refresh(self) -> None:
        if self._version == self._structure.version:
            return
        attributes = self._structure.items("attributes")
        self._types = {item.code: str(item.body.get("type")) for item in attributes}
        self._locales = self._structure.active("locales")
        self._currencies = self._structure.active("currencies")
        self._choices.clear()
        self._version = self._structure.version

    def _kept(self, entries: list[JsonObject], view: View) -> list[JsonObject]:
        return [e for e in entries if self._is_shown(e["locale"], e["scope"], view)]

    def _is_shown(self, locale: JsonValue, scope: JsonValue, view: View) -> bool:
        if locale is not None and locale not in self._locales:
            return False
        if view.locales is not None and locale is not None and locale not in view.locales:
            return False
        return view.scope is None or scope is None or scope == view.scope

    def _adorned(
        self, code: str, kind: str, entries: list[JsonObject], view: View
    ) -> list[JsonObject]:
        if kind in _SELECTS:
            return [shown for entry in entries for shown in self._select(code, entry, view)]
        if kind == _PRICES:
            return [shown for entry in entries for shown in self._price(entry)]
        return [{**entry, "_links": self._download(entry["data"])} for entry in entries]

    def _select(self, code: str, entry: JsonObject, view: View) -> Iterable[JsonObject]:
        data = entry["data"]
        if isinstance(data, str):
            choice = self._choice(code, data)
            if choice is not None:
                yield {**entry, "linked_data": choice} if view.with_options else entry
            return
        chosen = texts(data)
        linked = {option: self._choice(code, option) for option in chosen}
        known: JsonObject = {option: link for option, link in linked.items() if link is not None}
        if not known:
            return
        shown: JsonObject = dict(entry)
        if len(known) < len(chosen):
            shown["data"] = [*known]
        yield {**shown, "linked_data": known} if view.with_options else shown

    def _choice(self, attribute: str, code: str) -> JsonObject | None:
        """The option as `linked_data` shows it, or None if the PIM has it no more."""
        key = (attribute, code)
        if key not in self._choices:
            option = self._structure.option(attribute, code)
            self._choices[key] = None if option is None else _linked(option)
        return self._choices[key]

    def _price(self, entry: JsonObject) -> Iterable[JsonObject]:
        amounts = entry["data"]
        assert isinstance(amounts, list)  # noqa: S101 - prices are made as lists
        kept = [
            amount
            for amount in amounts
            if isinstance(amount, dict) and amount["currency"] in self._currencies
        ]
        if kept:
            yield entry if len(kept) == len(amounts) else {**entry, "data": [*kept]}

    def _download(self, code: JsonValue) -> JsonValue:
        return {"download": {"href": f"{self._media}{code}/download"}}


def _is_plain(entries: list[JsonObject]) -> bool:
    return len(entries) == 1 and entries[0]["locale"] is None and entries[0]["scope"] is None


def _linked(option: JsonObject) -> JsonObject:
    return {
        "attribute": option["attribute"],
        "code": option["code"],
        "labels": option.get("labels") or {},
    }
