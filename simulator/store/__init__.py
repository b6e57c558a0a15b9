"""The memory of the simulated PIM: its database, its search index, its structure, its file.

A simulation holds one of each, and edits go through it; the models and the referrers within
`Database` are not for others.
"""

from simulator.store.database import Database, Snapshot
from simulator.store.index import SearchIndex, searchable_updated
from simulator.store.inheritance import Levels, find_levels, merged
from simulator.store.links import Links, Parts
from simulator.store.shop_file import Part, ShopFile, ShopNotKept, Stock, collect_parts
from simulator.store.structure import Structure
from simulator.store.things import ThingStore

__all__ = [
    "Database",
    "Levels",
    "Links",
    "Part",
    "Parts",
    "SearchIndex",
    "ShopFile",
    "ShopNotKept",
    "Snapshot",
    "Stock",
    "Structure",
    "ThingStore",
    "collect_parts",
    "find_levels",
    "merged",
    "searchable_updated",
]
