"""Products: the one write path, what is stored, what changed, and deletions that are held.

Outside, all of it may be called, and nothing is written but by `write_products`, `touch_unchanged`,
`write_rendering`, `recount_products`, and the verbs of holds and of the key move.
"""

from storage.products.changes import (
    CHANGE_KINDS,
    Change,
    change_of,
    read_bounds,
    read_changes,
    require_position,
)
from storage.products.compare import Compared, compare_page, list_orphans, touch_unchanged
from storage.products.differences import Changed, diff_links, diff_products
from storage.products.export import ExportedProduct, export_products
from storage.products.holds import (
    DeletionToHold,
    HeldDeletion,
    approve_holds,
    count_allowed_deletions,
    count_returned,
    find_holds,
    find_past_holds,
    hold_deletions,
    list_holds,
    reject_holds,
    release_holds,
)
from storage.products.inside import list_conditions
from storage.products.key_move import KeyMove, begin_move, finish_listing, move_keys, read_move
from storage.products.neighbours import list_announced, list_neighbours
from storage.products.reading import (
    Below,
    DatedProduct,
    count_products,
    find_descendants,
    find_keys,
    list_dated_products,
    read_below,
    read_identifiers,
    read_live_documents,
    read_marks,
    read_products,
)
from storage.products.referrers import list_referred, list_referrers
from storage.products.rendering import StoredRendering, read_renderings, write_rendering
from storage.products.types import Cause, ProductWrite, WriteResult, Written
from storage.products.writing import recount_products, write_products

__all__ = [
    "CHANGE_KINDS",
    "Below",
    "Cause",
    "Change",
    "Changed",
    "Compared",
    "DatedProduct",
    "DeletionToHold",
    "ExportedProduct",
    "HeldDeletion",
    "KeyMove",
    "ProductWrite",
    "StoredRendering",
    "WriteResult",
    "Written",
    "approve_holds",
    "begin_move",
    "change_of",
    "compare_page",
    "count_allowed_deletions",
    "count_products",
    "count_returned",
    "diff_links",
    "diff_products",
    "export_products",
    "find_descendants",
    "find_holds",
    "find_keys",
    "find_past_holds",
    "finish_listing",
    "hold_deletions",
    "list_announced",
    "list_conditions",
    "list_dated_products",
    "list_holds",
    "list_neighbours",
    "list_orphans",
    "list_referred",
    "list_referrers",
    "move_keys",
    "read_below",
    "read_bounds",
    "read_changes",
    "read_identifiers",
    "read_live_documents",
    "read_marks",
    "read_move",
    "read_products",
    "read_renderings",
    "recount_products",
    "reject_holds",
    "release_holds",
    "require_position",
    "touch_unchanged",
    "write_products",
    "write_rendering",
]
