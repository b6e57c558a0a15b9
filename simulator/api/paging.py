"""Pages of a list: which slice is asked for, and the links that lead on.

Links carry the PIM's own address and the whole query of the request.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar
from urllib.parse import quote, urlencode

import orjson
from fastapi import Request
from starlette.datastructures import URL, QueryParams
from starlette.responses import Response

from pim.json_types import JsonObject
from simulator.api.answers import JSON, simulation_of
from simulator.errors import unprocessable
from simulator.faults import LinkFaults

MOST_ITEMS = 100
CEILING = 10_000
_DEFAULT_LIMIT = 10
_TOO_MANY = (
    'You have reached the maximum number of pages you can retrieve with the "page" pagination '
    "type. Please use the search after pagination type instead"
)

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PageAsk:
    """What a request asks of a list; `after` is the last uuid of the page before."""

    limit: int
    page: int
    with_count: bool
    by_cursor: bool
    after: str | None


def parse_page(query: QueryParams, *, may_cursor: bool, most: int = MOST_ITEMS) -> PageAsk:
    """Read limit, page, count and cursor; only products know cursors.

    `most`: so many items a page by cursor has, whatever its reader's limit is.

    Raises:
        ApiError: 422, a number that is none, too many items, or an unknown kind of paging.
    """
    kind = query.get("pagination_type", "page") if may_cursor else "page"
    if kind not in {"page", "search_after"}:
        raise unprocessable("Pagination type does not exist.")
    limit = _number(query.get("limit", str(_DEFAULT_LIMIT)), "limit")
    if limit > MOST_ITEMS:
        raise unprocessable(f"You cannot request more than {MOST_ITEMS} items.")
    by_cursor = kind == "search_after"
    page = 1 if by_cursor else _number(query.get("page", "1"), "page")
    if may_cursor and page * limit > CEILING:
        raise unprocessable(_TOO_MANY, documented=True)
    cursor = query.get("search_after") if by_cursor else None
    return PageAsk(
        limit=min(limit, most) if by_cursor else limit,
        page=page,
        with_count=query.get("with_count") == "true",
        by_cursor=by_cursor,
        after=read_cursor(cursor) if cursor else None,
    )


def _number(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise unprocessable(f'"{text}" is not a valid {name} number.')
    return int(text)


def make_cursor(uuid: str) -> str:
    """An opaque cursor for that uuid."""
    return base64.urlsafe_b64encode(f"after:{uuid}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """The uuid behind a cursor.

    Raises:
        ApiError: 422, this PIM has never given out such a cursor.
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        text = base64.urlsafe_b64decode(padded).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise unprocessable("The search_after parameter is not valid.") from error
    if not text.startswith("after:"):
        raise unprocessable("The search_after parameter is not valid.")
    return text.removeprefix("after:")


def key_page(query: QueryParams, most: int = MOST_ITEMS) -> PageAsk:
    """The page of a list that knows cursors only, and no limit of the reader's."""
    cursor = query.get("search_after")
    return PageAsk(
        limit=most,
        page=1,
        with_count=False,
        by_cursor=True,
        after=read_cursor(cursor) if cursor else None,
    )


def slice_page(found: Iterable[Item], ask: PageAsk) -> tuple[list[Item], int | None]:
    """The items of a numbered page, and how many there are if that was asked."""
    first = (ask.page - 1) * ask.limit
    items: list[Item] = []
    count = 0
    for item in found:
        if first <= count < first + ask.limit:
            items.append(item)
        count += 1
        if not ask.with_count and len(items) == ask.limit:
            break
    return items, count if ask.with_count else None


class Links:
    """Links of one request: the same path and query, but for what a link changes."""

    def __init__(self, base_url: str, url: URL, query: QueryParams, faults: LinkFaults) -> None:
        self._path = quote(url.path)
        self._start = f"{base_url}{self._path}"
        self._query = dict(query.multi_items())
        self._faults = faults

    def to(self, **changes: str) -> JsonObject:
        """A link with these parameters changed."""
        return self._link({**self._query, **changes})

    def following(self, **changes: str) -> JsonObject:
        """The link to the next page, with the faults that such links have now."""
        lost = self._faults.loses
        query = {name: text for name, text in self._query.items() if name not in lost}
        start = self._start if self._faults.host is None else f"{self._faults.host}{self._path}"
        return {"href": f"{start}?{urlencode({**query, **changes}, quote_via=quote)}"}

    def plain(self, *without: str) -> JsonObject:
        """A link without these parameters."""
        kept = {name: text for name, text in self._query.items() if name not in without}
        return self._link(kept)

    def _link(self, query: dict[str, str]) -> JsonObject:
        text = urlencode(query, quote_via=quote)
        return {"href": f"{self._start}?{text}" if text else self._start}


def numbered_links(links: Links, ask: PageAsk, shown: int, count: int | None) -> JsonObject:
    """Links of a numbered page; without a count a full page promises a next one."""
    limit = str(ask.limit)
    found: JsonObject = {
        "self": links.to(page=str(ask.page), limit=limit),
        "first": links.to(page="1", limit=limit),
    }
    if ask.page > 1:
        found["previous"] = links.to(page=str(ask.page - 1), limit=limit)
    is_more = shown == ask.limit if count is None else ask.page * ask.limit < count
    if is_more:
        found["next"] = links.following(page=str(ask.page + 1), limit=limit)
    return found


def cursor_links(links: Links, ask: PageAsk, last: str | None) -> JsonObject:
    """Links of a page by cursor; `last` is the uuid a full page ends with, None at the end."""
    limit = str(ask.limit)
    found: JsonObject = {
        "self": links.to(limit=limit),
        "first": links.plain("search_after"),
    }
    if last is not None:
        found["next"] = links.following(limit=limit, search_after=make_cursor(last))
    return found


def key_links(links: Links, last: str | None) -> JsonObject:
    """Links of such a page; `last` is the code that a full page ends with, None at the end."""
    found: JsonObject = {"self": links.to(), "first": links.plain("search_after")}
    if last is not None:
        found["next"] = links.following(search_after=make_cursor(last))
    return found


def page_response(
    links: JsonObject, items: Sequence[bytes], *, page: int | None, count: int | None
) -> Response:
    """A page put together from items that are JSON already."""
    head: JsonObject = {"_links": links}
    if page is not None:
        head["current_page"] = page
    if count is not None:
        head["items_count"] = count
    body = b"".join((orjson.dumps(head)[:-1], b',"_embedded":{"items":[', b",".join(items), b"]}}"))
    return Response(body, media_type=JSON)


def keyed_page(
    links: Links, ask: PageAsk, found: Iterator[str], items: Callable[[list[str]], list[bytes]]
) -> Response:
    """A page of what is listed by key, by cursor or by number; `items` writes the keys down."""
    if not ask.by_cursor:
        keys, count = slice_page(found, ask)
        shown = numbered_links(links, ask, len(keys), count)
        return page_response(shown, items(keys), page=ask.page, count=count)
    keys = list(islice(found, ask.limit))
    # A full page promises another one, so the last page of a list may be empty.
    last = keys[-1] if len(keys) == ask.limit else None
    return page_response(cursor_links(links, ask, last), items(keys), page=None, count=None)


def build_links(request: Request) -> Links:
    """The links of this request, faulty where the PIM's are."""
    simulation = simulation_of(request)
    base_url = simulation.config.base_url
    return Links(base_url, request.url, request.query_params, simulation.link_faults)
