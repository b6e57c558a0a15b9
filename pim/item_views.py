"""What a document shows of an option, a unit, a record or an asset beside its code.

Only what is known is shown: a missing label is an absent key, never a filler. A record that names
other records shows their codes: one level, so that no change spreads further than its own users.
"""

from collections.abc import Iterator

from pim.catalog_view import CatalogView
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.structure import labels_of, text_of
from pim.vocabulary import CatalogKind

LABEL = "label"
"""The attribute that holds the label of records and assets; the PIM makes it with each entity."""


def view_record(record: JsonObject, code: str) -> JsonObject:
    """A reference entity's record: code, labels and values."""
    return {"code": code, "labels": _labels(record), "values": _values(record)}


def view_asset(asset: JsonObject, code: str, family: str, catalog: CatalogView) -> JsonObject:
    """An asset: code, labels, values, and its main media's links where the family is known."""
    shown: JsonObject = {"code": code, "labels": _labels(asset)}
    main = text_of(catalog.get(CatalogKind.ASSET_FAMILY, "", family), "attribute_as_main_media")
    if main is not None:
        attribute = catalog.get(CatalogKind.ASSET_ATTRIBUTE, family, main)
        shown["media"] = [*_media(asset, main, attribute)]
    return {**shown, "values": _values(asset)}


def unit_labels(measurement_family: JsonObject | None, unit: str) -> JsonObject:
    """The labels of a unit of measure, which PIMs list as a map or as a list."""
    if measurement_family is None:
        return {}
    for listed in as_object(measurement_family.get("units")).values():
        body = as_object(listed)
        if (text_of(body, "code") or "").casefold() == unit.casefold():
            return labels_of(body)
    return {}


def _media(asset: JsonObject, main: str, attribute: JsonObject | None) -> Iterator[JsonObject]:
    for value in as_list(_lookup(_values(asset), main)):
        entry = as_object(value)
        if url := _media_url(entry, attribute):
            yield {"locale": entry.get("locale"), "scope": entry.get("channel"), "url": url}


def _media_url(entry: JsonObject, attribute: JsonObject | None) -> str | None:
    """The link as the PIM says it; else, of a file kept elsewhere, as its attribute spells it."""
    said = text_of(as_object(entry.get("linked_data")), "full_url")
    links = as_object(entry.get("_links"))
    said = said or text_of(as_object(links.get("download")), "href")
    link = text_of(entry, "data")
    if said or link is None or text_of(attribute, "type") != "media_link":
        return said
    return f"{text_of(attribute, 'prefix') or ''}{link}{text_of(attribute, 'suffix') or ''}"


def _labels(item: JsonObject) -> JsonObject:
    """Records and assets keep their label as a value per locale; older ones as plain labels."""
    labels = labels_of(item)
    for entry in as_list(_lookup(_values(item), LABEL)):
        value = as_object(entry)
        locale, label = text_of(value, "locale"), text_of(value, "data")
        if locale is not None and label is not None:
            labels[locale] = label
    return labels


def _values(item: JsonObject) -> JsonObject:
    return as_object(item.get("values"))


def _lookup(values: JsonObject, code: str) -> JsonValue:
    """A value by its attribute's code; the PIM ignores its case."""
    if code in values:
        return values[code]
    wanted = code.casefold()
    return next((value for name, value in values.items() if name.casefold() == wanted), None)
