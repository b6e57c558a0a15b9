"""Parts that items of the catalog contribute to documents, each worked out once for all products.

A part is kept once all that it is made of is known; until then it is worked out for each product
that asks. So a catalog that learns more, and says nothing otherwise, leaves every kept part true.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from pim.document.entries import codes_in, linked_option
from pim.document.lookups import (
    CatalogView,
    category_path,
    is_path_whole,
    root_model,
    unit_labels,
    view_asset,
    view_record,
)
from pim.document.tables import TABLE, TableColumn, columns_of
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text
from pim.structure import Reference, labels_of, text_of
from pim.texts import is_usable_key
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


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown of a thing that a product names, which items that takes, and which lack.

    `tree`: of a category, the root that it is below; None while the way up is not known.
    """

    shown: JsonValue
    references: tuple[Reference, ...]
    unknown: tuple[Reference, ...]
    tree: str | None = None


@dataclass(frozen=True, slots=True)
class ItemPart:
    """An item that a code in a value names: `shown` is what stands beside the code.

    `reference` is None where nothing can be called so, `body` where the item is not known.
    """

    reference: Reference | None
    body: JsonObject | None
    shown: JsonObject


@dataclass(frozen=True, slots=True)
class AttributePart:
    """What is known of an attribute, and of the items that codes in its values name.

    `link` is the kind of these items, `home` the attribute, reference entity, asset family or
    measurement family that they are in; None for values that say all themselves. `head` is what is
    shown of the attribute itself.
    """

    type: str | None
    link: CatalogKind | None
    home: str
    head: JsonObject
    columns: tuple[TableColumn, ...]
    references: tuple[Reference, ...]
    unknown: tuple[Reference, ...]
    items: dict[str, ItemPart] = field(default_factory=dict)


_P = TypeVar("_P", Part, AttributePart)


