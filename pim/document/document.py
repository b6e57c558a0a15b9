"""The document that a shop shows: a product joined with the structure it refers to.

A cleared value is an absent key, so a document replaces the one before and is never merged. Labels
come from the mirrored structure first, then from what the product carries itself (`linked_data`):
a renamed option reaches its products by rendering them again from stored data. Missing labels are
normal; the code is always there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pim.document.parts import CatalogParts, Part
from pim.document.values import AttributeValues
from pim.json_types import JsonObject, JsonValue, as_code, as_list, as_object, as_text, codes_of
from pim.product import SourceProduct
from pim.structure import Reference, text_of
from pim.texts import is_usable_key, storable
from pim.vocabulary import COLLECTED, CatalogKind


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered product, and all that its text depends on (known to the catalog or not)."""

    body: JsonObject
    references: frozenset[Reference]


class Draft:
    """A product joined with what the catalog knows by now.

    `references`: the items of the structure that it takes. `unknown`: those of them that the
    catalog lacks; with a catalog that has them, a new draft may name more: ancestors of categories
    and models are known by who is below them.
    """

    __slots__ = ("_attributes", "parts", "product", "references", "unknown")

    def __init__(self, product: SourceProduct, parts: CatalogParts) -> None:
        self.product = product
        self.parts = parts
        self._attributes = [
            AttributeValues(code, found, parts)
            for code, entries in as_object(product.content.get("values")).items()
            if (found := [entry for entry in as_list(entries) if isinstance(entry, dict)])
        ]
        self.references: set[Reference] = set()
        self.unknown: set[Reference] = set()
        for part in self._own_parts():
            self.references.update(part.references)
            self.unknown.update(part.unknown)
        for each in self._attributes:
            each.collect(self.references, self.unknown)

    def _own_parts(self) -> Iterator[Part]:
        """The parts of what the product itself belongs to."""
        if self.product.family is not None:
            yield self.parts.family(self.product.family)
        if self.product.parent is not None:
            yield self.parts.model(self.product.parent)
        yield from map(self.parts.category, self.product.categories)

    def unresolved(self) -> set[Reference]:
        """What must be read from the source so that the document is whole.

        Options whose labels the product carries itself (`linked_data`) are left out: no call is
        needed for them.
        """
        unknown = {each for each in self.unknown if each.kind not in COLLECTED}
        if not any(each.kind is CatalogKind.OPTION for each in unknown):
            return unknown
        return unknown.difference(*(each.explained() for each in self._attributes))

    def contradicted(self) -> set[Reference]:
        """The options whose labels have changed since they were mirrored, as a fresh answer shows.

        An answer carries the labels of its options along; a stored one says nothing new.
        """
        return set[Reference]().union(*(each.contradicted() for each in self._attributes))

    def render(self) -> Document:
        """Give the document; unknown items leave their labels out."""
        product, shown = self.product, self.product.content
        channels = self.parts.channels(product.categories)
        # A PIM before 6 does not tell them, whatever it is asked.
        is_told = product.body.get("completenesses") is not None
        completenesses = as_list(shown.get("completenesses")) if is_told else None
        body: JsonObject = {
            "key": product.key,
            "uuid": product.uuid,
            "identifier": product.identifier,
            "enabled": product.enabled,
            "family": None if product.family is None else self.parts.family(product.family).shown,
            "parent": product.parent,
            **self._root(),
            "categories": [self.parts.category(code).shown for code in product.categories],
            **({} if channels is None else {"channels": channels}),
            "groups": [*map(storable, codes_of(shown.get("groups")))],
            "attributes": {each.code: each.render() for each in self._attributes},
            "associations": as_object(shown.get("associations")),
            "quantified_associations": as_object(shown.get("quantified_associations")),
            "completenesses": completenesses,
            **({"quality_scores": scores} if (scores := shown.get("quality_scores")) else {}),
            "created": product.body.get("created"),
            "updated": product.body.get("updated"),
        }
        return Document(body, frozenset(self.references | associated(product)))

    def _root(self) -> JsonObject:
        """The root model; an absent key while the way up to it is not known."""
        product = self.product
        if product.parent is None:
            return {"root": None}
        root = text_of(product.content, "root_parent") or self.parts.model(product.parent).shown
        return {} if root is None else {"root": root}


def associated(product: SourceProduct) -> frozenset[Reference]:
    """The products (by uuid or identifier) and models that its associations and links point to.

    When one of them is deleted, the source drops it from this product's answer without an event.
    """
    kinds = map(product.content.get, ("associations", "quantified_associations"))
    named = (_targets_of(owners) for each in kinds for owners in as_object(each).values())
    return frozenset(_linked(product)).union(*named)


def associated_by_type(content: JsonObject) -> dict[str, frozenset[Reference]]:
    """What the associations of a product's meaning point to, by the code of their type."""
    types = as_object(content.get("associations"))
    return {code: frozenset(_targets_of(owners)) for code, owners in types.items()}


def _targets_of(owners: JsonValue) -> set[Reference]:
    return {
        Reference(kind, "", name)
        for owner, kind in TARGETS.items()
        for name in map(_target_name, as_list(as_object(owners).get(owner)))
        if name
    }


TARGETS = {
    "products": CatalogKind.PRODUCT,
    "product_models": CatalogKind.ASSOCIATED_MODEL,
}
"""What an association can point to, by the name of its list: the source may drop it silently."""


def _target_name(target: JsonValue) -> str | None:
    """A uuid, identifier or code; None for a product without a name (null) or an unusable one."""
    named = as_object(target) if isinstance(target, dict) else {"uuid": target}
    names = (as_code(named.get(name)) for name in ("uuid", "code", "identifier", "id"))
    code = next(filter(None, names), None)
    return code if code is not None and is_usable_key(code) else None


def _linked(product: SourceProduct) -> set[Reference]:
    """What values of type `pim_catalog_product_link` and cells of tables point to.

    Known by their shape: a column's type may not be mirrored, and nothing else looks like them.
    """
    return {
        reference
        for entries in as_object(product.content.get("values")).values()
        for entry in as_list(entries)
        if type(data := as_object(entry).get("data")) in _HOLD_LINKS
        for reference in _links_in(data)
    }


_HOLD_LINKS = (dict, list)


def _links_in(data: JsonValue) -> Iterator[Reference]:
    if isinstance(data, list):
        for item in data:
            if type(item) in _HOLD_LINKS:
                yield from _links_in(item)
    elif isinstance(data, dict):
        kind = _LINKED.get(as_text(data.get("type")) or "")
        if kind is not None and (name := _target_name(data)):
            yield Reference(kind, "", name)
        for item in data.values():
            if type(item) in _HOLD_LINKS:
                yield from _links_in(item)


_LINKED = {
    "product": CatalogKind.PRODUCT,
    "product_model": CatalogKind.ASSOCIATED_MODEL,
}
