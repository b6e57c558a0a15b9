"""Views: what operators, scrapers and readers are shown, each read in one snapshot.

Outside, the `read_...` functions and the types of their answers are used; nothing writes. What one
reader wants is a `ReaderFilter`; `resolve_filter` makes of it the narrowing that the others take.
"""

from storage.views.census import Census, take_census
from storage.views.feed import OUTSIDE, FeedEntry, FeedPage, read_feed
from storage.views.filters import ReaderFilter, resolve_filter
from storage.views.history import History, ModelState, ProductState, Sighting, read_history
from storage.views.metrics import Metrics, read_metrics
from storage.views.shop import (
    Gone,
    Outside,
    ShopItem,
    ShopModel,
    ShopPage,
    ShopProduct,
    find_in_shop,
    list_shop_items,
    list_shop_products,
)
from storage.views.status import Status, read_status

__all__ = [
    "OUTSIDE",
    "Census",
    "FeedEntry",
    "FeedPage",
    "Gone",
    "History",
    "Metrics",
    "ModelState",
    "Outside",
    "ProductState",
    "ReaderFilter",
    "ShopItem",
    "ShopModel",
    "ShopPage",
    "ShopProduct",
    "Sighting",
    "Status",
    "find_in_shop",
    "list_shop_items",
    "list_shop_products",
    "read_feed",
    "read_history",
    "read_metrics",
    "read_status",
    "resolve_filter",
    "take_census",
]
