"""Values as a reader sees them: labels of options, links of files, and nothing that is gone."""

from collections.abc import Iterable

from pim.json_types import JsonObject, JsonValue, texts
from simulator.render.view import View
from simulator.shop.product import Values
from simulator.store.structure import Structure

_SELECTS = frozenset({"pim_catalog_simpleselect", "pim_catalog_multiselect"})
_FILES = frozenset({"pim_catalog_image", "pim_catalog_file"})
_PRICES = "pim_catalog_price_collection"


class ValueRenderer:
    """Writes values down. What the structure no longer knows is left out when somebody reads.

    The database keeps such values: when a locale is enabled again, its values are back.
    """

    def __init__(self, structure: Structure, base_url: str) -> None:
        self._structure = structure
        self._media = f"{base_url}/api/rest/v1/media-files/"
        self._version = -1
        self._types: dict[str, str] = {}
        self._locales: frozenset[str] = frozenset()
        self._currencies: frozenset[str] = frozenset()

    def render(self, values: Values, view: View) -> dict[str, list[JsonObject]]:
        """The values by attribute code, without attributes that have none left."""
        self._refresh()
        found: dict[str, list[JsonObject]] = {}
        for code, entries in values.items():
            if view.attributes is not None and code not in view.attributes:
                continue
            kind = self._types.get(code)
            kept = self._kept(entries, view)
            shown = self._shown(code, kind, kept, view) if kind else []
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
        self._version = self._structure.version

    def _kept(self, entries: list[JsonObject], view: View) -> list[JsonObject]:
        if len(entries) == 1 and entries[0]["locale"] is None and entries[0]["scope"] is None:
            return entries
        return [entry for entry in entries if self._is_shown(entry["locale"], entry["scope"], view)]

    def _is_shown(self, locale: JsonValue, scope: JsonValue, view: View) -> bool:
        if locale is not None and locale not in self._locales:
            return False
        if view.locales is not None and locale is not None and locale not in view.locales:
            return False
        return view.scope is None or scope is None or scope == view.scope

    def _shown(
        self, code: str, kind: str, entries: list[JsonObject], view: View
    ) -> list[JsonObject]:
        if kind in _SELECTS:
            return [shown for entry in entries for shown in self._select(code, entry, view)]
        if kind in _FILES:
            return [{**entry, "_links": self._download(entry["data"])} for entry in entries]
        if kind == _PRICES:
            return [shown for entry in entries for shown in self._price(entry)]
        return entries

    def _select(self, code: str, entry: JsonObject, view: View) -> Iterable[JsonObject]:
        data = entry["data"]
        chosen = [data] if isinstance(data, str) else texts(data)
        options = [self._structure.option(code, option) for option in chosen]
        known = [option for option in options if option is not None]
        if not known:
            return
        shown = entry
        if len(known) < len(chosen):
            shown = {**entry, "data": [option["code"] for option in known]}
        if view.with_options:
            linked = {str(option["code"]): _linked(option) for option in known}
            one = isinstance(data, str)
            shown = {**shown, "linked_data": next(iter(linked.values())) if one else {**linked}}
        yield shown

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


def _linked(option: JsonObject) -> JsonObject:
    return {
        "attribute": option["attribute"],
        "code": option["code"],
        "labels": option.get("labels") or {},
    }
