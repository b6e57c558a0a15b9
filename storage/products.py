"""Products: the one write path of drains and sweeps, with the order guard in its SQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pim.decision import StoredMark
from pim.document import Document
from pim.ids import ProductKey, RunId
from pim.reads import ProductRead
from storage.differences import Changed
from storage.engine import Transaction


class Written(StrEnum):
    """What a write did."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"  # a live product became a tombstone
    RESTORED = "restored"  # a tombstone became a live product
    UNCHANGED = "unchanged"  # same content: only `updated` and the read columns moved, or nothing
    ABSENT = "absent"  # absence recorded where nothing was live
    OUTDATED = "outdated"  # dropped: the stored read began after this one had been answered
    CONTENDED = "contended"  # not written: the reads overlap and disagree. Read again at once
    REWOUND_SUSPECT = "rewound-suspect"  # not written: older `updated`. Read by key, then confirm


@dataclass(frozen=True, slots=True)
class ProductWrite:
    """One product state to write.

    `document` belongs to `read.product`, rendered from a catalog of `catalog_version`; None for an
    absence. `confirmed`: read once more by its own key, so an older `updated` is true.
    `announced`: a removed event, or an operator, told of the absence (no share is used).
    """

    read: ProductRead
    document: Document | None = None
    catalog_version: int = 0
    confirmed: bool = False
    announced: bool = False


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a write did; `changed` for a change row, `rewound` if an older `updated` was written."""

    written: Written
    changed: tuple[Changed, ...] = ()
    rewound: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """Why we write: "event", "sweep", "approve"..., and the run that does it."""

    name: str
    run_id: RunId | None = None


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """Who a product is and where it hangs."""

    key: ProductKey
    uuid: str | None
    identifier: str | None
    family: str | None
    parent: str | None
    deleted: bool


def read_marks(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, StoredMark]:
    """Read the order marks of the given products; keys without a row are left out."""
    raise NotImplementedError


def find_keys(tx: Transaction, identifiers: Collection[str]) -> dict[str, tuple[ProductKey, ...]]:
    """Find the products, live first, that hold each identifier (compared casefolded).

    The answer's keys are the identifiers as given; an unknown one is left out.
    """
    raise NotImplementedError


def find_descendants(tx: Transaction, model_code: str) -> list[ProductKey]:
    """Find the live variants below a model, directly or through a sub-model."""
    raise NotImplementedError


def read_products(tx: Transaction, keys: Collection[ProductKey]) -> dict[ProductKey, StoredProduct]:
    """Read who the given products are; keys without a row are left out."""
    raise NotImplementedError


def write_products(
    tx: Transaction, writes: Sequence[ProductWrite], *, cause: Cause, now: datetime
) -> dict[ProductKey, WriteResult]:
    """Write the states that are newer than what is stored, with their change rows.

    One state per key. In key order; at most 25 a transaction keep SQLite's writers moving. A live
    write withdraws a deletion held for its product.

    Raises:
        StoreRace: another transaction inserted a row in between; `Store.run` tries again.
    """
    raise NotImplementedError


def count_live_by_family(tx: Transaction, keys: Iterable[ProductKey]) -> Mapping[str | None, int]:
    """Count the given products by family code, for a report of drift."""
    raise NotImplementedError
