"""Reading up to a hundred products with one search, and finding the one that spoils it.

The search goes through the PIM's index, which lags: what it does not show is read by its own URL. A
search that the source refuses, or does not finish, is halved until the bad key stands alone; that
one is read by its own URL and, if it fails again while the source reads products, fails alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from pim.caller import Caller
from pim.canonical import dump_json
from pim.errors import InvalidAnswer, SourceError, SourceRequestRefused, SourceTimeout
from pim.failing_alone import may_be_of_one
from pim.ids import ProductKey
from pim.known_list import KnownList
from pim.paging import PAGE_LIMIT, items_of
from pim.product_reader import OPTIONS, ProductReader
from pim.reads import FailedRead, ProductRead
from pim.search import identifier_in, uuid_in
from pim.vocabulary import Identity

Result: TypeAlias = ProductRead | FailedRead

MAX_DOUBTFUL_SEARCHES = 9
"""Halving 100 down to one bad key costs 8 failed searches in a row; then each is read alone."""

MAX_TIMEOUTS = 16
"""So many in a row say that it is the source; each one costs its whole waiting time."""

_SINGLES_AT_A_TIME = 4


class ProductSearch:
    """One reading of a set of keys; `names` are the keys as the source writes them."""

    def __init__(
        self,
        caller: Caller,
        known: KnownList,
        reader: ProductReader,
        names: Mapping[ProductKey, str],
    ) -> None:
        self._caller = caller
        self._known = known
        self._reader = reader
        self._names = names
        self._doubtful_calls = 0  # in a row: each product that is read ends it

    async def read(self) -> list[Result]:
        """One result a key, in the order of the keys.

        Raises:
            SourceError: something is wrong with the source rather than with one product.
        """
        keys = list(self._names)
        found = await self._search(keys)
        found |= await self._read_each([key for key in keys if key not in found])
        return [found[key] for key in keys]

    async def _search(self, keys: Sequence[ProductKey]) -> dict[ProductKey, Result]:
        """What the search shows of these keys; keys that it fails for alone are left out too."""
        if not keys or self._doubtful_calls >= MAX_DOUBTFUL_SEARCHES:
            return {}
        try:
            return await self._search_once(keys)
        except SourceError as error:
            await self._pass_on_unless_of_one(error, self._known.answers_now)
        if len(keys) == 1:
            return {}
        middle = len(keys) // 2
        return await self._search(keys[:middle]) | await self._search(keys[middle:])

    async def _search_once(self, keys: Sequence[ProductKey]) -> dict[ProductKey, Result]:
        names = [self._names[key] for key in keys]
        by_uuid = self._reader.identity is Identity.UUID
        query = {
            "search": dump_json(uuid_in(names) if by_uuid else identifier_in(names)),
            "pagination_type": "search_after",
            "limit": str(PAGE_LIMIT),
            **OPTIONS,
        }
        answer = await self._caller.read(self._reader.listing, query)
        if answer.not_found is not None:
            raise answer.not_found
        asked = set(keys)
        found: dict[ProductKey, Result] = {}
        for item in items_of(answer.body, self._reader.listing):
            try:
                product = self._reader.parse(item)
            except InvalidAnswer:
                continue  # whose it is shows when the missing key is read by its own URL
            if product.key in asked:
                found[product.key] = ProductRead(product.key, answer.interval, product)
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
        try:
            read = await self._reader.read(key, self._names[key])
        except SourceError as error:
            # A known list says nothing of the route to products: that must work, or whatever is
            # due while it is down would run out of attempts.
            await self._pass_on_unless_of_one(error, self._reader.answers_now)
            return FailedRead(key, error)
        self._doubtful_calls = 0
        return read

    async def _pass_on_unless_of_one(
        self, error: SourceError, answers_now: Callable[[], Awaitable[bool]]
    ) -> None:
        """Raise what says something about the source; return if it may be one product's fault.

        A timeout or a 500 can be either. It is laid to a product while the source answers, however
        many there are: what is tried again comes in company of its like.
        """
        if isinstance(error, SourceRequestRefused):
            return
        if not may_be_of_one(error):
            raise error
        self._doubtful_calls += 1
        is_too_slow = isinstance(error, SourceTimeout) and self._doubtful_calls > MAX_TIMEOUTS
        if is_too_slow or not await answers_now():
            raise error
