"""A full sweep's page against the store, and what the sweep did not see."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum

from pim.ids import OrderNumber, ProductKey
from pim.reads import ProductRead
from storage.engine import Transaction


class Compared(StrEnum):
    """How a read product stands against the store."""

    MISSING = "missing"  # no row, or a tombstone
    DIFFERENT = "different"
    UNCHANGED = "unchanged"  # same content and `updated`: touch it
    MOVED = "moved"  # same content, another `updated`: write it, no drift
    REWOUND = "rewound"  # an older `updated` than the stored one: confirm by key
    NEWER = "newer"  # the stored read is not older than this one: leave it


def compare_page(tx: Transaction, reads: Sequence[ProductRead]) -> Mapping[ProductKey, Compared]:
    """Compare a page of found products with the store, in one query."""
    raise NotImplementedError


def touch_unchanged(tx: Transaction, reads: Collection[ProductRead]) -> set[ProductKey]:
    """Move the read columns of products whose content still is what was read, in one update.

    Guarded like any write; answers the keys that moved. The reads share one interval (a page).
    """
    raise NotImplementedError


def list_orphans(
    tx: Transaction, *, first_number: OrderNumber, after: ProductKey | None, limit: int
) -> list[ProductKey]:
    """List live products that no read since `first_number` has seen, in key order."""
    raise NotImplementedError
