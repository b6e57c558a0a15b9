"""The document that a shop shows: a product joined with the structure it refers to.

A cleared value is an absent key, so a document replaces the one before and is never merged. Labels
come from the mirrored structure first, then from what the product carries itself (`linked_data`):
a renamed option reaches its products by rendering them again from stored data. Missing labels are
normal; the code is always there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pim.document.lookups import CatalogView, category_path, is_path_whole, root_model
from pim.document.values import AttributeValues
from pim.json_types import JsonObject, JsonValue, as_code, as_list, as_object, as_text, codes_of
from pim.product import SourceProduct
from pim.structure import Reference, labels_of, text_of
from pim.texts import is_usable_key, storable
from pim.vocabulary import CatalogKind


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered product, and all that its text depends on (known to the catalog or not)."""

    body: JsonObject
    references: frozenset[Reference]


class _NoCatalog:
    """The catalog before anything is known."""

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:  # noqa: ARG002 - the protocol's signature
        return None


def needed_references(product: SourceProduct) -> frozenset[Reference]:
    """What the product itself names: family, attributes, options, categories, parent model.

    Options are known as such by `linked_data` or `attribute_type` in the answer; where it has
    neither, `unresolved_references` finds them by the attribute's type.
    """
    catalog = _NoCatalog()
    return _references(product, AttributeValues.all_of(product.content, catalog), catalog)


def unresolved_references(product: SourceProduct, catalog: CatalogView) -> frozenset[Reference]:
    """What must still be read so that the document is whole; ask again until it is empty.

    Follows ancestors of categories and models that the catalog knows. Options whose labels the
    product carries itself (`linked_data`) are left out: no call is needed for them.
    """
    attributes = AttributeValues.all_of(product.content, catalog)
    unknown = [
        reference
        for reference in _references(product, attributes, catalog)
        if catalog.get(reference.kind, reference.parent, reference.code) is None
    ]
    if not any(reference.kind is CatalogKind.OPTION for reference in unknown):
        return frozenset(unknown)
    explained = set[Reference]().union(*(each.self_explained() for each in attributes))
    return frozenset(unknown) - explained


def contradicted_references(product: SourceProduct, catalog: CatalogView) -> frozenset[Reference]:
    """The options whose labels have changed since they were mirrored, as a fresh answer shows.

    An answer carries the labels of its options along; a stored one says nothing new.
    """
    attributes = AttributeValues.all_of(product.content, catalog)
    return frozenset[Reference]().union(*(each.contradicted() for each in attributes))


def render_document(product: SourceProduct, catalog: CatalogView) -> Document:
    """Join a product with its structure; unknown items leave their labels out."""
    shown = product.content
    attributes = AttributeValues.all_of(shown, catalog)
    body: JsonObject = {
        "key": product.key,
        "uuid": product.uuid,
        "identifier": product.identifier,
        "enabled": product.enabled,
        "family": _family(product, catalog),
        "parent": product.parent,
        **_root(product, catalog),
        "categories": [_category(code, catalog) for code in product.categories],
        "groups": [*map(storable, codes_of(shown.get("groups")))],
        "attributes": {each.code: each.render() for each in attributes},
        "associations": as_object(shown.get("associations")),
        "quantified_associations": as_object(shown.get("quantified_associations")),
        "completenesses": as_list(shown.get("completenesses")),
        **({"quality_scores": scores} if (scores := shown.get("quality_scores")) else {}),
        "created": product.body.get("created"),
        "updated": product.body.get("updated"),
    }
    return Document(body, _references(product, attributes, catalog) | associated(product))


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
        for reference in _links_in(as_object(entry).get("data"))
    }


def _links_in(data: JsonValue) -> Iterator[Reference]:
    if isinstance(data, list):
        for item in data:
            yield from _links_in(item)
    elif isinstance(data, dict):
        kind = _LINKED.get(as_text(data.get("type")) or "")
        if kind is not None and (name := _target_name(data)):
            yield Reference(kind, "", name)
        for item in data.values():
            yield from _links_in(item)


_LINKED = {
    "product": CatalogKind.PRODUCT,
    "product_model": CatalogKind.ASSOCIATED_MODEL,
}


def _references(
    product: SourceProduct, attributes: Sequence[AttributeValues], catalog: CatalogView
) -> frozenset[Reference]:
    found: set[Reference] = set()
    if product.family is not None:
        found.add(Reference(CatalogKind.FAMILY, "", product.family))
    for category in product.categories:
        path = category_path(category, catalog)
        found.update(Reference(CatalogKind.CATEGORY, "", code) for code in path)
    if product.parent is not None:
        models = root_model(product.parent, catalog).models
        found.update(Reference(CatalogKind.PRODUCT_MODEL, "", code) for code in models)
    for each in attributes:
        found |= each.references()
    return frozenset(reference for reference in found if is_usable_key(reference.code))


def _family(product: SourceProduct, catalog: CatalogView) -> JsonValue:
    if product.family is None:
        return None
    known = catalog.get(CatalogKind.FAMILY, "", product.family)
    return {"code": product.family, **({} if known is None else {"labels": labels_of(known)})}


def _root(product: SourceProduct, catalog: CatalogView) -> JsonObject:
    """The root model; an absent key while the way up to it is not known."""
    if product.parent is None:
        return {"root": None}
    root = text_of(product.content, "root_parent") or root_model(product.parent, catalog).root
    return {} if root is None else {"root": root}


def _category(code: str, catalog: CatalogView) -> JsonObject:
    known = catalog.get(CatalogKind.CATEGORY, "", code)
    if known is None:
        return {"code": code}
    rendered: JsonObject = {"code": code, "labels": labels_of(known)}
    path = category_path(code, catalog)
    if is_path_whole(path, catalog):
        rendered["path"] = list(path)
    return rendered
