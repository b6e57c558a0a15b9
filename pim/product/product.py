"""A product as the source's REST API shows it."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pim.errors import InvalidAnswer
from pim.ids import ProductKey
from pim.json_types import JsonObject, as_code, as_list, as_object, as_text, codes_of
from pim.product.fingerprint import fingerprint_both, fingerprint_product
from pim.product.meaning import Meaning, read_meaning
from pim.texts import is_usable_key, parse_instant, storable
from pim.vocabulary import Identity


@dataclass(frozen=True, slots=True)
class SourceProduct:
    """One REST answer, whole in `body` (write it with `pim.canonical.dump_json`), and its head.

    `parent` is a model's code; `updated` the product's own (a parent's edit leaves it alone), None
    if it has no date that can be read. `content` is what the answer means (`read_meaning`), and
    `content_hash` covers it; `source_hash` covers the answer as it came. `notes` say what is odd.
    Instants are aware UTC. The strings of the head can be stored as text; codes are as written.
    """

    key: ProductKey
    uuid: str | None
    identifier: str | None
    enabled: bool
    family: str | None
    parent: str | None
    categories: tuple[str, ...]
    created: datetime | None
    updated: datetime | None
    content_hash: str
    body: JsonObject
    content: JsonObject
    source_hash: str
    notes: tuple[str, ...] = ()


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
    """64 hex digits that are equal exactly when two answers mean the same product.

    Left out: what no document shows (keys that we do not know), and what only decorates a value or
    dates it: `_links` anywhere, an attribute's type beside its value, the top-level `updated`. `{}`
    and `[]` are the same empty. The order of keys and of sets (value entries, categories, groups,
    associations, completenesses, scores) is irrelevant, and so is a thing that is there twice, or
    a list that came as a map of positions. Numbers count as written.
    """
    return fingerprint_product(body)


def parse_product(
    body: JsonObject, *, identity: Identity, main_identifier: str | None
) -> SourceProduct:
    """Take a product of `/products-uuid` or `/products` apart.

    `main_identifier` is the code of the main identifier attribute, whose value is the identifier
    where the answer has none at its top level.

    Raises:
        InvalidAnswer: no usable key, or nested too deep.
    """
    uuid = _usable(as_text(body.get("uuid")))
    identifier = _usable(as_code(body.get("identifier"))) or _identifier_value(
        body, main_identifier
    )
    key = product_key(uuid, identifier, identity)
    if key is None:
        raise InvalidAnswer(f"a product without usable {identity.value}")
    meaning, content_hash_, source_hash = _read_or_refuse(key, body)
    return SourceProduct(
        key=key,
        uuid=None if uuid is None else uuid.lower(),
        identifier=identifier,
        enabled=meaning.content.get("enabled") is not False,
        family=_stored(meaning, "family"),
        parent=_stored(meaning, "parent"),
        categories=tuple(storable(code) for code in codes_of(meaning.content.get("categories"))),
        created=parse_instant(body.get("created")),
        updated=parse_instant(body.get("updated")),
        content_hash=content_hash_,
        body=body,
        content=meaning.content,
        source_hash=source_hash,
        notes=tuple(meaning.notes),
    )


def _usable(name: str | None) -> str | None:
    """A name that cannot be used is none: it must not condemn one that can."""
    return name if name is not None and is_usable_key(name) else None


def _stored(meaning: Meaning, name: str) -> str | None:
    text = as_text(meaning.content.get(name))
    return storable(text) if text else None


def _identifier_value(body: JsonObject, main_identifier: str | None) -> str | None:
    if main_identifier is None:
        return None
    for entry in as_list(as_object(body.get("values")).get(main_identifier)):
        if name := _usable(as_code(as_object(entry).get("data"))):
            return name
    return None


def _read_or_refuse(key: ProductKey, body: JsonObject) -> tuple[Meaning, str, str]:
    try:
        meaning = read_meaning(body)
        return meaning, *fingerprint_both(body, meaning.content)
    except (ValueError, RecursionError) as error:
        raise InvalidAnswer(f"product {key} is nested too deep") from error


def is_uuid(key: str) -> bool:
    """Whether a key is written as a uuid is."""
    try:
        UUID(key)
    except ValueError:
        return False
    return True
