"""The mirrored structure: items of one version, and marks for whoever uses what changed.

Outside, items are written, listed and loaded as snapshots, and marks are worked off; the catalog's
lock and the leaving of marks are for the write path of products.
"""

from storage.catalog.items import (
    StoredItem,
    count_items,
    find_sub_models,
    find_two_way_types,
    is_model_stored,
    list_abandoned,
    list_codes,
    list_items,
    list_unseen,
    read_stored_items,
    read_version,
)
from storage.catalog.marks import (
    Mark,
    finish_mark,
    finish_marks,
    has_done_marks,
    leave_marks,
    list_users_behind,
    mark_removed,
    open_marks,
    own_catalog,
    reopen_marks,
    share_catalog,
)
from storage.catalog.snapshot import CatalogSnapshot, load_snapshot
from storage.catalog.writing import ItemsWritten, count_differing_items, write_items

__all__ = [
    "CatalogSnapshot",
    "ItemsWritten",
    "Mark",
    "StoredItem",
    "count_differing_items",
    "count_items",
    "find_sub_models",
    "find_two_way_types",
    "finish_mark",
    "finish_marks",
    "has_done_marks",
    "is_model_stored",
    "leave_marks",
    "list_abandoned",
    "list_codes",
    "list_items",
    "list_unseen",
    "list_users_behind",
    "load_snapshot",
    "mark_removed",
    "open_marks",
    "own_catalog",
    "read_stored_items",
    "read_version",
    "reopen_marks",
    "share_catalog",
    "write_items",
]
