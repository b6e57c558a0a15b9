"""Pages of a listing and their links, which lead nowhere but to the next page of the same list.

Of a page's `next` link only path and query are followed, always against our own base URL, so the
token never goes elsewhere. The PIM writes links with the host it is configured with, which behind a
proxy is not the host we call: a link may name our host or the one that the same page's `self` link
names, and must lead to the same listing.
"""

from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from pim.errors import ForeignLink, InvalidAnswer
from pim.http import API_ROOT
from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text, has_positions
from pim.search import Query

PAGE_LIMIT = 100
"""The most that Akeneo hands out at once."""

PLACE = frozenset({"search_after", "page"})
"""What of a query says where in the listing we are."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def items_of(body: JsonValue, path: str, *, plain: bool = False) -> list[JsonValue]:
    """The items of a page, or (`plain`) of a list that comes in one piece.

    An envelope where a plain array belongs, and the reverse, are read as meant; a page that is an
    empty array means nothing.

    Raises:
        InvalidAnswer: the answer is neither.
    """
    listed = _listed(as_object(as_object(body).get("_embedded")).get("items"))
    if listed is None and (plain or body):
        listed = None if body == {} else _listed(body)
    if listed is None:
        raise InvalidAnswer("the answer is no listing", method="GET", path=path)
    return listed


def _listed(value: JsonValue) -> list[JsonValue] | None:
    """The list that is meant, None if none is: PHP writes lists with holes as objects."""
    is_meant = isinstance(value, dict) and (not value or has_positions(value))
    return as_list(value) if is_meant or isinstance(value, list) else None


def key_of(item: JsonValue, name: str) -> str:
    """The casefolded text of an item's member, "" if it has none."""
    return (as_text(as_object(item).get(name)) or "").casefold()


def place_of(query: Query) -> str:
    """A query's place in its listing, however large the page: equal for equal places."""
    return urlencode({name: text for name, text in query.items() if name != "limit"})


def limit_of(query: Query) -> int:
    """How many items a query asks for, 0 if it does not say."""
    text = query.get("limit", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def read_next_query(links: JsonObject, *, path: str, base_url: str) -> dict[str, str] | None:
    """The query of the next page as its link says it, None if this is the last."""
    link = _href(links, "next")
    if link is None:
        return None
    host = _host_of(link)
    if host not in {None, _host_of(base_url), _host_of(_href(links, "self") or "")}:
        text = f"a next link names another host, {host[0]}"
        raise ForeignLink(text, method="GET", path=path)
    return read_link_query(link, path)


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


def read_link_query(link: str, path: str) -> dict[str, str]:
    """The query of a link or position, after making sure that it leads to the same listing."""
    parts = urlsplit(link)
    start = parts.path.find(API_ROOT)
    if start < 0 or _plain(parts.path[start:]) != _plain(path):
        raise ForeignLink("a next link leads to another listing", method="GET", path=path)
    return dict(parse_qsl(parts.query, keep_blank_values=True))


def _plain(path: str) -> str:
    return unquote(path).rstrip("/").casefold()
