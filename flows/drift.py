"""Naming a difference between store and source: pure."""

from pim.decision import StoredMark, is_rewound
from pim.reads import ProductRead
from pim.vocabulary import Drift
from storage.sweep_pages import Compared


def tell_drift(
    read: ProductRead, stored: StoredMark | None, compared: Compared | None = None
) -> Drift:
    """Name how a product that differs stands against the store."""
    live = stored is not None and not stored.deleted
    if read.product is None:
        return Drift.ORPHAN
    if compared is Compared.REWOUND or is_rewound(read.product.updated, stored):
        return Drift.REWOUND
    if compared is Compared.MISSING or stored is None or not live:
        return Drift.MISSING
    before, now = stored.updated, read.product.updated
    is_older = before is not None and now is not None and before < now
    return Drift.OUTDATED if is_older else Drift.DIFFERENT


def has_drifted(read: ProductRead, stored: StoredMark | None) -> bool:
    """Whether the store shows another state than the one read."""
    shown = stored.content_hash if stored is not None and not stored.deleted else None
    return shown != (read.product.content_hash if read.product is not None else None)
