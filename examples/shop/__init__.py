"""A small shop that follows the store through the read API, with pages in three languages.

It imports nothing of akeneo-sync, so that it can be copied and changed: `feed` speaks HTTP, `shelf`
is the shop's own database, `follower` brings one into the other, the rest shows it.
"""

from examples.shop.app import build_app
from examples.shop.feed import Feed, FeedError, PositionError
from examples.shop.follower import Follower
from examples.shop.shelf import Shelf

__all__ = ["Feed", "FeedError", "Follower", "PositionError", "Shelf", "build_app"]
