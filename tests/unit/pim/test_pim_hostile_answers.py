"""Answers that would fill our memory, and answers that say our secrets back to us."""

import base64
import gzip
import html
import json
import zlib
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr

from pim.errors import AnswerTooLarge, InvalidAnswer, SourceError
from pim.http.connection import AppToken, PasswordCredentials
from pim.http.transport import read_bounded
from pim.reads import ProductRead
from tests.unit.pim.fake_pim import (
    FakePim,
    client_of,
    collect,
    login,
    page,
    product,
    searched_keys,
    uuid,
)

pytestmark = pytest.mark.anyio

LIMIT = 10_000
BOMB = gzip.compress(b" " * 10_000_000)


class Pieces(httpx.AsyncByteStream):
    """A body in pieces, and how many of them were taken."""

    def __init__(self, body: bytes, size: int = 100) -> None:
        self._body, self._size = body, size
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._body), self._size):
            self.taken += 1
            yield self._body[start : start + self._size]


async def _read(body: bytes, packing: str | None) -> tuple[httpx.Response, Pieces]:
    pieces = Pieces(body)
    headers = {"Content-Encoding": packing} if packing else {}
    answer = httpx.Response(200, headers=headers, stream=pieces)
    return await read_bounded(answer, method="GET", path="products", limit=LIMIT), pieces


@pytest.mark.parametrize(
    ("packing", "pack"), [(None, bytes), ("gzip", gzip.compress), ("deflate", zlib.compress)]
)
async def test_a_body_up_to_the_limit_is_unpacked_and_can_be_read(
    packing: str | None, pack: type[bytes]
) -> None:
    body = json.dumps({"text": "x" * 5_000}).encode()
    answer, _ = await _read(pack(body), packing)
    assert answer.content == body
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize(
    ("body", "packing"), [(b"x" * 100 * LIMIT, None), (BOMB, "gzip")], ids=["endless", "packed"]
)
async def test_a_body_over_the_limit_is_left_unread(body: bytes, packing: str | None) -> None:
    with pytest.raises(AnswerTooLarge, match="10,000 bytes"):
        await _read(body, packing)


async def test_no_more_is_taken_than_is_needed_to_know() -> None:
    pieces = Pieces(b"x" * 100 * LIMIT)
    with pytest.raises(AnswerTooLarge):
        await read_bounded(httpx.Response(200, stream=pieces), method="GET", path="x", limit=LIMIT)
    assert pieces.taken == LIMIT / 100 + 1


@pytest.mark.parametrize("packing", ["gzip, gzip", "br", "zstd", "gzip,identity"])
async def test_packings_in_each_other_or_unknown_are_refused_unread(packing: str) -> None:
    with pytest.raises(InvalidAnswer, match="unknown way"):
        await _read(gzip.compress(BOMB), packing)


async def test_damaged_packing_is_an_invalid_answer() -> None:
    pim = FakePim()
    headers = {"Content-Encoding": "gzip"}
    pim.on("channels", httpx.Response(200, headers=headers, stream=Pieces(b"no gzip")))
    pim.serve("channels", lambda _: httpx.Response(200, headers=headers, stream=Pieces(b"no gzip")))
    async with client_of(pim) as client:
        with pytest.raises(InvalidAnswer):
            await client.source_check().connect()


async def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones() -> None:
    pim = FakePim()
    heavy = [product(uuid(number), family="f" * 300) for number in range(30)]

    def listing(request: httpx.Request) -> httpx.Response:
        limit = int(request.url.params["limit"])
        start = int(request.url.params.get("search_after", "0"))
        following = f"/api/rest/v1/products-uuid?search_after={start + limit}"
        more = start + limit < len(heavy)
        return page(heavy[start : start + limit], following=following if more else None)

    pim.serve("products-uuid", listing)
    async with client_of(pim, max_answer_bytes=LIMIT) as client:
        pages = await collect(client.product_pages())
    assert [read.key for each in pages for read in each.reads] == [uuid(n) for n in range(30)]


async def test_a_product_that_is_too_large_by_itself_fails_alone() -> None:
    pim = FakePim()
    products = {uuid(n): product(uuid(n), family="f" * (20_000 if n == 1 else 1)) for n in range(4)}

    def search(request: httpx.Request) -> httpx.Response:
        return page([body for key, body in products.items() if key in searched_keys(request)])

    pim.serve("products-uuid", search)
    pim.on(f"products-uuid/{uuid(1)}", page([products[uuid(1)]]))
    async with client_of(pim, max_answer_bytes=LIMIT) as client:
        results = await client.read_products(list(products))
    read = {each.key for each in results if isinstance(each, ProductRead)}
    assert read == {uuid(0), uuid(2), uuid(3)}


SECRET, PASSWORD = "canary-<secret>&1", "canary/pass word"
CREDENTIALS = PasswordCredentials("the-client", SecretStr(SECRET), "julia", SecretStr(PASSWORD))


def _echo(request: httpx.Request) -> httpx.Response:
    """A proxy's error page that shows the request, as debug pages do."""
    said = f"{request.headers.get('Authorization')} {request.content.decode()}"
    forms = [SECRET, PASSWORD, html.escape(SECRET), quote(PASSWORD, safe=""), said]
    return httpx.Response(500, text=f"<p>{' '.join(forms)}</p>"[:190])


@pytest.mark.parametrize("path", ["/api/oauth/v1/token", "/api/rest/v1/channels"])
async def test_an_error_page_that_echoes_our_request_shows_no_secret(path: str) -> None:
    pim = FakePim()
    pim.script["/api/oauth/v1/token"] = [login()]
    pim.script[path] = _echo
    async with client_of(pim, credentials=CREDENTIALS) as client:
        with pytest.raises(SourceError) as raised:
            await client.source_check().connect()
    basic = base64.b64encode(f"the-client:{SECRET}".encode()).decode()
    for secret in ("canary", basic, "access-1"):
        assert secret not in f"{raised.value} {raised.value!r} {raised.value.excerpt}"
    assert "***" in raised.value.excerpt


async def test_an_apps_token_is_shown_by_no_error() -> None:
    pim = FakePim()
    pim.serve("channels", lambda request: httpx.Response(403, text=str(request.headers.raw)))
    pim.serve("locales", lambda request: httpx.Response(500, text=str(request.headers.raw)))
    async with client_of(pim, credentials=AppToken(SecretStr("canary-token"))) as client:
        with pytest.raises(SourceError) as raised:
            await client.source_check().connect()
    assert "canary" not in str(raised.value)


def test_credentials_show_no_secret_in_any_form() -> None:
    shown = f"{CREDENTIALS} {CREDENTIALS!r} {AppToken(SecretStr('canary-token'))!r}"
    assert "canary" not in shown
