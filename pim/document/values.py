"""The values of one attribute, joined with the options, units, records and assets they name.

A backlog renders thousands of products, so what is known of an attribute and of an item is worked
out once for all of them (`CatalogParts`), and a plain value (no option, no link) costs one small
dictionary.
"""

from pim.document.entries import codes_in, download_link, linked_option
from pim.document.parts import CatalogParts, ItemPart
from pim.document.tables import TABLE, cells_of, explain_table
from pim.json_types import JsonObject, JsonValue, as_code, as_object
from pim.structure import Reference, labels_of, text_of
from pim.vocabulary import CatalogKind

_NAMES = {
    CatalogKind.OPTION: "labels",
    CatalogKind.RECORD: "record",
    CatalogKind.ASSET: "asset",
}


class AttributeValues:
    """The entries of one attribute, and what is known of it and of the items that they name."""

    __slots__ = ("_items", "_parts", "code", "entries", "part")

    def __init__(self, code: str, entries: list[JsonObject], parts: CatalogParts) -> None:
        self.code = code
        self.entries = entries
        part = self.part = parts.attribute(code, entries)
        self._parts = parts
        self._items: list[dict[str, ItemPart]] | None = None
        if part.link in _NAMES:
            self._items = [
                {each: parts.item(part, each) for each in codes_in(entry)} for entry in entries
            ]

    def collect(self, references: set[Reference], unknown: set[Reference]) -> None:
        """Add what the values take, and what of it the catalog lacks, to these sets."""
        part = self.part
        references.update(part.references)
        if part.unknown:
            unknown.update(part.unknown)
        if self._items is None and not part.columns:
            return
        for item in self._named():
            if item.reference is not None:
                references.add(item.reference)
                if item.body is None:
                    unknown.add(item.reference)

    def _named(self) -> list[ItemPart]:
        if self._items is not None:
            return [item for items in self._items for item in items.values()]
        return [
            self._parts.record(column.entity, code)
            for column in self.part.columns
            if column.entity is not None
            for entry in self.entries
            for code in cells_of(entry).get(column.name, [])
        ]

    def explained(self) -> set[Reference]:
        """The options whose labels the answer carries along."""
        if self._items is None or self.part.link is not CatalogKind.OPTION:
            return set()
        return {
            item.reference
            for entry, items in zip(self.entries, self._items, strict=True)
            for code, item in items.items()
            if item.reference is not None and linked_option(entry, code) is not None
        }

    def contradicted(self) -> set[Reference]:
        """The options that the answer labels otherwise than the catalog, where both have words."""
        if self._items is None or self.part.link is not CatalogKind.OPTION:
            return set()
        return {
            Reference(CatalogKind.OPTION, self.code, code)
            for entry, items in zip(self.entries, self._items, strict=True)
            if entry.get("linked_data")
            for code, item in items.items()
            if item.body is not None and _differ(linked_option(entry, code), item)
        }

    def render(self) -> JsonObject:
        """`type`, `labels` and `group` where they are known, and the values."""
        return {**self.part.head, "values": self._render_entries()}

    def _render_entries(self) -> list[JsonValue]:
        if self._items is not None:
            return [*map(self._render_linked, self.entries, self._items)]
        if self.part.link is not None:
            return [*map(self._render_metric, self.entries)]
        if self.part.type == TABLE:
            return [*map(self._render_table, self.entries)]
        return [*map(_render_plain, self.entries)]

    def _render_linked(self, entry: JsonObject, items: dict[str, ItemPart]) -> JsonObject:
        """Of one choice `labels`, `record` or `asset`; of several, such a map by code.

        A whole number where a code belongs is that code; all other data stays as it is.
        """
        rendered = _render_plain(entry)
        one = as_code(rendered["data"])
        rendered["data"] = one or rendered["data"]
        known: JsonObject = {
            code: shown for code, item in items.items() if (shown := self._shown(entry, code, item))
        }
        if known:
            name = _NAMES[self.part.link or CatalogKind.OPTION]
            rendered[name] = known if one is None else next(iter(known.values()))
        return rendered

    def _shown(self, entry: JsonObject, code: str, item: ItemPart) -> JsonObject:
        """What stands beside a code; empty if nothing is known."""
        if item.body or self.part.link is not CatalogKind.OPTION:
            return item.shown
        return labels_of(linked_option(entry, code) or {})

    def _render_metric(self, entry: JsonObject) -> JsonObject:
        """The `labels` of its unit, by locale."""
        rendered = _render_plain(entry)
        unit = text_of(as_object(rendered["data"]), "unit")
        if unit is not None and (labels := self._parts.unit(self.part.home, unit)):
            rendered["labels"] = labels
        return rendered

    def _render_table(self, entry: JsonObject) -> JsonObject:
        """`labels` and `record` by column (`explain_table`)."""
        explained = explain_table(
            self.part.columns,
            entry,
            unit=self._parts.unit,
            record=lambda entity, code: self._parts.record(entity, code).shown,
        )
        return {**_render_plain(entry), **explained}


def _render_plain(entry: JsonObject) -> JsonObject:
    """`locale`, `scope` and `data` as the source meant them, and the `url` of a media file."""
    get = entry.get
    rendered: JsonObject = {"locale": get("locale"), "scope": get("scope"), "data": get("data")}
    if "_links" in entry and (url := download_link(entry)):
        rendered["url"] = url
    return rendered


def _differ(said: JsonObject | None, known: ItemPart) -> bool:
    if said is None or known.body is None or said.get("labels") == known.body.get("labels"):
        return False
    return any(known.shown.get(locale) != label for locale, label in labels_of(said).items())
