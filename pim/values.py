"""One value of a product, joined with the options, records and assets it names."""

from dataclasses import dataclass
from typing import Self

from pim.catalog_view import CatalogView
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text, texts
from pim.structure import Reference, labels_of, text_of
from pim.vocabulary import CatalogKind

_SELECTS = frozenset({"pim_catalog_simpleselect", "pim_catalog_multiselect"})
_RECORDS = frozenset({"akeneo_reference_entity", "akeneo_reference_entity_collection"})
_ASSETS = frozenset({"pim_catalog_asset_collection"})


@dataclass(frozen=True, slots=True)
class ValueContext:
    """What is known of the attribute that a value belongs to."""

    code: str
    attribute: JsonObject | None
    catalog: CatalogView

    @classmethod
    def of(cls, code: str, catalog: CatalogView) -> Self:
        """Look the attribute up."""
        return cls(code, catalog.get(CatalogKind.ATTRIBUTE, "", code), catalog)

    def type_of(self, entry: JsonObject) -> str | None:
        """The attribute's type; SaaS writes it beside each value too."""
        return text_of(self.attribute, "type") or text_of(entry, "attribute_type")

    def home_of(self, entry: JsonObject) -> str | None:
        """The reference entity or asset family that the value's codes belong to."""
        name = "reference_data_name"
        return text_of(self.attribute, name) or text_of(entry, name)


def value_references(entry: JsonObject, context: ValueContext) -> set[Reference]:
    """The options, records or assets that this value names."""
    if _is_select(entry, context):
        kind, parent = CatalogKind.OPTION, context.code
    else:
        linked, home = _linked_kind(entry, context), context.home_of(entry)
        if linked is None or home is None:
            return set()
        kind, parent = linked, home
    return {Reference(kind, parent, code) for code in _codes(entry)}


def has_own_labels(entry: JsonObject) -> set[str]:
    """The option codes of this value whose labels the answer carried along."""
    return {code for code in _codes(entry) if _linked_option(entry, code) is not None}


def render_entry(entry: JsonObject, context: ValueContext) -> JsonObject:
    """`locale`, `scope` and `data` as the source wrote them, and what helps to show them.

    `labels` of the chosen option by locale; of several options by code, then locale. `record` and
    `asset` likewise: one, or a map by code for a collection. `url` of a media file.
    """
    rendered: JsonObject = {
        "locale": entry.get("locale"),
        "scope": entry.get("scope"),
        "data": entry.get("data"),
    }
    url = as_text(as_object(as_object(entry.get("_links")).get("download")).get("href"))
    if url:
        rendered["url"] = url
    if _is_select(entry, context):
        _attach(rendered, "labels", {code: _labels(entry, code, context) for code in _codes(entry)})
    linked, home = _linked_kind(entry, context), context.home_of(entry)
    if linked is not None and home is not None:
        items = {code: _linked_item(linked, home, code, context) for code in _codes(entry)}
        _attach(rendered, linked.value, items)
    return rendered


def _attach(rendered: JsonObject, name: str, found: dict[str, JsonObject]) -> None:
    """Add what was found; one code stands for itself, a list of codes makes a map."""
    known: JsonObject = {code: item for code, item in found.items() if item}
    if not known:
        return
    is_one = isinstance(rendered["data"], str)
    rendered[name] = next(iter(known.values())) if is_one else known


def _codes(entry: JsonObject) -> list[str]:
    data = entry.get("data")
    return [data] if isinstance(data, str) and data else texts(data)


def _is_select(entry: JsonObject, context: ValueContext) -> bool:
    kind = context.type_of(entry)
    return kind in _SELECTS if kind is not None else bool(has_own_labels(entry))


def _linked_kind(entry: JsonObject, context: ValueContext) -> CatalogKind | None:
    kind = context.type_of(entry)
    if kind in _RECORDS:
        return CatalogKind.RECORD
    return CatalogKind.ASSET if kind in _ASSETS else None


def _labels(entry: JsonObject, code: str, context: ValueContext) -> JsonObject:
    known = context.catalog.get(CatalogKind.OPTION, context.code, code)
    return labels_of(known or _linked_option(entry, code) or {})


def _linked_option(entry: JsonObject, code: str) -> JsonObject | None:
    """The option in `linked_data`: the object itself (one choice) or one of a map (several)."""
    linked = as_object(entry.get("linked_data"))
    if (text_of(linked, "code") or "").casefold() == code.casefold():
        return linked
    for name, option in linked.items():
        if name.casefold() == code.casefold() and isinstance(option, dict):
            return option
    return None


def _linked_item(kind: CatalogKind, home: str, code: str, context: ValueContext) -> JsonObject:
    known = context.catalog.get(kind, home, code)
    if known is None:
        return {}
    values: JsonValue = as_object(known.get("values"))
    return {"code": code, "labels": _item_labels(known), "values": values}


def _item_labels(item: JsonObject) -> JsonObject:
    """Records and assets keep their label as a value per locale; older ones as plain labels."""
    labels = labels_of(item)
    for entry in as_list(as_object(item.get("values")).get("label")):
        value = as_object(entry)
        locale, label = text_of(value, "locale"), text_of(value, "data")
        if locale is not None and label is not None:
            labels[locale] = label
    return labels
