"""The follower: brings the feed into the shelf, on and on, until it is told to end."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event, Thread

from examples.shop.feed import Feed, FeedError, PositionError, TokenError
from examples.shop.shelf import MovedOnError, Shelf

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0


class Follower:
    """A thread that follows the store. `trouble`: why it cannot at this moment; None: it does.

    `open_feed` gives a feed, with a new token where the one before was refused.
    """

    def __init__(self, shelf: Shelf, open_feed: Callable[[bool], Feed]) -> None:
        self._shelf = shelf
        self._open_feed = open_feed
        self._ended = Event()
        self._feed: Feed | None = None
        self._thread = Thread(target=self._run, name="follower", daemon=True)
        self.trouble: str | None = None

    def start(self) -> None:
        """Follow from now on."""
        self._thread.start()

    def stop(self) -> None:
        """End at once; what was applied is kept, with its position."""
        self._ended.set()
        if self._feed is not None:
            self._feed.close()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        pause, needs_token = 1.0, False
        while not self._ended.is_set():
            try:
                feed = self._feed = self._open_feed(needs_token)
                needs_token = False
                while not self._ended.is_set():
                    follow_once(self._shelf, feed)
                    pause, self.trouble = 1.0, None
            except FeedError as error:
                needs_token = isinstance(error, TokenError)
                if not self._ended.is_set():
                    self.trouble = str(error)
                    log.warning("%s", error)
            except Exception as error:
                self.trouble = f"the shop cannot follow the store: {error!r}"
                log.exception("the shop cannot follow the store; it tries again")
            self._ended.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def follow_once(shelf: Shelf, feed: Feed) -> bool:
    """Take the next step, whatever it is; answer whether anything was taken in.

    A page of a bulk load where there is no copy yet, or the one there was lost its place in the
    feed; else the changes after the copy's position, waited for. A step that was cut off is taken
    again.

    Raises:
        FeedError: the store cannot be followed at this moment.
    """
    place = shelf.place()
    if place.loading_from is not None:
        products, following = feed.products(place.loaded_to)
        shelf.load(products, following, datetime.now(UTC).isoformat(timespec="seconds"))
        return True
    if place.position is None:
        shelf.begin_load(feed.position())
        return True
    try:
        page = feed.changes(place.position)
    except PositionError:
        log.info(
            "changes after %s are not kept any more: everything is loaded anew", place.position
        )
        shelf.begin_load(feed.position())
        return True
    if page.position != place.position:
        try:
            shelf.apply(page, place.position)
        except MovedOnError as error:
            log.info("another process of this shop was faster: %s", error)
    return bool(page.changes)
