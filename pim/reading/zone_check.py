"""The time zone in which the source reads the times of its `updated` filter.

The filter takes a local time without a zone. Where it reads another zone than we write, a delta
finds nothing, or reads far too much, and says neither. Products whose `updated` is known tell;
one alone may not: the search index may lack it, or name what is gone, or not know of its last save.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pim.canonical import dump_json
from pim.errors import InvalidAnswer
from pim.http import Caller, Clock
from pim.json_types import JsonObject
from pim.printed_time import Printing, is_other_zone, other_printings, printed_offset, saved_at
from pim.product import SourceProduct
from pim.reading.paging import PAGE_LIMIT, items_of
from pim.reading.products import ProductReader
from pim.reading.walking import walk_listing
from pim.search import products_named, updated_since

UNCHANGED_FOR = timedelta(minutes=2)  # what changed later may not have reached the search index
_ASKED = 5
_PAGES = 3
_SECOND = timedelta(seconds=1)
_STEP = timedelta(minutes=15)  # every zone's offset is a multiple of it
_WESTMOST, _EASTMOST = -12 * 4, 14 * 4


@dataclass(frozen=True, slots=True)
class ZoneFinding:
    """What the filter did with known products.

    `misses`: it does not return what it should, so deltas find too little. `overreaches`: it
    returns what it should not, so deltas read too much. `offset` is how far east of UTC the source
    seems to read, where one of the two is the case. `printing`: how `updated` is printed.
    """

    misses: bool
    overreaches: bool
    offset: timedelta | None = None
    printing: Printing = Printing.AS_MEANT

    @property
    def is_right(self) -> bool:
        """Whether the filter reads the zone that we write."""
        return not self.misses and not self.overreaches


class ZoneCheck:
    """Asks the filter for products that have not changed for a while."""

    def __init__(self, caller: Caller, reader: ProductReader, clock: Clock) -> None:
        self._caller = caller
        self._reader = reader
        self._clock = clock

    async def ask(self, timezone: ZoneInfo) -> ZoneFinding | None:
        """What the filter does with times written in `timezone`; None if no product can tell.

        One product that shows the zone to be right is enough.

        Raises:
            SourceError: of the calls.
        """
        wrong: tuple[SourceProduct, datetime, ZoneFinding] | None = None
        seconds: set[datetime] = set()
        async for known, at in self._known_products():
            if at in seconds:
                continue
            found = await self._try(known, at, timezone)
            if found.is_right:
                return found
            if not await self._shows(known, {}):
                continue  # a search does not show it at all
            seconds.add(at)
            # What is returned too early says more than what is not returned at all.
            if wrong is None or (wrong[2].misses and found.overreaches):
                wrong = known, at, found
            if len(seconds) >= _ASKED:
                break
        return None if wrong is None else await self._explain(*wrong, timezone)

    async def _try(self, known: SourceProduct, at: datetime, timezone: ZoneInfo) -> ZoneFinding:
        """What one product says, by any way in which its time may be printed."""
        text = known.body.get("updated")
        if not is_other_zone(timezone, text):
            for printing in (Printing.AS_MEANT, *other_printings(text, timezone)):
                then = saved_at(text, printing, timezone)
                if then is not None and await self._is_exact(known, then, timezone):
                    return ZoneFinding(misses=False, overreaches=False, printing=printing)
        misses = not await self._returns(known, at, timezone)
        return ZoneFinding(misses=misses, overreaches=not misses)

    async def _is_exact(self, known: SourceProduct, then: datetime, timezone: ZoneInfo) -> bool:
        found = await self._returns(known, then, timezone)
        return found and not await self._returns(known, then + _SECOND, timezone)

    async def _explain(
        self, known: SourceProduct, at: datetime, found: ZoneFinding, timezone: ZoneInfo
    ) -> ZoneFinding | None:
        """Say which zone it seems to be: by the offset that is printed, if it is not UTC's.

        A misprinted time lies; the offset beside it is the server's all the same.
        """
        printed = printed_offset(known.body.get("updated"))
        if is_other_zone(timezone, known.body.get("updated")):
            ours = at.astimezone(timezone).utcoffset() or timedelta(0)
            misses = printed is not None and ours > printed
            return ZoneFinding(misses=misses, overreaches=not misses, offset=printed)
        offset = await self._find_offset(known, at)
        if offset == at.astimezone(timezone).utcoffset():
            return None  # edited, or indexed, just while we asked
        seems = printed if offset and printed else offset
        return ZoneFinding(found.misses, found.overreaches, seems)

    async def _known_products(self) -> AsyncIterator[tuple[SourceProduct, datetime]]:
        """Products of their own and their dates: variants are filtered by their models', too."""
        query = {"limit": str(PAGE_LIMIT), "pagination_type": "search_after"}
        newest = self._clock() - UNCHANGED_FOR
        pages = walk_listing(
            self._caller.read_list,
            path=self._reader.listing,
            own=query,
            base_url=self._caller.base_url,
        )
        walked = 0
        async for walked_page in pages:
            for item in walked_page.items:
                try:
                    product = self._reader.parse(item)
                except InvalidAnswer:
                    continue  # one that cannot be read says nothing; another may
                at = product.updated
                if product.parent is None and at is not None and at < newest:
                    yield product, at
            walked += 1
            if walked >= _PAGES:
                return

    async def _returns(self, known: SourceProduct, since: datetime, zone: ZoneInfo) -> bool:
        return await self._shows(known, updated_since(since, zone))

    async def _shows(self, known: SourceProduct, criteria: JsonObject) -> bool:
        """Whether a search shows it among as many as there may be: what is gone takes places."""
        name = self._reader.name_of(known.key, known.identifier)
        named = products_named([name], self._reader.identity)
        query = {
            "limit": str(PAGE_LIMIT),
            "pagination_type": "search_after",
            "search": dump_json({**criteria, **named}),
        }
        answer = await self._caller.get(self._reader.listing, query)
        for item in items_of(answer.body, self._reader.listing):
            try:
                if self._reader.parse(item).key == known.key:
                    return True
            except InvalidAnswer:
                continue
        return False

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
