"""The values of one attribute, joined with the options, units, records and assets they name.

A backlog renders thousands of products, so what is known of an attribute is looked up once for all
its values, and a plain value (no option, no link) costs one small dictionary.
"""

from typing import Self

from pim.document.lookups import CatalogView, unit_labels, view_asset, view_record
from pim.document.tables import TABLE, explain_table, table_references
from pim.json_types import JsonObject, JsonValue, as_code, as_list, as_object, as_text, codes_of
from pim.structure import Reference, labels_of, text_of
from pim.vocabulary import CatalogKind

_LINKS: dict[str, CatalogKind] = {
    "pim_catalog_simpleselect": CatalogKind.OPTION,
    "pim_catalog_multiselect": CatalogKind.OPTION,
    "akeneo_reference_entity": CatalogKind.RECORD,
    "akeneo_reference_entity_collection": CatalogKind.RECORD,
    "pim_catalog_asset_collection": CatalogKind.ASSET,
    "pim_catalog_metric": CatalogKind.MEASUREMENT_FAMILY,
}
"""What the codes in a value of this type are codes of; a metric's unit lives in its family."""

_HOME_NAMES = {
    CatalogKind.RECORD: "reference_data_name",
    CatalogKind.ASSET: "reference_data_name",
    CatalogKind.MEASUREMENT_FAMILY: "metric_family",
}
"""Where an attribute says in which entity, family or family of measures its codes are."""

_NAMES = {
    CatalogKind.OPTION: "labels",
    CatalogKind.RECORD: "record",
    CatalogKind.ASSET: "asset",
}


