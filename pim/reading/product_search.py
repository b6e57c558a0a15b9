"""Searches for up to a hundred products at once, and the one product that spoils such a search.

The search goes through the PIM's index, which lags: what it does not show is read by its own URL. A
search that fails while one for a key that nobody has is answered is halved until the bad key stands
alone; that one is read by its own URL and, if it fails again while the source reads products, fails
alone. Where not even the key that nobody has may be searched for, all are read by their own URLs.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from pim.blame import NOBODY, RefusedKinds, blame_source, may_be_of_one
from pim.canonical import dump_json
from pim.errors import (
    InvalidAnswer,
    RouteFails,
    SourceError,
    SourceForbidden,
    SourceRequestRefused,
    SourceTimeout,
)
from pim.http import Caller, NumberedAnswer, calls_for
from pim.ids import ProductKey
from pim.reading.known_list import KnownList
from pim.reading.paging import PAGE_LIMIT, items_of
from pim.reading.products import OPTIONS, ProductReader
from pim.reads import FailedRead, ProductRead
from pim.search import products_named
from pim.vocabulary import CallCause

Result: TypeAlias = ProductRead | FailedRead

MAX_DOUBTFUL_SEARCHES = 9
"""Halving 100 down to one bad key costs 8 failed searches in a row; then each is read alone."""

MAX_TIMEOUTS = 16
"""So many in a row say that it is the source; each one costs its whole waiting time."""

SEARCH_BY_KEY = "searches of products by key"
"""The kind of request that this is, where it is refused as such."""

READ_BY_URL = "reads of products by their URLs"
"""Likewise; what only such a read could tell has to wait."""

_SINGLES_AT_A_TIME = 4


class ProductSearch:
    """One reading of a set of keys; `names` are the keys as the source writes them."""

    def __init__(
        self,
        caller: Caller,
        known: KnownList,
        reader: ProductReader,
        names: Mapping[ProductKey, str],
        refused: RefusedKinds,
    ) -> None:
        self._caller = caller
        self._known = known
        self._reader = reader
        self._names = names
        self._refused = refused
        self._searches = False  # for what nobody has, since this reading began
        self._doubtful_calls = 0  # in a row: each product that is read ends it

    async def read(self) -> dict[ProductKey, Result]:
        """One result a key.

        Raises:
            SourceError: something is wrong with the source rather than with one product.
        """
        keys = list(self._names)
        is_refused = self._refused.is_refused(SEARCH_BY_KEY)
        found = {} if is_refused else await self._search(keys)
        return found | await self._read_each([key for key in keys if key not in found])

    async def read_alone(self) -> dict[ProductKey, Result]:
        """As `read`, each by its own URL: after a read that was contended, say.

        Raises:
            SourceError: something is wrong with the source rather than with one product.
        """
        return await self._read_each(list(self._names))

    async def _search(self, keys: Sequence[ProductKey]) -> dict[ProductKey, Result]:
        """What the search shows of these keys; keys that it fails for alone are left out too."""
        if not keys or self._doubtful_calls >= MAX_DOUBTFUL_SEARCHES:
            return {}
        try:
            return await self._search_once(keys)
        except SourceError as error:
            if not await self._may_be_of_keys(error):
                self._refused.note_refused(SEARCH_BY_KEY, error)
                self._doubtful_calls = MAX_DOUBTFUL_SEARCHES
                return {}
        if len(keys) == 1:
            return {}
        middle = len(keys) // 2
        return await self._search(keys[:middle]) | await self._search(keys[middle:])

    async def _may_be_of_keys(self, error: SourceError) -> bool:
        """Whether searches as such are answered now, so that the failure is of these keys.

        Raises:
            SourceError: `error`, where the source does not answer at all.
        """
        if not may_be_of_one(error):
            raise error
        self._count_doubtful(error)
        is_answer = isinstance(error, SourceRequestRefused | SourceForbidden)
        if not is_answer and not await self._known.answers_now():
            raise error
        if not self._searches:
            try:
                with calls_for(CallCause.PROBE):
                    await self._ask([NOBODY])
            except SourceError as of_nobody:
                if not may_be_of_one(of_nobody):
                    raise
                return False
            self._searches = True
        return True

    async def _ask(self, names: Sequence[str]) -> NumberedAnswer:
        query = {
            "search": dump_json(products_named(names, self._reader.identity)),
            "pagination_type": "search_after",
            "limit": str(PAGE_LIMIT),
            **OPTIONS,
        }
        return await self._caller.read_list(self._reader.listing, query)

    async def _search_once(self, keys: Sequence[ProductKey]) -> dict[ProductKey, Result]:
        answer = await self._ask([self._names[key] for key in keys])
        asked = set(keys)
        found: dict[ProductKey, Result] = {}
        for item in items_of(answer.body, self._reader.listing):
            try:
                product = self._reader.parse(item)
            except InvalidAnswer:
                continue  # whose it is shows when the missing key is read by its own URL
            if product.key in asked:
                found[product.key] = ProductRead(product.key, answer.interval, product)
        self._refused.note_answered(SEARCH_BY_KEY)
        self._searches = True
        if found:
            self._doubtful_calls = 0
        return found

    async def _read_each(self, keys: Sequence[ProductKey]) -> dict[ProductKey, Result]:
        found: dict[ProductKey, Result] = {}
        for start in range(0, len(keys), _SINGLES_AT_A_TIME):
            some = keys[start : start + _SINGLES_AT_A_TIME]
            # All are awaited even if one fails: none may go on after the client is closed.
            results = await asyncio.gather(*map(self._read_alone, some), return_exceptions=True)
            for key, result in zip(some, results, strict=True):
                if isinstance(result, BaseException):
                    raise result
                found[key] = result
        return found

    async def _read_alone(self, key: ProductKey) -> Result:
        if self._searches and self._refused.is_refused(READ_BY_URL):
            return FailedRead(key, _route_fails(self._refused.refused[READ_BY_URL]))
        try:
            read = await self._reader.read(key, self._names[key])
        except SourceError as error:
            return FailedRead(key, await self._blame(error))
        self._refused.note_answered(READ_BY_URL)
        self._doubtful_calls = 0
        return read

    async def _blame(self, error: SourceError) -> SourceError:
        """Raise what says something about the source; answer what is told of the product alone.

        It is laid to a product while the source reads products, however many there are: what is
        tried again comes in company of its like. A known list says nothing of the route to
        products: that must work, or whatever is due while it is down would run out of attempts.
        """
        if not may_be_of_one(error):
            raise error
        self._count_doubtful(error)
        if await self._reader.why_not_now() is None:
            return error
        if not self._searches:
            raise blame_source(error)
        self._refused.note_refused(READ_BY_URL, error)
        return _route_fails(error)

    def _count_doubtful(self, error: SourceError) -> None:
        self._doubtful_calls += 1
        if isinstance(error, SourceTimeout) and self._doubtful_calls > MAX_TIMEOUTS:
            raise error


def _route_fails(error: SourceError) -> RouteFails:
    return RouteFails(
        f"searches are answered, but no product is read by its URL: {error.message}",
        method=error.method,
        path=error.path,
        status=error.status,
        excerpt=error.excerpt,
    )
