"""The database: connections, transactions, schema, and the SQL that all rooms share.

Outside this package, a store is opened and asked for its condition and size; what statements are
made of is for the rooms of this package.
"""

from storage.database.condition import (
    Condition,
    read_clock,
    read_condition,
    read_size,
    store_folder,
    try_write,
)
from storage.database.counting import Figure
from storage.database.schema import REVISIONS, ensure_current, migrate, open_store
from storage.database.sql import (
    Insert,
    KeptStatement,
    changed_rows,
    fold,
    in_slices,
    read_counts,
    read_object,
    write_json,
)
from storage.database.store import Store, Transaction

__all__ = [
    "REVISIONS",
    "Condition",
    "Figure",
    "Insert",
    "KeptStatement",
    "Store",
    "Transaction",
    "changed_rows",
    "ensure_current",
    "fold",
    "in_slices",
    "migrate",
    "open_store",
    "read_clock",
    "read_condition",
    "read_counts",
    "read_object",
    "read_size",
    "store_folder",
    "try_write",
    "write_json",
]