class AttributeValues:
    """The entries of one attribute, and what is known of the attribute.

    `link` is what the values' codes name, in the attribute, reference entity, asset family or
    measurement family `home`; None for values that say all themselves.
    """

    __slots__ = ("attribute", "catalog", "code", "entries", "home", "link", "type")

    def __init__(self, code: str, entries: list[JsonObject], catalog: CatalogView) -> None:
        self.code = code
        self.entries = entries
        self.catalog = catalog
        self.attribute = catalog.get(CatalogKind.ATTRIBUTE, "", code)
        # SaaS writes the type beside each value too: good where the attribute is not known yet.
        self.type = text_of(self.attribute, "type") or text_of(entries[0], "attribute_type")
        self.link, self.home = self._linked_to()

    @classmethod
    def all_of(cls, content: JsonObject, catalog: CatalogView) -> list[Self]:
        """The attributes that have a value in a product's meaning."""
        return [
            cls(code, found, catalog)
            for code, entries in as_object(content.get("values")).items()
            if (found := [entry for entry in as_list(entries) if isinstance(entry, dict)])
        ]

    def references(self) -> set[Reference]:
        """The attribute, and what its values name: options, units, records, assets."""
        found = {Reference(CatalogKind.ATTRIBUTE, "", self.code)}
        if self.type == TABLE:
            for entry in self.entries:
                found.update(table_references(self.attribute, entry))
        if self.link is None:
            return found
        if self.link is CatalogKind.MEASUREMENT_FAMILY:
            return found | {Reference(self.link, "", self.home)}
        if self.link is CatalogKind.ASSET:
            found |= self._media_references()
        link, home = self.link, self.home
        found.update(
            Reference(link, home, code) for entry in self.entries for code in _codes(entry)
        )
        return found

    def _media_references(self) -> set[Reference]:
        """The asset family, which says what the main media is, and that attribute of it."""
        family = Reference(CatalogKind.ASSET_FAMILY, "", self.home)
        known = self.catalog.get(family.kind, "", self.home)
        main = text_of(known, "attribute_as_main_media")
        if main is None:
            return {family}
        return {family, Reference(CatalogKind.ASSET_ATTRIBUTE, self.home, main)}

    def self_explained(self) -> set[Reference]:
        """The options whose labels the answer carried along."""
        if self.link is not CatalogKind.OPTION:
            return set()
        return {
            Reference(CatalogKind.OPTION, self.code, code)
            for entry in self.entries
            for code in _codes(entry)
            if _linked_option(entry, code) is not None
        }

    def contradicted(self) -> set[Reference]:
        """The options that the answer labels otherwise than the catalog, where both have words."""
        if self.link is not CatalogKind.OPTION:
            return set()
        found: set[Reference] = set()
        for entry in self.entries:
            for code in _codes(entry):
                known = self.catalog.get(CatalogKind.OPTION, self.code, code)
                said = None if known is None else _linked_option(entry, code)
                if known is not None and said is not None and _differ(said, known):
                    found.add(Reference(CatalogKind.OPTION, self.code, code))
        return found

    def render(self) -> JsonObject:
        """`type`, `labels` and `group` where they are known, and the values."""
        rendered: JsonObject = {}
        if self.type is not None:
            rendered["type"] = self.type
        if self.attribute is not None:
            rendered["labels"] = labels_of(self.attribute)
            rendered["group"] = self.attribute.get("group")
        rendered["values"] = [self._render_entry(entry) for entry in self.entries]
        return rendered

    def _render_entry(self, entry: JsonObject) -> JsonObject:
        """`locale`, `scope` and `data` as the source meant them, and what helps to show them.

        `labels` of the chosen option, or of a metric's unit, by locale; of several options by code,
        then locale. `record` and `asset` likewise: one, or a map by code. `url` of a media file.
        Of a table, `labels` and `record` by column (`explain_table`).
        """
        rendered: JsonObject = {
            "locale": entry.get("locale"),
            "scope": entry.get("scope"),
            "data": self._data(entry),
        }
        url = download_link(entry) if "_links" in entry else None
        if url:
            rendered["url"] = url
        if self.link is not None:
            self._explain(entry, self.link, rendered)
        elif self.type == TABLE:
            rendered |= explain_table(self.attribute, entry, self.catalog)
        return rendered

    def _data(self, entry: JsonObject) -> JsonValue:
        """A whole number where a code belongs is that code; all other data stays as it is."""
        data = entry.get("data")
        return data if self.link not in _NAMES else as_code(data) or data

    def _explain(self, entry: JsonObject, link: CatalogKind, rendered: JsonObject) -> None:
        if link is CatalogKind.MEASUREMENT_FAMILY:
            family = self.catalog.get(link, "", self.home)
            unit = text_of(as_object(entry.get("data")), "unit")
            labels = {} if unit is None else unit_labels(family, unit)
            if labels:
                rendered["labels"] = labels
            return
        known = {code: item for code in _codes(entry) if (item := self._item(link, entry, code))}
        if known:
            is_one = as_code(entry.get("data")) is not None
            rendered[_NAMES[link]] = next(iter(known.values())) if is_one else {**known}

    def _item(self, link: CatalogKind, entry: JsonObject, code: str) -> JsonObject:
        """What is shown beside a code; empty if nothing is known."""
        known = self.catalog.get(link, self.home, code)
        if link is CatalogKind.OPTION:
            return labels_of(known or _linked_option(entry, code) or {})
        if known is None:
            return {}
        if link is CatalogKind.ASSET:
            return view_asset(known, code, self.home, self.catalog)
        return view_record(known, code)

    def _linked_to(self) -> tuple[CatalogKind | None, str]:
        if self.type is None:
            has_options = any(
                _linked_option(entry, code) for entry in self.entries for code in _codes(entry)
            )
            return (CatalogKind.OPTION if has_options else None), self.code
        link = _LINKS.get(self.type)
        if link is None or link is CatalogKind.OPTION:
            return link, self.code
        name = _HOME_NAMES[link]
        home = text_of(self.attribute, name) or text_of(self.entries[0], name)
        return (None, "") if home is None else (link, home)


def _differ(said: JsonObject, known: JsonObject) -> bool:
    labels = labels_of(known)
    return any(labels.get(locale) != label for locale, label in labels_of(said).items())


def _codes(entry: JsonObject) -> list[str]:
    data = entry.get("data")
    code = as_code(data)
    return [code] if code else codes_of(data)


def download_link(entry: JsonObject) -> str | None:
    """Where a value's file is to be had, if the answer says so."""
    return as_text(as_object(as_object(entry.get("_links")).get("download")).get("href"))


def _linked_option(entry: JsonObject, code: str) -> JsonObject | None:
    """The option in `linked_data`: the object itself (one choice) or one of a map (several).

    PHP writes a map whose keys are 0, 1 and so on as a list: an option's own code comes first.
    """
    linked = as_object(entry.get("linked_data"))
    if not linked:
        return None
    wanted = code.casefold()
    if (text_of(linked, "code") or "").casefold() == wanted:
        return linked
    for name, option in linked.items():
        if isinstance(option, dict) and (text_of(option, "code") or name).casefold() == wanted:
            return option
    return None
