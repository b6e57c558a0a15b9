"""In which time zone the source reads the times of its `updated` filter.

The filter takes a local time without a zone. Where it reads another zone than we write, a delta
finds nothing, or reads far too much, and says neither. A product whose `updated` is known tells.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pim.caller import Caller
from pim.canonical import dump_json
from pim.connection import Clock
from pim.errors import InvalidAnswer
from pim.json_types import JsonObject
from pim.paging import items_of
from pim.product import SourceProduct
from pim.product_reader import ProductReader
from pim.search import identifier_in, updated_since, uuid_in
from pim.vocabulary import Identity

SETTLED = timedelta(minutes=2)  # what changed later may not have reached the search index
_CANDIDATES = "20"
_SECOND = timedelta(seconds=1)
_STEP = timedelta(minutes=15)  # every zone's offset is a multiple of it
_WESTMOST, _EASTMOST = -12 * 4, 14 * 4


@dataclass(frozen=True, slots=True)
class ZoneFinding:
    """What the filter did with a known product.

    `misses`: it does not return what it should, so deltas find too little. `overreaches`: it
    returns what it should not, so deltas read too much. `offset` is how far east of UTC the source
    seems to read, where one of the two is the case.
    """

    misses: bool
    overreaches: bool
    offset: timedelta | None = None


class ZoneProbe:
    """Asks the filter for one product that has not changed for a while."""

    def __init__(self, caller: Caller, reader: ProductReader, clock: Clock) -> None:
        self._caller = caller
        self._reader = reader
        self._clock = clock

    async def ask(self, timezone: ZoneInfo) -> ZoneFinding | None:
        """What the filter does with times written in `timezone`; None if no product can tell.

        Raises:
            SourceError: of the calls.
        """
        known = await self._known_product()
        if known is None or known.updated is None:
            return None
        misses = not await self._returns(known, known.updated, timezone)
        overreaches = not misses and await self._returns(known, known.updated + _SECOND, timezone)
        if not misses and not overreaches:
            return ZoneFinding(misses=False, overreaches=False)
        offset = await self._find_offset(known, known.updated)
        if offset == known.updated.astimezone(timezone).utcoffset():
            return None  # edited, or indexed, just while we asked
        return ZoneFinding(misses, overreaches, offset)

    async def _known_product(self) -> SourceProduct | None:
        """A product of its own: for variants the filter goes by their models' dates too."""
        query = {"limit": _CANDIDATES, "pagination_type": "search_after"}
        answer = await self._caller.get(self._reader.listing, query)
        newest = self._clock() - SETTLED
        for item in items_of(answer.body, self._reader.listing):
            try:
                product = self._reader.parse(item)
            except InvalidAnswer:
                continue  # one that cannot be read says nothing; another may
            is_dated = product.updated is not None and product.updated < newest
            if product.parent is None and is_dated:
                return product
        return None

    async def _returns(self, known: SourceProduct, since: datetime, zone: ZoneInfo) -> bool:
        search: JsonObject = {**updated_since(since, zone), **self._name(known)}
        query = {"limit": "1", "pagination_type": "search_after", "search": dump_json(search)}
        answer = await self._caller.get(self._reader.listing, query)
        return bool(items_of(answer.body, self._reader.listing))

    def _name(self, known: SourceProduct) -> JsonObject:
        if self._reader.identity is Identity.UUID:
            return uuid_in([known.key])
        return identifier_in([known.identifier or known.key])

    async def _find_offset(self, known: SourceProduct, updated: datetime) -> timedelta | None:
        """The greatest shift at which the product is still found: halve the world until it shows.

        Written as if the source read UTC, a time that is shifted east by the source's own offset
        is the product's very second.
        """
        low, high = _WESTMOST - 1, _EASTMOST + 1  # found at low, not at high
        while high - low > 1:
            middle = (low + high) // 2
            shifted = updated + middle * _STEP
            if await self._returns(known, shifted, ZoneInfo("UTC")):
                low = middle
            else:
                high = middle
        return None if low < _WESTMOST or low > _EASTMOST else low * _STEP


def describe_offset(offset: timedelta) -> str:
    """Write `UTC`, `UTC-05:00`, `UTC+05:30`."""
    if not offset:
        return "UTC"
    moved = (datetime(2000, 1, 1, tzinfo=UTC) + abs(offset)).strftime("%H:%M")
    return f"UTC{'-' if offset < timedelta(0) else '+'}{moved}"