class CatalogParts:
    """The parts that one version of the catalog has.

    `catalog` may be replaced by one that knows more of the same version.
    """

    def __init__(self, catalog: CatalogView) -> None:
        self.catalog = catalog
        self._attributes: dict[str, AttributePart] = {}
        self._families: dict[str, Part] = {}
        self._categories: dict[str, Part] = {}
        self._models: dict[str, Part] = {}
        self._units: dict[tuple[str, str], JsonObject] = {}
        self._records: dict[tuple[str, str], ItemPart] = {}

    def family(self, code: str) -> Part:
        """A family as it is shown."""
        return self._families.get(code) or _keep(self._families, code, self._make_family(code))

    def category(self, code: str) -> Part:
        """A category as it is shown; its way down from the root is among its references."""
        return self._categories.get(code) or _keep(
            self._categories, code, self._make_category(code)
        )

    def channels(self, categories: Iterable[str]) -> list[JsonValue] | None:
        """The channels that show these categories, by code; None while a way up is not known."""
        trees = {self.category(code).tree for code in categories}
        if None in trees:
            return None
        known = (self.catalog.get(CatalogKind.CATEGORY_TREE, "", tree or "") for tree in trees)
        shown = {
            as_text(as_object(each).get("code")) or "": each
            for tree in known
            for each in as_list(tree and tree.get("channels"))
        }
        return [shown[code] for code in sorted(shown)]

    def model(self, code: str) -> Part:
        """The code of the root above a variant of this model; None while the way is not known."""
        return self._models.get(code) or _keep(self._models, code, self._make_model(code))

    def attribute(self, code: str, entries: Sequence[JsonObject]) -> AttributePart:
        """An attribute; where the catalog does not know all of it, its values tell."""
        return self._attributes.get(code) or self._make_attribute(code, entries)

    def item(self, attribute: AttributePart, code: str) -> ItemPart:
        """An option, record or asset that a code in this attribute's values names."""
        known = attribute.items.get(code)
        if known is None:
            kind = attribute.link or CatalogKind.OPTION
            known = self._make_item(kind, attribute.home, code)
            if known.body is not None:
                attribute.items[code] = known
        return known

    def record(self, entity: str, code: str) -> ItemPart:
        """A record that a table's cell names."""
        known = self._records.get((entity, code))
        if known is None:
            known = self._make_item(CatalogKind.RECORD, entity, code)
            options = self.catalog.get(CatalogKind.RECORD_OPTIONS, "", entity)
            if known.body is not None and options is not None:
                self._records[entity, code] = known
        return known

    def unit(self, family: str, code: str) -> JsonObject:
        """The labels of a unit of measure."""
        labels = self._units.get((family, code))
        if labels is None:
            body = self.catalog.get(CatalogKind.MEASUREMENT_FAMILY, "", family)
            labels = unit_labels(body, code)
            if body is not None:
                self._units[family, code] = labels
        return labels

    def _make_family(self, code: str) -> Part:
        known = self.catalog.get(CatalogKind.FAMILY, "", code)
        shown: JsonObject = {"code": code}
        if known is not None:
            shown["labels"] = labels_of(known)
        return self._part(shown, [Reference(CatalogKind.FAMILY, "", code)])

    def _make_category(self, code: str) -> Part:
        path = category_path(code, self.catalog)
        shown: JsonObject = {"code": code}
        references = [Reference(CatalogKind.CATEGORY, "", each) for each in path]
        tree = path[0] if is_path_whole(path, self.catalog) else None
        known = self.catalog.get(CatalogKind.CATEGORY, "", code)
        if known is not None:
            shown["labels"] = labels_of(known)
            if tree is not None:
                shown["path"] = list(path)
                shown["ancestors"] = [self._ancestor(each) for each in path[:-1]]
                references.append(Reference(CatalogKind.CATEGORY_TREE, "", tree))
        return replace(self._part(shown, references), tree=tree)

    def _ancestor(self, code: str) -> JsonValue:
        return {
            "code": code,
            "labels": labels_of(self.catalog.get(CatalogKind.CATEGORY, "", code) or {}),
        }

    def _make_model(self, code: str) -> Part:
        found = root_model(code, self.catalog)
        models = (Reference(CatalogKind.PRODUCT_MODEL, "", each) for each in found.models)
        return self._part(found.root, models)

    def _part(self, shown: JsonValue, named: Iterable[Reference]) -> Part:
        references = _usable(named)
        return Part(shown, references, self._unknown(references))

    def _unknown(self, references: Iterable[Reference]) -> tuple[Reference, ...]:
        get = self.catalog.get
        return tuple(each for each in references if get(*each) is None)

    def _make_attribute(self, code: str, entries: Sequence[JsonObject]) -> AttributePart:
        body = self.catalog.get(CatalogKind.ATTRIBUTE, "", code)
        own_type = text_of(body, "type")
        # SaaS writes the type beside each value too: good where the attribute is not known yet.
        type_ = own_type or text_of(entries[0], "attribute_type")
        link, home, own_home = _linked_to(type_, code, body, entries)
        columns = tuple(columns_of(body)) if type_ == TABLE else ()
        named = [Reference(CatalogKind.ATTRIBUTE, "", code), *self._named(link, home, columns)]
        references = _usable(named)
        part = AttributePart(
            type=type_,
            link=link,
            home=home,
            head=_head(type_, body),
            columns=columns,
            references=references,
            unknown=self._unknown(references),
        )
        if own_type is not None and own_home:
            _keep(self._attributes, code, part)
        return part

    def _named(
        self, link: CatalogKind | None, home: str, columns: Iterable[TableColumn]
    ) -> Iterable[Reference]:
        """What any value of an attribute takes, whatever its codes are."""
        for column in columns:
            if column.measures is not None:
                yield Reference(CatalogKind.MEASUREMENT_FAMILY, "", column.measures)
            if column.entity is not None:
                yield Reference(CatalogKind.RECORD_OPTIONS, "", column.entity)
        if link is CatalogKind.MEASUREMENT_FAMILY:
            yield Reference(link, "", home)
        elif link is CatalogKind.RECORD:
            yield Reference(CatalogKind.RECORD_OPTIONS, "", home)
        elif link is CatalogKind.ASSET:
            # The asset family says what the main media is; that attribute of it, how to link it.
            yield Reference(CatalogKind.ASSET_FAMILY, "", home)
            yield Reference(CatalogKind.ASSET_OPTIONS, "", home)
            known = self.catalog.get(CatalogKind.ASSET_FAMILY, "", home)
            main = text_of(known, "attribute_as_main_media")
            if main is not None:
                yield Reference(CatalogKind.ASSET_ATTRIBUTE, home, main)

    def _make_item(self, kind: CatalogKind, home: str, code: str) -> ItemPart:
        known = self.catalog.get(kind, home, code)
        shown: JsonObject = {}
        if known is not None:
            match kind:
                case CatalogKind.OPTION:
                    shown = labels_of(known)
                case CatalogKind.ASSET:
                    shown = view_asset(known, code, home, self.catalog)
                case _:
                    shown = view_record(known, code, home, self.catalog)
        return ItemPart(Reference(kind, home, code) if is_usable_key(code) else None, known, shown)


def _keep(kept: dict[str, _P], code: str, part: _P) -> _P:
    """Keep a part that no later knowledge can change."""
    if not part.unknown:
        kept[code] = part
    return part


def _usable(references: Iterable[Reference]) -> tuple[Reference, ...]:
    return tuple(each for each in references if is_usable_key(each.code))


def _linked_to(
    type_: str | None, code: str, body: JsonObject | None, entries: Sequence[JsonObject]
) -> tuple[CatalogKind | None, str, bool]:
    """The kind of what codes in the values name, its home, and whether the catalog told so."""
    if type_ is None:
        has_options = any(
            linked_option(entry, each) for entry in entries for each in codes_in(entry)
        )
        return (CatalogKind.OPTION if has_options else None), code, False
    link = _LINKS.get(type_)
    if link is None or link is CatalogKind.OPTION:
        return link, code, True
    name = _HOME_NAMES[link]
    told = text_of(body, name)
    home = told or text_of(entries[0], name)
    return (None, "", False) if home is None else (link, home, told is not None)


def _head(type_: str | None, body: JsonObject | None) -> JsonObject:
    """`type`, `labels` and `group` of an attribute where they are known."""
    head: JsonObject = {} if type_ is None else {"type": type_}
    if body is not None:
        head["labels"] = labels_of(body)
        head["group"] = body.get("group")
    return head
