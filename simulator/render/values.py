"""Values as a reader sees them: labels of options, links of files, and nothing that is gone."""

from collections.abc import Callable, Iterable, Iterator

from pim.json_types import JsonObject, JsonValue, as_object, texts
from simulator.render.cloud import CloudWords
from simulator.render.edition import RenderedEdition
from simulator.render.linked import LINKS, LinkedThings
from simulator.render.places import Places
from simulator.render.tables import TableRenderer
from simulator.render.view import View
from simulator.shop.attributes import IDENTIFIER
from simulator.shop.product import Values
from simulator.shop.tables import TABLE
from simulator.store.structure import Structure

Special = Callable[[str, list[JsonObject], View], Iterable[JsonObject]]
"""How the entries of one attribute are shown that need more than to be left as they are."""


class ValueRenderer:
    """Writes values down. What the structure no longer knows is left out when somebody reads.

    The database keeps such values: when a locale is enabled again, its values are back.
    """

    def __init__(self, structure: Structure, base_url: str, edition: RenderedEdition) -> None:
        self._structure = structure
        self._linked = LinkedThings(structure, edition.things)
        self._tables = TableRenderer(structure, edition.things)
        self._cloud = CloudWords(structure) if edition.saas else None
        self._media = f"{base_url}/api/rest/v1/media-files/"
        self._version = -1
        self._types: dict[str, str] = {}
        self._places = Places(structure)
        self._currencies: frozenset[str] = frozenset()
        self._units: dict[str, frozenset[str]] = {}
        self._choices: dict[tuple[str, str], JsonObject | None] = {}
        self._specials: dict[str, Special] = {
            "pim_catalog_simpleselect": self._selects,
            "pim_catalog_multiselect": self._selects,
            "pim_catalog_image": self._files,
            "pim_catalog_file": self._files,
            "pim_catalog_price_collection": self._prices,
            "pim_catalog_metric": self._measures,
            TABLE: lambda code, entries, _view: self._tables.shown(code, entries),
            **dict.fromkeys(LINKS, self._links),
        }

    def render(self, values: Values, view: View) -> dict[str, list[JsonObject]]:
        """The values by attribute code, without attributes that have none left."""
        self._refresh()
        found: dict[str, list[JsonObject]] = {}
        for code, entries in values.items():
            kind = self._types.get(code)
            if kind is None or (view.attributes is not None and code not in view.attributes):
                continue
            shown = self._shown(code, kind, entries, view)
            if shown:
                found[code] = shown
        return found

    def identifier(self, name: str) -> list[JsonObject]:
        """The main identifier as a value."""
        entries: list[JsonObject] = [{"data": name, "locale": None, "scope": None}]
        return entries if self._cloud is None else self._cloud.added(IDENTIFIER, entries)

    def _shown(
        self, code: str, kind: str, entries: list[JsonObject], view: View
    ) -> list[JsonObject]:
        shown = entries if _is_plain(entries) else self._places.kept(code, entries, view)
        special = self._specials.get(kind)
        if special is not None:
            shown = list(special(code, shown, view))
        return shown if self._cloud is None else self._cloud.added(code, shown)

    def _refresh(self) -> None:
        if self._version == self._structure.version:
            return
        attributes = self._structure.items("attributes")
        self._types = {item.code: str(item.body.get("type")) for item in attributes}
        self._places.refresh()
        self._currencies = self._structure.active("currencies")
        self._units = {
            item.code: frozenset(self._units_of(item.body.get("metric_family")))
            for item in attributes
        }
        self._choices.clear()
        self._version = self._structure.version

    def _units_of(self, family: JsonValue) -> Iterable[str]:
        item = (
            self._structure.get("measurement-families", family) if isinstance(family, str) else None
        )
        return () if item is None else as_object(item.body.get("units"))

    def _selects(self, code: str, entries: list[JsonObject], view: View) -> Iterator[JsonObject]:
        for entry in entries:
            data = entry["data"]
            if isinstance(data, str):
                yield from self._one_choice(code, data, entry, view)
            else:
                yield from self._many_choices(code, texts(data), entry, view)

    def _one_choice(
        self, code: str, data: str, entry: JsonObject, view: View
    ) -> Iterator[JsonObject]:
        choice = self._choice(code, data)
        if choice is not None:
            shown = entry if choice["code"] == data else {**entry, "data": choice["code"]}
            yield {**shown, "linked_data": choice} if view.with_options else shown

    def _many_choices(
        self, code: str, chosen: list[str], entry: JsonObject, view: View
    ) -> Iterator[JsonObject]:
        choices = [self._choice(code, option) for option in chosen]
        known: JsonObject = {str(each["code"]): each for each in choices if each is not None}
        if known:
            shown: JsonObject = dict(entry)
            shown["data"] = [*known]
            yield {**shown, "linked_data": known} if view.with_options else shown

    def _choice(self, attribute: str, code: str) -> JsonObject | None:
        """The option as `linked_data` shows it, or None if the PIM has it no more."""
        key = (attribute, code)
        if key not in self._choices:
            option = self._structure.option(attribute, code)
            self._choices[key] = None if option is None else _linked(option)
        return self._choices[key]

    def _prices(self, _code: str, entries: list[JsonObject], _view: View) -> Iterator[JsonObject]:
        for entry in entries:
            amounts = entry["data"]
            assert isinstance(amounts, list)  # noqa: S101 - prices are made as lists
            kept = [
                amount
                for amount in amounts
                if isinstance(amount, dict) and amount["currency"] in self._currencies
            ]
            if kept:
                yield entry if len(kept) == len(amounts) else {**entry, "data": [*kept]}

    def _measures(self, code: str, entries: list[JsonObject], _view: View) -> list[JsonObject]:
        units = self._units.get(code, frozenset())
        return [entry for entry in entries if as_object(entry["data"]).get("unit") in units]

    def _files(self, _code: str, entries: list[JsonObject], _view: View) -> list[JsonObject]:
        return [{**entry, "_links": self._download(entry["data"])} for entry in entries]

    def _links(self, code: str, entries: list[JsonObject], _view: View) -> list[JsonObject]:
        return self._linked.shown(code, self._types[code], entries)

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
