"""The source's structure: families, attributes, options, categories and the like.

Some of it decides, for all products at once, which of their values the source shows: that has a
fingerprint of its own.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pim.canonical import dump_bytes
from pim.errors import InvalidAnswer
from pim.json_types import JsonObject, JsonValue, as_code, as_list, as_object
from pim.product import fingerprint_item, fingerprint_product
from pim.texts import is_usable_key, parse_instant
from pim.vocabulary import CatalogKind

PARENT_KINDS: dict[CatalogKind, CatalogKind] = {
    CatalogKind.OPTION: CatalogKind.ATTRIBUTE,
    CatalogKind.FAMILY_VARIANT: CatalogKind.FAMILY,
    CatalogKind.REFERENCE_ENTITY_ATTRIBUTE: CatalogKind.REFERENCE_ENTITY,
    CatalogKind.REFERENCE_ENTITY_OPTION: CatalogKind.REFERENCE_ENTITY_ATTRIBUTE,
    CatalogKind.RECORD: CatalogKind.REFERENCE_ENTITY,
    CatalogKind.ASSET_ATTRIBUTE: CatalogKind.ASSET_FAMILY,
    CatalogKind.ASSET_OPTION: CatalogKind.ASSET_ATTRIBUTE,
    CatalogKind.ASSET: CatalogKind.ASSET_FAMILY,
}
"""The kinds that live in another item, which has a list of them, and takes them along."""

DECIDING = (
    CatalogKind.CHANNEL,
    CatalogKind.LOCALE,
    CatalogKind.CURRENCY,
    CatalogKind.ASSOCIATION_TYPE,
    CatalogKind.MEASUREMENT_FAMILY,
)
"""Where one of these is switched off, deleted or cut down, values vanish from every answer."""


class Reference(NamedTuple):
    """The name of a catalog item; `parent` is "" but for the kinds that live in another item.

    option: attribute · family_variant: family · record and reference_entity_attribute: reference
    entity · asset and asset_attribute: asset family (see `PARENT_KINDS`). An option of one of their
    attributes lives in `brand/country` (`join_parent`).
    Codes are as written; compare them casefolded.
    """

    kind: CatalogKind
    parent: str
    code: str


def join_parent(home: str, attribute: str) -> str:
    """The parent of an option of a reference entity's or asset family's attribute."""
    return f"{home}/{attribute}"


def name_above(kind: CatalogKind, parent: str) -> Reference:
    """The item that items of this kind and parent live in."""
    above = PARENT_KINDS[kind]
    home, _, code = parent.rpartition("/") if above in PARENT_KINDS else ("", "", parent)
    return Reference(above, home, code)


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One item of the structure, whole in `body`; `parent` is "" where there is none.

    `content_hash` leaves out where the item itself lives and the top-level `updated`; that of a
    product model is taken as a product's (`hash_item`).
    """

    kind: CatalogKind
    parent: str
    code: str
    body: JsonObject
    content_hash: str
    updated: datetime | None

    @property
    def reference(self) -> Reference:
        """This item's name."""
        return Reference(self.kind, self.parent, self.code)


def parse_item(kind: CatalogKind, parent: str, body: JsonObject) -> CatalogItem:
    """Take one item of a structure listing apart: whatever else of it is odd, costs only itself.

    Raises:
        InvalidAnswer: it has no usable code, or is nested too deep; its neighbours may be sound.
    """
    code = as_code(body.get("code")) or ""
    if not is_usable_key(code):
        raise InvalidAnswer(f"an item of kind {kind.value} without usable code")
    try:
        fingerprint = hash_item(kind, body)
    except (ValueError, RecursionError) as error:
        raise InvalidAnswer(f"{kind.value} {code} is nested too deep") from error
    return CatalogItem(kind, parent, code, body, fingerprint, parse_instant(body.get("updated")))


def hash_item(kind: CatalogKind, body: JsonObject) -> str:
    """The content hash of an item; raises ValueError or RecursionError where it is too deep."""
    is_model = kind is CatalogKind.PRODUCT_MODEL
    return fingerprint_product(body) if is_model else fingerprint_item(body)


def labels_of(body: JsonObject) -> JsonObject:
    """Labels by locale; locales without a label are left out, never filled in."""
    labels = body.get("labels")
    if not isinstance(labels, dict):
        return {}
    return {locale: label for locale, label in labels.items() if label and isinstance(label, str)}


def text_of(body: JsonObject | None, name: str) -> str | None:
    """A non-empty string of an item, or None; a whole number is the code that it spells."""
    value: JsonValue = None if body is None else body.get(name)
    return as_code(value) or None


def fingerprint_visibility(items: Mapping[CatalogKind, Iterable[JsonObject]]) -> str:
    """64 hex digits that change when the source's answers may show other values than before.

    Counted are which channels there are with which locales and currencies, what is enabled, which
    association types and units there are; labels are not. The source hides what is gone as it
    answers: no event tells, and no product's `updated` moves.
    """
    counted: list[JsonValue] = [
        [str(kind), *sorted((_essence(body) for body in items.get(kind, ())), key=repr)]
        for kind in DECIDING
    ]
    return hashlib.sha256(dump_bytes(counted)).hexdigest()


def _essence(body: JsonObject) -> JsonValue:
    units = [as_object(unit).get("code") for unit in as_object(body.get("units")).values()]
    lists = (units, as_list(body.get("locales")), as_list(body.get("currencies")))
    return [body.get("code"), body.get("enabled"), *([*sorted(each, key=repr)] for each in lists)]
