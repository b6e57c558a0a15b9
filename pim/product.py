"""A product as the source's REST API shows it."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from pim.errors import InvalidAnswer
from pim.fingerprint import fingerprint_product
from pim.ids import ProductKey
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text, texts
from pim.texts import is_usable_key, parse_instant, storable
from pim.vocabulary import Identity


@dataclass(frozen=True, slots=True)
class SourceProduct:
    """One REST answer, whole in `body` (write it with `pim.canonical.dump_json`), and its head.

    `parent` is a model's code; `updated` the product's own (a parent's edit leaves it alone);
    `content_hash` covers all but `_links` and the top-level `updated`. Instants are aware UTC. The
    strings of the head can be stored as text; codes are as written.
    """

    key: ProductKey
    uuid: str | None
    identifier: str | None
    enabled: bool
    family: str | None
    parent: str | None
    categories: tuple[str, ...]
    created: datetime | None
    updated: datetime
    content_hash: str
    body: JsonObject


def product_key(uuid: str | None, identifier: str | None, identity: Identity) -> ProductKey | None:
    """The key of a product: lower-case uuid, or casefolded identifier; None if it has none.

    The PIM compares identifiers by MySQL's utf8mb4_unicode_ci, which ignores case, accents and
    blanks at the end, and takes ß for ss. Casefolding tells apart more than that (é from e, İ from
    i) and never less, as `lower()` would (ß from SS): two products of the PIM never share a key.
    What only the PIM holds equal is another key, and `is_same_to_source` knows it.
    None also for an identifier alone where products are keyed by uuid: ask the store which uuid
    carries it.
    """
    name = uuid if identity is Identity.UUID else identifier
    if name is None or not is_usable_key(name):
        return None
    return ProductKey(name.lower() if identity is Identity.UUID else name.casefold())


def is_same_to_source(one: str, other: str) -> bool:
    """Whether the PIM may hold two identifiers for the same: it cannot have both."""
    return _loosely(one) == _loosely(other)


def _loosely(identifier: str) -> str:
    parts = unicodedata.normalize("NFKD", identifier.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).rstrip(" ")


def content_hash(body: JsonObject) -> str:
    """64 hex digits that are equal exactly when two answers show the same product.

    Left out: `_links` anywhere, and the top-level `updated`. `{}` and `[]` are the same empty. The
    order of keys and of sets (value entries, categories, groups, associations, completenesses,
    scores) is irrelevant. Numbers count as written.
    """
    return fingerprint_product(body)


def parse_product(
    body: JsonObject, *, identity: Identity, main_identifier: str | None
) -> SourceProduct:
    """Take a product of `/products-uuid` or `/products` apart.

    `main_identifier` is the code of the main identifier attribute, whose value is the identifier
    where the answer has none at its top level.

    Raises:
        InvalidAnswer: no usable key, no readable `updated`, or nested too deep.
    """
    uuid = as_text(body.get("uuid"))
    identifier = as_text(body.get("identifier")) or _identifier_value(body, main_identifier)
    key = product_key(uuid, identifier, identity)
    if key is None:
        raise InvalidAnswer(f"a product without usable {identity.value}")
    updated = parse_instant(body.get("updated"))
    if updated is None:
        raise InvalidAnswer(f"product {key} has no readable `updated`")
    return SourceProduct(
        key=key,
        uuid=None if uuid is None else storable(uuid.lower()),
        identifier=_stored(identifier),
        enabled=body.get("enabled") is not False,
        family=_stored(body.get("family")),
        parent=_stored(body.get("parent")),
        categories=tuple(storable(code) for code in texts(body.get("categories"))),
        created=parse_instant(body.get("created")),
        updated=updated,
        content_hash=_hash_or_refuse(key, body),
        body=body,
    )


def _stored(value: JsonValue) -> str | None:
    text = as_text(value)
    return storable(text) if text else None


def _identifier_value(body: JsonObject, main_identifier: str | None) -> str | None:
    if main_identifier is None:
        return None
    for entry in as_list(as_object(body.get("values")).get(main_identifier)):
        text = as_text(as_object(entry).get("data"))
        if text:
            return text
    return None


def _hash_or_refuse(key: ProductKey, body: JsonObject) -> str:
    try:
        return content_hash(body)
    except (ValueError, RecursionError) as error:
        raise InvalidAnswer(f"product {key} is nested too deep") from error
