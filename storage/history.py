"""What `why KEY` shows: all that is known about one product."""

from dataclasses import dataclass
from datetime import datetime

from pim.ids import ProductKey
from pim.json_types import JsonObject
from storage.changes import Change
from storage.engine import Transaction
from storage.holds import HeldDeletion
from storage.letters import ListedEvent


@dataclass(frozen=True, slots=True)
class ProductState:
    """The stored row; of a tombstone, `source` is the last one seen."""

    key: ProductKey
    uuid: str | None
    identifier: str | None
    family: str | None
    parent: str | None
    updated: datetime | None
    content_hash: str | None
    deleted_at: datetime | None
    read_from: int
    read_to: int
    read_at: datetime
    written_at: datetime
    catalog_version: int
    source: JsonObject | None
    document: JsonObject | None


@dataclass(frozen=True, slots=True)
class History:
    """One product's story; events and changes newest first."""

    product: ProductState | None
    events: tuple[ListedEvent, ...]
    changes: tuple[Change, ...]
    holds: tuple[HeldDeletion, ...]


def read_history(tx: Transaction, key: str, *, limit: int = 100) -> list[History]:
    """Tell the story of every product that `key` (uuid, or identifier casefolded) names.

    Empty if nothing is known; a story without a product if only events are.
    """
    raise NotImplementedError
