"""The PIM's `search` parameter: which products, models, things and items a list selects.

A route parses its query, selects, and takes the matching keys; the filters of single fields stay
inside.
"""

from simulator.search.criteria import SearchContext, parse_query, parse_search
from simulator.search.products import in_channel_tree, matching_keys, select_models, select_products
from simulator.search.structure import ListRules, select_items
from simulator.search.things import ThingFilters, parse_thing_search

__all__ = [
    "ListRules",
    "SearchContext",
    "ThingFilters",
    "in_channel_tree",
    "matching_keys",
    "parse_query",
    "parse_search",
    "parse_thing_search",
    "select_items",
    "select_models",
    "select_products",
]
