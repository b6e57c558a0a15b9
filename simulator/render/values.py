"""Values as a reader sees them: labels of options, links of files, and nothing that is gone."""

from collections.abc import Callable, Iterable, Iterator

from pim.json_types import JsonObject, JsonValue, as_object, as_text, texts
from simulator.render.tables import TableRenderer
from simulator.render.view import RenderedEdition, View
from simulator.shop import ASSETS, IDENTIFIER, MANY_RECORDS, ONE_RECORD, TABLE, ThingKind, Values
from simulator.store import Structure, ThingStore

LINKS = {
    ONE_RECORD: ThingKind.RECORD,
    MANY_RECORDS: ThingKind.RECORD,
    ASSETS: ThingKind.ASSET,
}
"""What values of these types name."""

_METRIC = "pim_catalog_metric"

Special = Callable[[str, list[JsonObject], View], Iterable[JsonObject]]
"""How the entries of one attribute are shown that need more than to be left as they are."""


class Places:
    """Knows which values have lost their place; `refresh` looks at the structure anew."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure
        self._locales: frozenset[str] = frozenset()
        self._channels: dict[str, frozenset[str]] = {}
        self._specific: dict[str, frozenset[str]] = {}

    def refresh(self) -> None:
        """Take in what the structure says now."""
        self._locales = self._structure.active("locales")
        self._channels = {
            item.code: frozenset(texts(item.body.get("locales")))
            for item in self._structure.items("channels")
        }
        self._specific = {
            item.code: frozenset(locales)
            for item in self._structure.items("attributes")
            if (locales := texts(item.body.get("available_locales")))
        }

    def kept(self, code: str, entries: list[JsonObject], view: View) -> list[JsonObject]:
        """The entries of an attribute that have a place, and one that the reader asked for."""
        return [entry for entry in entries if self._is_kept(code, entry, view)]

    def _is_kept(self, code: str, entry: JsonObject, view: View) -> bool:
        locale, scope = as_text(entry["locale"]), as_text(entry["scope"])
        if locale is not None and not self._has_locale(code, locale, view):
            return False
        if scope is None:
            return True
        if scope not in self._channels or view.scope not in {None, scope}:
            return False
        # A locale may be on and yet not be one of this channel's.
        return locale is None or locale in self._channels[scope]

    def _has_locale(self, code: str, locale: str, view: View) -> bool:
        if locale not in self._locales or locale not in self._specific.get(code, self._locales):
            return False
        return view.locales is None or locale in view.locales


class LinkedThings:
    """Leaves out what is gone when somebody reads; the database keeps the code.

    A record or asset that is made again under its code is shown again where it was named.
    """

    def __init__(self, structure: Structure, things: ThingStore) -> None:
        self._structure = structure
        self._things = things

    def shown(self, attribute: str, kind: str, entries: list[JsonObject]) -> list[JsonObject]:
        """The entries of one attribute, without what they name in vain."""
        item = self._structure.get("attributes", attribute)
        family = None if item is None else as_text(item.body.get("reference_data_name"))
        if family is None:
            return []
        found: list[JsonObject] = []
        for entry in entries:
            found += self._entry(LINKS[kind], family, entry)
        return found

    def _entry(self, kind: ThingKind, family: str, entry: JsonObject) -> Iterable[JsonObject]:
        data = entry["data"]
        if isinstance(data, str):
            thing = self._things.get(kind, family, data)
            return [] if thing is None else [{**entry, "data": thing.code}]
        known = [self._things.get(kind, family, code) for code in texts(data)]
        codes = [thing.code for thing in known if thing is not None]
        return [{**entry, "data": [*codes]}] if codes else []


class CloudWords:
    """Adds to the entries of an attribute what the cloud says of them."""

    def __init__(self, structure: Structure) -> None:
        self._structure = structure

    def added(self, code: str, entries: list[JsonObject]) -> list[JsonObject]:
        """The entries with `attribute_type`, and with what their type has besides."""
        item = self._structure.get("attributes", code)
        if item is None:
            return entries
        said: JsonObject = {"attribute_type": item.body["type"]}
        linked = as_text(item.body.get("reference_data_name"))
        if linked is not None:
            said["reference_data_name"] = linked
        if item.body["type"] == _METRIC:
            family = str(item.body.get("metric_family"))
            entries = [self._with_symbol(family, entry) for entry in entries]
        return [{**entry, **said} for entry in entries]

    def _with_symbol(self, family: str, entry: JsonObject) -> JsonObject:
        item = self._structure.get("measurement-families", family)
        units = {} if item is None else as_object(item.body.get("units"))
        data = as_object(entry["data"])
        symbol = as_object(units.get(str(data.get("unit")))).get("symbol")
        return {**entry, "data": {**data, "symbol": symbol}}


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
