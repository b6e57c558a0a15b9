"""Walks through a listing to its end: no page costs more than the item that spoils it.

Our own query is laid over every link, because some versions of the PIM drop filters from it.
Numbered pages are counted by ourselves.

A page that fails, however it fails, is asked for in smaller ones, down to the one item. That one is
stepped over: by the `next` link of an answer without its values, by its number, or by its key, as
long as no link has shown that cursors are something else. But for that no cursor is ever built.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Generic, Protocol, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from pim.blame import may_be_of_one
from pim.errors import ListingStuck, SourceError, SourceForbidden, SourceRequestRefused
from pim.json_types import JsonObject, JsonValue, as_object
from pim.reading.paging import (
    PAGE_LIMIT,
    PLACE,
    items_of,
    key_of,
    limit_of,
    place_of,
    read_link_query,
    read_next_query,
)
from pim.search import Query

_LIMITS = (100, 50, 25, 5, 1)
"""Each divides the one before, so that a numbered page can be asked for in smaller pages."""

MOST_BAD_IN_A_ROW = 5
"""So many items side by side that spoil their pages say that it is the list."""

_BITS, _LOOKS_BACK = 128, 8  # of a uuid; places before it


class HasBody(Protocol):
    """An answer."""

    @property
    def body(self) -> JsonValue:
        """Its JSON."""
        ...


_A = TypeVar("_A", bound=HasBody)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An item that no page could show; `key` "" where nothing told which it is."""

    key: str
    error: SourceError


@dataclass(frozen=True, slots=True)
class Walked(Generic[_A]):
    """One page of a listing, its items, and what is behind it.

    `following`: the position behind this page, None after the last. `left_out`: items just before
    this page. `odd`: what was wrong with the list, and did not keep it from being walked.
    """

    answer: _A
    items: list[JsonValue]
    following: str | None
    left_out: tuple[LeftOut, ...] = ()
    odd: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListManners:
    """What a list allows when one of its pages fails.

    `key`: the member of an item that its cursors may be made of. `slim`: what to ask for so that
    an answer holds hardly more than keys. `numbered`: it can be walked by page numbers instead of
    cursors. `works`: whether the source answers anything at all now.
    """

    key: str = "code"
    slim: Query = field(default_factory=dict)
    numbered: bool = False
    works: Callable[[], Awaitable[bool]] | None = None


_PLAIN = ListManners()


async def walk_listing(
    fetch: Callable[[str, Query], Awaitable[_A]],
    *,
    path: str,
    own: Query,
    base_url: str,
    position: str | None = None,
    manners: ListManners = _PLAIN,
) -> AsyncIterator[Walked[_A]]:
    """Every page of a listing, from the start or from `position`; at least one.

    Raises:
        ForeignLink: a link or `position` leads elsewhere.
        ListingStuck: the rest cannot be reached; the pages before were handed out.
        SourceError: of `fetch`, where the list itself or the source fails.
    """
    walk = _Walk(fetch, path, own, base_url, manners)
    walk.start_at(position)
    while True:
        walked = await walk.next_page()
        yield walked
        if walked.following is None:
            walk.end()
            return


@dataclass(frozen=True, slots=True)
class _Page(Generic[_A]):
    """A page that came, and the query that brought it."""

    answer: _A
    query: Query
    items: list[JsonValue]


