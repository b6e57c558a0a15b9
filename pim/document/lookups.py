"""Lookups in the mirrored structure: the way up its trees, and what is shown beside a code.

Only what is known is shown of an option, a unit, a record or an asset: a missing label is an absent
key, never a filler. A record that names other records shows their codes: one level, so that no
change spreads further than its own users.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from pim.document.entries import codes_in
from pim.json_types import JsonObject, JsonValue, as_code, as_list, as_object
from pim.structure import labels_of, text_of
from pim.vocabulary import CatalogKind

LABEL = "label"
"""The attribute that holds the label of records and assets; the PIM makes it with each entity."""


class CatalogView(Protocol):
    """The mirrored structure; compares codes casefolded."""

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:
        """The item's body, or None if it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class RootModel:
    """The models above a variant, nearest first; `root` None while the way up is not known."""

    models: tuple[str, ...]
    root: str | None


def category_path(code: str, catalog: CatalogView) -> tuple[str, ...]:
    """The codes from the root down to `code`, as far as the catalog knows them."""
    return tuple(reversed(_way_up(CatalogKind.CATEGORY, code, catalog)))


def is_path_whole(path: tuple[str, ...], catalog: CatalogView) -> bool:
    """Whether the path begins at a known root: a part of a path would be taken for a whole one."""
    top = catalog.get(CatalogKind.CATEGORY, "", path[0])
    return top is not None and text_of(top, "parent") is None


def root_model(parent: str, catalog: CatalogView) -> RootModel:
    """The models from a variant's parent up to the root (at most two levels in Akeneo)."""
    models = tuple(_way_up(CatalogKind.PRODUCT_MODEL, parent, catalog))
    top = catalog.get(CatalogKind.PRODUCT_MODEL, "", models[-1])
    is_root = top is not None and text_of(top, "parent") is None
    return RootModel(models, models[-1] if is_root else None)


def _way_up(kind: CatalogKind, code: str, catalog: CatalogView) -> list[str]:
    """`code` and its known ancestors; a circle, made by reads at different times, ends the walk."""
    way = [code]
    seen = {code.casefold()}
    above = text_of(catalog.get(kind, "", code), "parent")
    while above is not None and above.casefold() not in seen:
        way.append(above)
        seen.add(above.casefold())
        above = text_of(catalog.get(kind, "", above), "parent")
    return way


def view_record(record: JsonObject, code: str, entity: str, catalog: CatalogView) -> JsonObject:
    """A reference entity's record: code, labels and values, with the labels of their options."""
    options = catalog.get(CatalogKind.RECORD_OPTIONS, "", entity)
    return {
        "code": code,
        "labels": _labels(record),
        "values": _explain_options(_values(record), options),
    }


def view_asset(asset: JsonObject, code: str, family: str, catalog: CatalogView) -> JsonObject:
    """An asset: code, labels, values, and its main media's links where the family is known."""
    shown: JsonObject = {"code": code, "labels": _labels(asset)}
    main = text_of(catalog.get(CatalogKind.ASSET_FAMILY, "", family), "attribute_as_main_media")
    if main is not None:
        attribute = catalog.get(CatalogKind.ASSET_ATTRIBUTE, family, main)
        shown["media"] = [*_media(asset, main, attribute)]
    options = catalog.get(CatalogKind.ASSET_OPTIONS, "", family)
    return {**shown, "values": _explain_options(_values(asset), options)}


def _explain_options(values: JsonObject, options: JsonObject | None) -> JsonObject:
    """The values, with `labels` beside the data of those that hold options, as a product's have.

    `options`: labels of each option by attribute, all codes casefolded.
    """
    if not options:
        return values
    explained = dict(values)
    for code in values:
        known = as_object(options.get(code.casefold()))
        if known:
            entries = map(as_object, as_list(values[code]))
            explained[code] = [_with_labels(entry, known) for entry in entries]
    return explained


def _with_labels(entry: JsonObject, known: JsonObject) -> JsonObject:
    """Of one choice its labels, of several a map of them by code."""
    labels: JsonObject = {
        code: shown for code in codes_in(entry) if (shown := as_object(known.get(code.casefold())))
    }
    if not labels:
        return entry
    one = as_code(entry.get("data"))
    return {**entry, "labels": labels if one is None else next(iter(labels.values()))}


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
