"""Views: what operators and scrapers are shown, each read in one snapshot.

Outside, the `read_...` functions and the types of their answers are used; nothing writes.
"""

from storage.views.census import Census, take_census
from storage.views.feed import FeedEntry, FeedPage, read_feed
from storage.views.history import History, ModelState, ProductState, Sighting, read_history
from storage.views.metrics import Metrics, read_metrics
from storage.views.shop import (
    Gone,
    ShopItem,
    ShopModel,
    ShopProduct,
    find_in_shop,
    list_shop_items,
    list_shop_products,
)
from storage.views.status import Status, read_status

__all__ = [
    "Census",
    "FeedEntry",
    "FeedPage",
    "Gone",
    "History",
    "Metrics",
    "ModelState",
    "ProductState",
    "ShopItem",
    "ShopModel",
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
    "take_census",
]