class _Walk(Generic[_A]):
    """One walk through a listing, by cursor or by number.

    `_offset`: how many items of a numbered listing are behind us; None: it goes by cursor.
    `_cursor_is_key`: what the links have shown of their cursors; None: nothing yet.
    """

    def __init__(
        self,
        fetch: Callable[[str, Query], Awaitable[_A]],
        path: str,
        own: Query,
        base_url: str,
        manners: ListManners,
    ) -> None:
        self._fetch = fetch
        self._path = path
        self._base_url = base_url
        self._manners = manners
        self._own: Query = own
        self._query: Query = own
        by_cursor = own.get("pagination_type") == "search_after" or not limit_of(own)
        self._offset: int | None = None if by_cursor else 0
        self._seen: set[str] = set()
        self._cursor_is_key: bool | None = None
        self._last_key = ""
        self._has_shown = False
        self._is_guess = False
        self._stuck: ListingStuck | None = None
        self._shown: list[str] = []
        self._left_out: list[LeftOut] = []
        self._odd: list[str] = []

    def start_at(self, position: str | None) -> None:
        """Begin behind the page that named this position; None: at the start."""
        if position is not None:
            kept = read_link_query(position, self._path)
            if "page" in kept:
                self._offset = (int(kept["page"]) - 1) * max(1, limit_of(kept))
                self._own = {**self._own, "pagination_type": "page"}
            query = {**kept, **self._own}
            # What it says but for the place is our own query too, for all links to come.
            self._own = {name: text for name, text in query.items() if name not in PLACE}
            self._query = query if self._offset is None else self._numbered(PAGE_LIMIT)
        self._seen.add(place_of(self._query))

    def end(self) -> None:
        """Raise ListingStuck if there was more than could be reached."""
        if self._stuck is not None:
            raise self._stuck

    async def next_page(self) -> Walked[_A]:
        """The next page, whatever it takes; sets out for the one behind it."""
        page = await self._page_here()
        following = await self._set_out(page)
        left_out, self._left_out = tuple(self._left_out), []
        odd, self._odd = tuple(self._odd), []
        return Walked(page.answer, page.items, following, left_out, odd)

    async def _ask(self, query: Query) -> _Page[_A]:
        answer = await self._fetch(self._path, query)
        return _Page(answer, query, items_of(answer.body, self._path))

    async def _try(self, query: Query) -> _Page[_A] | None:
        """A page, or None if it fails like one that an item of it spoils."""
        try:
            return await self._ask(query)
        except SourceError as error:
            if not may_be_of_one(error):
                raise
            return None

    async def _page_here(self) -> _Page[_A]:
        query = self._query
        while True:
            try:
                page = await self._ask(query)
            except SourceError as error:
                if not may_be_of_one(error) or isinstance(error, SourceForbidden):
                    raise
                if self._is_guess:
                    return await self._walk_numbered(error)
                smaller = self._smaller(query, error)
                if smaller is None:
                    return await self._step_over(query, error)
                query = smaller
            else:
                self._has_shown |= bool(page.items)
                return page

    def _smaller(self, query: Query, error: SourceError) -> Query | None:
        """The same place with a smaller limit; a refusal by its kind is told from one at once."""
        limit = limit_of(query)
        if limit not in _LIMITS[:-1]:
            return None
        is_refused = isinstance(error, SourceRequestRefused)
        lower = 1 if is_refused else _LIMITS[_LIMITS.index(limit) + 1]
        return {**query, "limit": str(lower)} if self._offset is None else self._numbered(lower)

    async def _step_over(self, query: Query, error: SourceError) -> _Page[_A]:
        """Leave out the one item here, and answer the page behind it."""
        works = self._manners.works
        if limit_of(query) != 1 or (works is not None and not await works()):
            raise error
        if len(self._left_out) >= MOST_BAD_IN_A_ROW:
            raise ListingStuck(f"{MOST_BAD_IN_A_ROW} items in a row spoil their pages: {error}")
        manner = self._manners.slim
        slim = await self._try({**query, **manner}) if manner else None
        if slim is not None and slim.items:
            self._leave_out(key_of(slim.items[0], self._manners.key), error)
            return await self._behind(slim)
        is_search = "search" in self._own and not self._has_shown
        if is_search and isinstance(error, SourceRequestRefused):
            raise error  # such searches are refused, whatever they show
        if self._offset is not None:
            self._leave_out("", error)
            self._offset += 1
            self._query = self._numbered(1)
            return await self._page_here()
        return await self._step_over_by_key(error) or await self._walk_numbered(error)

    def _leave_out(self, key: str, error: SourceError) -> None:
        self._left_out.append(LeftOut(key, error))
        self._last_key = key or self._last_key

    async def _behind(self, slim: _Page[_A]) -> _Page[_A]:
        """Go on behind a page that showed no more than a key."""
        if await self._set_out(slim) is None:
            empty: JsonObject = {"_embedded": {"items": []}}
            return _Page(replace(slim.answer, body=empty), slim.query, [])  # type: ignore[type-var]
        return await self._page_here()

    async def _step_over_by_key(self, error: SourceError) -> _Page[_A] | None:
        """Find the bad item's uuid: the least key behind which a page of one can be had."""
        low = _number_of(self._last_key) if self._last_key else -1
        if self._cursor_is_key is False or low is None:
            return None
        high = (1 << _BITS) - 1
        if await self._try(self._at_key(high)) is None:
            return None
        start = low
        low, high = await self._narrow(low, high)
        for look in range(1, _LOOKS_BACK):
            # Another bad item may have led the search past good ones: look at places before it.
            before = start + ((high - start) >> look)
            if before < low and await self._try(self._at_key(before)) is not None:
                low, high = await self._narrow(start, before)
        had_shown = self._has_shown
        self._leave_out(str(UUID(int=high)), error)
        self._query = self._at_key(high)
        page = await self._page_here()
        if not had_shown and not page.items:
            raise error  # not one item could be shown: it is the list
        return page

    async def _narrow(self, low: int, high: int) -> tuple[int, int]:
        while high - low > 1:
            middle = (low + high) // 2
            if await self._try(self._at_key(middle)) is None:
                low = middle
            else:
                high = middle
        return low, high

    def _at_key(self, number: int) -> Query:
        return {**self._own, "limit": "1", "search_after": str(UUID(int=number))}

    async def _walk_numbered(self, error: SourceError) -> _Page[_A]:
        """Begin anew by page numbers, where the list can be walked so."""
        if not self._manners.numbered or self._offset is not None:
            told = f"the listing cannot be walked to its end: {error}"
            raise ListingStuck(told) from error
        self._odd.append(f"walked anew by page numbers, since by cursor it was stuck: {error}")
        self._is_guess = False
        self._own = {**self._own, "pagination_type": "page"}
        self._offset = 0
        self._query = self._numbered(PAGE_LIMIT)
        return await self._page_here()

    async def _set_out(self, page: _Page[_A]) -> str | None:
        """Choose the next page's query; answers its position, None behind the last page."""
        links = as_object(as_object(page.answer.body).get("_links"))
        link = read_next_query(links, path=self._path, base_url=self._base_url)
        if self._offset is not None:
            return self._set_out_by_number(page, link, has_links=bool(links))
        if link is None:
            return None
        before = self._last_key
        if page.items:
            self._last_key = key_of(page.items[-1], self._manners.key)
        following = {
            name: text for name, text in link.items() if name not in self._manners.slim
        } | dict(self._own)
        if page.items:
            self._cursor_is_key = link.get("search_after", "").casefold() == self._last_key
        self._is_guess = False
        if place_of(following) in self._seen:
            return self._leave_circle(moved=before != self._last_key)
        return self._go(self._grown(following, page.query))

    def _set_out_by_number(
        self, page: _Page[_A], link: Query | None, *, has_links: bool
    ) -> str | None:
        limit = limit_of(page.query)
        self._offset = (self._offset or 0) + limit
        # A page without links that is full says nothing of its being the last.
        is_last = link is None and (has_links or len(page.items) < limit)
        if is_last or not page.items:
            return None
        shown, self._shown = self._shown, [key_of(item, self._manners.key) for item in page.items]
        if shown == self._shown:
            self._stuck = self._circle()
            return None
        expected = str(self._offset // limit + 1)
        if link is not None and link.get("page", expected) != expected:
            self._odd.append(f"a next link names page {link['page']} instead of {expected}")
        return self._go(self._grown_number(page.query))

    def _circle(self) -> ListingStuck:
        return ListingStuck("the listing goes in a circle", method="GET", path=self._path)

    def _leave_circle(self, *, moved: bool) -> str | None:
        """The link names a page that was there already: the last key may be the cursor meant."""
        self._odd.append(f"a next link leads back to a page that was read before: {self._path}")
        guess = {**self._own, "search_after": self._last_key}
        if moved and self._last_key and place_of(guess) not in self._seen:
            self._is_guess = True
            return self._go(guess)
        if self._manners.numbered:
            self._own = {**self._own, "pagination_type": "page"}
            self._offset = 0
            return self._go(self._numbered(PAGE_LIMIT))
        self._stuck = self._circle()
        return None

    def _go(self, query: Query) -> str:
        self._query = query
        self._seen.add(place_of(query))
        return f"{self._path}?{urlencode(query)}"

    def _grown(self, following: Query, asked: Query) -> Query:
        """After a smaller page a listing by cursor grows again."""
        limit = limit_of(asked)
        if limit not in _LIMITS or limit == PAGE_LIMIT:
            return following
        return {**following, "limit": str(_LIMITS[_LIMITS.index(limit) - 1])}

    def _grown_number(self, asked: Query) -> Query:
        """The next numbered page, of the largest size that begins just here."""
        offset, limit = self._offset or 0, limit_of(asked)
        most = _LIMITS[max(0, _LIMITS.index(limit) - 1)] if limit in _LIMITS else limit
        fits = [size for size in _LIMITS if size <= most and offset % size == 0]
        return self._numbered(fits[0] if fits else limit)

    def _numbered(self, limit: int) -> Query:
        offset = self._offset or 0
        return {**self._own, "limit": str(limit), "page": str(offset // limit + 1)}


def _number_of(key: str) -> int | None:
    try:
        return UUID(key).int
    except ValueError:
        return None
