"""A product as the source's REST API shows it."""

from dataclasses import dataclass
from datetime import datetime

from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.vocabulary import Identity


@dataclass(frozen=True, slots=True)
class SourceProduct:
    """One REST answer, whole in `body` (write it with `pim.canonical.dump_json`), and its head.

    `parent` is a model's code; `updated` the product's own (a parent's edit leaves it alone);
    `content_hash` covers all but `_links` and the top-level `updated`. Instants are aware UTC.
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

    None also for an identifier alone where products are keyed by uuid: ask the store which uuid
    carries it.
    """
    raise NotImplementedError


def content_hash(body: JsonObject) -> str:
    """64 hex digits that are equal exactly when two answers show the same product.

    Left out: `_links` anywhere, and the top-level `updated`. `{}` and `[]` are the same empty. The
    order of keys and of sets (value entries, categories, groups, associations, completenesses,
    scores) is irrelevant. Numbers count as written.
    """
    raise NotImplementedError


def parse_product(
    body: JsonObject, *, identity: Identity, main_identifier: str | None
) -> SourceProduct:
    """Take a product of `/products-uuid` or `/products` apart.

    `main_identifier` is the code of the main identifier attribute, whose value is the identifier
    where the answer has none at its top level.

    Raises:
        InvalidAnswer: no usable key, or no readable `updated`.
    """
    raise NotImplementedError
