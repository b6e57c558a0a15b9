"""Listings: we own the links.

Of a page's `next` link only path and query are followed, always against our own base URL, so the
token never goes elsewhere. The PIM writes links with the host it is configured with, which behind a
proxy is not the host we call: a link may name our host or the one that the same page's `self` link
names, and must lead to the same listing. Our own query is laid over every link, because some
versions of the PIM drop filters from it. The cursor itself is never built.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from pim.errors import ForeignLink, InvalidAnswer, SourceTimeout
from pim.json_types import JsonObject, JsonValue, as_object, as_text
from pim.transport import API_ROOT, Query

PAGE_LIMIT = 100
"""The most that Akeneo hands out at once."""

_LIMITS = (100, 50, 25, 5, 1)
"""Each divides the one before, so that a numbered page can be asked for in smaller pages."""

_PLACE = frozenset({"search_after", "page"})
"""What of a query says where in the listing we are."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


class HasBody(Protocol):
    """An answer."""

    @property
    def body(self) -> JsonValue:
        """Its JSON."""
        ...


_A = TypeVar("_A", bound=HasBody)


async def walk_listing(
    fetch: Callable[[str, Query], Awaitable[_A]],
    *,
    path: str,
    own: Query,
    base_url: str,
    position: str | None = None,
) -> AsyncIterator[tuple[_A, str | None]]:
    """Every page of a listing with the position behind it (None after the last).

    A page that times out is asked for again with a smaller limit.

    Raises:
        ForeignLink: a link or `position` leads elsewhere.
        InvalidAnswer: the listing goes in a circle.
        SourceError: of `fetch`.
    """
    query = own
    if position is not None:
        kept = _query_of(position, path)
        query = {**kept, **own}
        # What the position says but for the place is our own query too, for all links to come.
        own = {name: value for name, value in query.items() if name not in _PLACE}
    seen = {urlencode(query)}
    while True:
        answer, asked = await _fetch_within_time(fetch, path, query)
        link = _following(as_object(answer.body), path=path, own=own, base_url=base_url)
        if link is None:
            yield answer, None
            return
        query = _with_next_limit(link, asked)
        written = urlencode(query)
        if written in seen:
            raise InvalidAnswer("the listing goes in a circle", method="GET", path=path)
        seen.add(written)
        yield answer, f"{path}?{written}"


def items_of(body: JsonValue, path: str) -> list[JsonObject]:
    """The items of a page.

    Raises:
        InvalidAnswer: the answer is no page.
    """
    items = as_object(as_object(body).get("_embedded")).get("items")
    return objects_of([] if items == {} else items, path)


def objects_of(value: JsonValue, path: str) -> list[JsonObject]:
    """The objects of a list that holds nothing else.

    Raises:
        InvalidAnswer: it is no such list.
    """
    if isinstance(value, list):
        objects = [item for item in value if isinstance(item, dict)]
        if len(objects) == len(value):
            return objects
    raise InvalidAnswer("the answer is no listing", method="GET", path=path)


async def _fetch_within_time(
    fetch: Callable[[str, Query], Awaitable[_A]], path: str, query: Query
) -> tuple[_A, Query]:
    while True:
        try:
            return await fetch(path, query), query
        except SourceTimeout:
            smaller = _smaller(query)
            if smaller is None:
                raise
            query = smaller


def _smaller(query: Query) -> Query | None:
    """The same place with the next smaller limit; None if there is none."""
    limit = _limit_of(query)
    if limit not in _LIMITS[:-1]:
        return None
    lower = _LIMITS[_LIMITS.index(limit) + 1]
    changed = {**query, "limit": str(lower)}
    page = query.get("page", "1")
    if page.isascii() and page.isdigit() and page != "1":
        changed["page"] = str((int(page) - 1) * (limit // lower) + 1)
    return changed


def _with_next_limit(following: Query, asked: Query) -> Query:
    """After a smaller page a listing by cursor grows again; a numbered one keeps its step."""
    limit = _limit_of(asked)
    if limit not in _LIMITS or limit == PAGE_LIMIT:
        return following
    by_cursor = following.get("pagination_type") == "search_after"
    step = _LIMITS[_LIMITS.index(limit) - 1] if by_cursor else limit
    return {**following, "limit": str(step)}


def _limit_of(query: Query) -> int:
    text = query.get("limit", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _following(page: JsonObject, *, path: str, own: Query, base_url: str) -> dict[str, str] | None:
    """The query of the next page, None if this is the last."""
    links = as_object(page.get("_links"))
    link = _href(links, "next")
    if link is None:
        return None
    host = _host_of(link)
    if host not in {None, _host_of(base_url), _host_of(_href(links, "self") or "")}:
        text = f"a next link names another host, {host[0]}"
        raise ForeignLink(text, method="GET", path=path)
    return {**_query_of(link, path), **own}


def _href(links: JsonObject, name: str) -> str | None:
    return as_text(as_object(links.get(name)).get("href"))


def _host_of(url: str) -> tuple[str, int | None] | None:
    """Host and port of an absolute URL, None for a relative one."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError as error:
        raise ForeignLink("a link is no URL") from error
    return None if parts.hostname is None else (parts.hostname, port)


def _query_of(link: str, path: str) -> dict[str, str]:
    """The query of a link or position, after making sure that it leads to the same listing."""
    parts = urlsplit(link)
    start = parts.path.find(API_ROOT)
    if start < 0 or _plain(parts.path[start:]) != _plain(path):
        raise ForeignLink("a next link leads to another listing", method="GET", path=path)
    return dict(parse_qsl(parts.query, keep_blank_values=True))


def _plain(path: str) -> str:
    return unquote(path).rstrip("/").casefold()
