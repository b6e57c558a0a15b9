"""The search index that lists select from: it follows the database, some time later."""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from simulator.shop import Entity

Entry = TypeVar("Entry", bound=Entity)


class SearchIndex(Generic[Entry]):
    """States of products as the index knows them, in the order of uuids; or of models, by code.

    Variants and sub-models are kept merged with what they inherit. A change is noted when it is
    saved and shows `lag_seconds` later on `clock` (any rising number of seconds). Lists select by
    what the index holds, and show what the database holds.
    """

    def __init__(
        self, products: Iterable[Entry], clock: Callable[[], float], lag_seconds: float
    ) -> None:
        self._entries = {product.key: product for product in products}
        self._keys = sorted(self._entries)
        self._waiting: deque[tuple[float, str, Entry | None]] = deque()
        self._clock = clock
        self.lag_seconds = lag_seconds

    def note(self, uuid: str, product: Entry | None) -> None:
        """Take in a change, now or when the lag has passed; None is a removal."""
        if self.lag_seconds <= 0 and not self._waiting:
            self._apply(uuid, product)
        else:
            self._waiting.append((self._clock() + self.lag_seconds, uuid, product))

    def keys(self) -> list[str]:
        """The uuids that the index holds by now, sorted; not to be changed."""
        self._catch_up()
        return self._keys

    def entry(self, uuid: str) -> Entry | None:
        """The state that the index holds of a product."""
        return self._entries.get(uuid)

    def forget(self, uuids: Iterable[str]) -> int:
        """Lose entries, as a damaged index does; the database keeps the products."""
        self._catch_up()
        lost = [uuid for uuid in uuids if uuid in self._entries]
        for uuid in lost:
            self._apply(uuid, None)
        return len(lost)

    def rebuild(self, products: Iterable[Entry]) -> None:
        """Index everything anew, as the PIM's command does: nothing is missing or late."""
        self._entries = {product.key: product for product in products}
        self._keys = sorted(self._entries)
        self._waiting.clear()

    def _catch_up(self) -> None:
        now = self._clock()
        while self._waiting and self._waiting[0][0] <= now:
            _due, uuid, product = self._waiting.popleft()
            self._apply(uuid, product)

    def _apply(self, uuid: str, product: Entry | None) -> None:
        known = uuid in self._entries
        if product is not None:
            self._entries[uuid] = product
            if not known:
                insort(self._keys, uuid)
        elif known:
            del self._entries[uuid]
            del self._keys[bisect_left(self._keys, uuid)]


def searchable_updated(entity: Entity) -> int:
    """The instant that the `updated` filter compares.

    For a variant or a sub-model it is the latest of its own and its models' instants.
    """
    return max(entity.updated, entity.inherited_updated)
