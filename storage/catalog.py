"""The mirrored structure, and who must be rendered (or read) again when it changes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pim.document import Document
from pim.ids import OrderNumber, ProductKey
from pim.json_types import JsonObject
from pim.structure import CatalogItem, Reference
from pim.vocabulary import CatalogKind
from storage.engine import Transaction


@dataclass(frozen=True, slots=True)
class CatalogSnapshot:
    """Items of one version: a `CatalogView`. Codes compare casefolded."""

    version: int
    items: Mapping[tuple[CatalogKind, str, str], JsonObject] = field(default_factory=dict)

    def get(self, kind: CatalogKind, parent: str | None, code: str) -> JsonObject | None:
        """Look up an item's body; None if it is not mirrored."""
        raise NotImplementedError

    def missing(self, references: Iterable[Reference]) -> frozenset[Reference]:
        """List the references that are not mirrored."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ItemCode:
    """An item's place: kind, parent (an option's attribute, say) and code, as written."""

    kind: CatalogKind
    parent: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A durable mark: an item changed (render its users) or was removed (read its users again)."""

    item: ItemCode
    version: int
    removed: bool
    number: OrderNumber


@dataclass(frozen=True, slots=True)
class StoredRendering:
    """What a rendering starts from."""

    key: ProductKey
    source: JsonObject
    content_hash: str
    catalog_version: int


def load_snapshot(tx: Transaction, references: Collection[Reference]) -> CatalogSnapshot:
    """Load the referenced items with the catalog's version (at most as new as the items)."""
    raise NotImplementedError


def read_version(tx: Transaction) -> int:
    """Read the catalog's version."""
    raise NotImplementedError


def write_items(tx: Transaction, items: Sequence[CatalogItem]) -> list[ItemCode]:
    """Store items; answer those that are new or changed (compared by content hash).

    If any is, the catalog's version rises, and each leaves a durable mark.
    """
    raise NotImplementedError


def list_codes(tx: Transaction, kind: CatalogKind, parent: str | None = None) -> set[str]:
    """List the stored codes of a kind (below one parent), to compare with a complete listing."""
    raise NotImplementedError


def list_items(
    tx: Transaction, kind: CatalogKind, parent: str | None = None
) -> dict[str, JsonObject]:
    """Read all stored items of a kind (below one parent), by code."""
    raise NotImplementedError


def remove_items(tx: Transaction, items: Collection[ItemCode]) -> list[ItemCode]:
    """Remove items that the source no longer has; answer those that were there.

    Each leaves a mark whose users must be read again: their REST answer has changed with it.
    """
    raise NotImplementedError


def next_mark(tx: Transaction) -> Mark | None:
    """Read the oldest mark that still may have users behind it."""
    raise NotImplementedError


def users_behind(
    tx: Transaction, mark: Mark, *, after: ProductKey | None = None, limit: int = 100
) -> list[ProductKey]:
    """List products that use the mark's item and have not caught up with it, in key order.

    Not removed: to render again. Removed: to read again from the source.
    """
    raise NotImplementedError


def finish_mark(tx: Transaction, mark: Mark) -> bool:
    """Close the mark if all its users have caught up; False: go through them again."""
    raise NotImplementedError


def read_renderings(tx: Transaction, keys: Collection[ProductKey]) -> list[StoredRendering]:
    """Read what is needed to render live products again."""
    raise NotImplementedError


def write_rendering(
    tx: Transaction, rendering: StoredRendering, *, document: Document, catalog_version: int
) -> bool:
    """Store a rendering if content and version still are as read; False: it is stale."""
    raise NotImplementedError
