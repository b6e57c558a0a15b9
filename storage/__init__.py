"""Every table and every line of SQL; rows never leave this package.

Open a store, open a transaction visibly, pass it to the functions of the modules::

    store = open_store(url)
    with store.transaction() as tx:      # or store.run(work), which tries a lost race once more
        inbox.store_batch(tx, ...)

Functions take the transaction, never commit, and answer dataclasses. Everything is synchronous:
async callers go through a worker thread. Leases and due times are judged by the database's clock.
"""

from storage.database import Store, Transaction, ensure_current, migrate, open_store
from storage.errors import (
    FeedLost,
    FenceLost,
    KeysMoved,
    StoreAhead,
    StoreBehind,
    StoreError,
    StoreMissing,
    StoreNotWritable,
    StoreUnreachable,
    UnknownCode,
)

__all__ = [
    "FeedLost",
    "FenceLost",
    "KeysMoved",
    "Store",
    "StoreAhead",
    "StoreBehind",
    "StoreError",
    "StoreMissing",
    "StoreNotWritable",
    "StoreUnreachable",
    "Transaction",
    "UnknownCode",
    "ensure_current",
    "migrate",
    "open_store",
]
