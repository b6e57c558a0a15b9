"""Walking a listing to its end, whatever single pages, items and links do."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest

from pim.errors import ListingStuck, SourceError, SourceServerError
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.reading.client import PimClient
from pim.reads import ProductPage
from pim.vocabulary import CatalogKind
from tests.unit.pim.fake_pim import (
    BASE,
    NOBODY,
    FakePim,
    akeneo_404,
    client_of,
    ok,
    page,
    product,
    uuid,
)

pytestmark = pytest.mark.anyio

LISTING = "/api/rest/v1/products-uuid"
SPOILS: dict[str, Callable[[bytes], httpx.Response | Exception]] = {
    "500": lambda _: httpx.Response(500, json={"code": 500, "message": "memory exhausted"}),
    "502": lambda _: httpx.Response(502, text="<html>Bad Gateway</html>"),
    "422": lambda _: httpx.Response(422, json={"code": 422, "message": "SQLSTATE"}),
    "cut": lambda raw: httpx.Response(200, content=raw[: len(raw) // 2]),
    "html": lambda _: httpx.Response(200, text="<html>error</html>"),
    "NaN": lambda raw: httpx.Response(200, content=raw.replace(b"true", b"NaN")),
    "larger": lambda raw: httpx.Response(200, content=raw + b" " * 2_000_000),
    "timeout": lambda _: httpx.ReadTimeout("slow"),
    "hung up": lambda _: httpx.RemoteProtocolError("Server disconnected"),
    "404": lambda _: httpx.Response(404, text="<html>nginx</html>"),
}


def spread(number: int) -> ProductKey:
    """Uuids as a lot draws them: far apart, in order."""
    return ProductKey(f"{number * 0x800000:08x}-0000-4000-8000-{number:012d}")


@dataclass
class Shop:
    """A listing of products by cursor or number; pages that hold one of `bad` are spoiled.

    `opaque`: cursors do not show keys. `by_values`: only answers with values are spoiled. `circle`:
    the page behind this key links to itself. `ceiling`: no numbered page ends behind it.
    """

    keys: list[ProductKey]
    bad: frozenset[str] = frozenset()
    spoil: Callable[[bytes], httpx.Response | Exception] = SPOILS["500"]
    opaque: bool = False
    by_values: bool = False
    circle: str | None = None
    ceiling: int = 10_000
    asked: list[dict[str, str]] = field(default_factory=list)

    def cursor(self, key: str) -> str:
        return base64.b64encode(f"k{key}".encode()).decode() if self.opaque else key

    def key_behind(self, cursor: str) -> str | None:
        if not self.opaque:
            return cursor
        try:
            return base64.b64decode(cursor, validate=True).decode()[1:]
        except ValueError:
            return None

    def __call__(self, request: httpx.Request) -> httpx.Response | Exception:
        params = dict(request.url.params)
        self.asked.append(params)
        limit, start = int(params["limit"]), 0
        if params["pagination_type"] == "page":
            start = (int(params["page"]) - 1) * limit
            if start + limit > self.ceiling:
                return httpx.Response(422, json={"code": 422, "message": "use search after"})
        elif "search_after" in params:
            after = self.key_behind(params["search_after"])
            if after is None:
                return httpx.Response(422, json={"code": 422, "message": "no cursor of mine"})
            start = sum(key <= after for key in self.keys)
        shown = self.keys[start : start + limit]
        answer = page(
            [product(key) for key in shown],
            following=self.link(params, shown, limit) if len(shown) == limit else None,
        )
        spares = self.by_values and "attributes" in params
        is_spoiled = not spares and not self.bad.isdisjoint(shown)
        return self.spoil(answer.content) if is_spoiled else answer

    def link(self, params: dict[str, str], shown: list[ProductKey], limit: int) -> str:
        if params["pagination_type"] == "page":
            return f"{BASE}{LISTING}?page={int(params['page']) + 1}&limit={limit}"
        cursor = self.cursor(shown[-1])
        if self.circle is not None and shown[0] <= self.circle <= shown[-1]:
            cursor = params.get("search_after", "")
        more = f"&attributes={params['attributes']}" if "attributes" in params else ""
        return f"{BASE}{LISTING}?limit={limit}&search_after={cursor}{more}"


def serve(shop: Shop) -> FakePim:
    pim = FakePim()
    pim.serve("products-uuid", shop)
    for key in shop.keys:
        alone = shop.spoil(json.dumps(product(key)).encode())
        pim.on(f"products-uuid/{key}", alone if key in shop.bad else ok(product(key)))
    pim.on(f"products-uuid/{NOBODY}", akeneo_404())
    return pim


async def walk(pim: FakePim, position: str | None = None) -> list[ProductPage]:
    async with client_of(pim) as client:
        return [each async for each in client.product_pages(position=position)]


def keys_of(pages: list[ProductPage]) -> list[str]:
    return [read.key for each in pages for read in each.reads]


def failed_of(pages: list[ProductPage]) -> list[str]:
    return [failed.key for each in pages for failed in each.failed]


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
@pytest.mark.parametrize("bad", [0, 99, 100, 137, 249])
async def test_a_page_that_fails_costs_only_the_one_product_that_spoils_it(
    spoil: Callable[[bytes], httpx.Response | Exception], bad: int
) -> None:
    keys = [spread(number) for number in range(250)]
    shop = Shop(keys, frozenset({keys[bad]}), spoil, by_values=True)
    pages = await walk(serve(shop))
    assert keys_of(pages) == [key for key in keys if key != keys[bad]]
    assert failed_of(pages) == [keys[bad]]


@pytest.mark.parametrize("bad", [[0], [137], [249], [10, 11, 12], [3, 130, 249]])
async def test_a_product_that_nothing_shows_is_stepped_over_by_its_key(bad: list[int]) -> None:
    keys = [spread(number) for number in range(250)]
    shop = Shop(keys, frozenset(keys[number] for number in bad))
    pages = await walk(serve(shop))
    assert keys_of(pages) == [key for key in keys if key not in shop.bad]
    # Side by side they are found as one: the last of them is named.
    assert set(failed_of(pages)) <= shop.bad
    assert failed_of(pages)


async def test_uuids_side_by_side_are_told_apart_to_the_last_digit() -> None:
    keys = [uuid(number) for number in range(250)]
    pages = await walk(serve(Shop(keys, frozenset({keys[137]}))))
    assert keys_of(pages) == [key for key in keys if key != keys[137]]
    assert failed_of(pages) == [keys[137]]


@pytest.mark.parametrize("bad", [0, 137, 249])
async def test_where_cursors_are_opaque_the_pages_are_numbered(bad: int) -> None:
    keys = [spread(number) for number in range(250)]
    shop = Shop(keys, frozenset({keys[bad]}), opaque=True)
    pages = await walk(serve(shop))
    assert set(keys_of(pages)) == {key for key in keys if key != keys[bad]}
    assert failed_of(pages) == [""]
    assert any("by page numbers" in odd for each in pages for odd in each.odd)


async def test_a_listing_that_cannot_be_numbered_to_its_end_says_so_after_what_came() -> None:
    keys = [spread(number) for number in range(250)]
    shop = Shop(keys, frozenset({keys[137]}), opaque=True, ceiling=100)
    pim, found = serve(shop), list[str]()
    async with client_of(pim) as client:
        with pytest.raises(ListingStuck):
            await _collect_into(client, found)
    assert set(found) == set(keys[:137])


async def test_what_spoils_its_page_and_not_its_own_answer_is_read() -> None:
    keys = [spread(number) for number in range(50)]
    shop = Shop(keys, frozenset({keys[7]}), by_values=True)
    pim = serve(shop)
    pim.on(f"products-uuid/{keys[7]}", ok(product(keys[7])))
    pages = await walk(pim)
    assert set(keys_of(pages)) == set(keys)
    assert not failed_of(pages)


async def test_a_list_of_which_every_page_fails_fails_itself_and_steps_over_nothing() -> None:
    keys = [spread(number) for number in range(30)]
    shop = Shop(keys, frozenset(keys))
    with pytest.raises(SourceServerError):
        await walk(serve(shop))
    assert len(shop.asked) < 200


async def test_nothing_is_stepped_over_while_the_source_reads_no_products() -> None:
    keys = [spread(number) for number in range(30)]
    shop = Shop(keys, frozenset({keys[20]}))
    pim = serve(shop)
    pim.on(f"products-uuid/{NOBODY}", httpx.Response(500))
    with pytest.raises(SourceServerError):
        await walk(pim)


@pytest.mark.parametrize("opaque", [True, False])
async def test_a_link_that_leads_back_costs_no_page(opaque: bool) -> None:  # noqa: FBT001
    keys = [spread(number) for number in range(450)]
    shop = Shop(keys, circle=keys[250], opaque=opaque)
    pages = await walk(serve(shop))
    assert set(keys_of(pages)) == set(keys)
    assert any("leads back" in odd for each in pages for odd in each.odd)


async def test_a_circle_that_nothing_leads_out_of_is_told_after_its_page() -> None:
    keys = [spread(number) for number in range(450)]
    shop = Shop(keys, circle=keys[250], opaque=True, ceiling=0)
    pim, found = serve(shop), list[str]()
    async with client_of(pim) as client:
        with pytest.raises(SourceError):
            await _collect_into(client, found)
    assert set(found) == set(keys[:300])


async def test_a_walk_by_numbers_goes_on_from_its_position() -> None:
    keys = [spread(number) for number in range(450)]
    shop = Shop(keys, frozenset({keys[137]}), opaque=True)
    pages = await walk(serve(shop))
    numbered = [each for each in pages if "page=" in (each.next_position or "")]
    rest = await walk(serve(shop), numbered[-1].next_position)
    assert keys_of(rest) == keys[-len(keys_of(rest)) :]
    assert 0 < len(keys_of(rest)) <= 100


@pytest.mark.parametrize("spoil", ["500", "cut", "timeout"])
async def test_an_item_that_spoils_a_numbered_list_is_stepped_over_by_its_number(
    spoil: str,
) -> None:
    pim = FakePim()

    def families(request: httpx.Request) -> httpx.Response | Exception:
        limit, number = int(request.url.params["limit"]), int(request.url.params.get("page", "1"))
        codes = range((number - 1) * limit, min(number * limit, 240))
        items: list[JsonObject] = [{"code": f"f{code}"} for code in codes]
        link = f"{BASE}/api/rest/v1/families?page={number + 1}&limit={limit}"
        answer = page(items, following=link if codes.stop < 240 else None)
        return SPOILS[spoil](answer.content) if 137 in codes else answer

    pim.serve("families", families)
    async with client_of(pim) as client:
        pages = [each async for each in client.list_items(CatalogKind.FAMILY)]
    codes = [read.reference.code for each in pages for read in each.reads]
    assert codes == [f"f{number}" for number in range(240) if number != 137]
    assert sum(len(each.failed) for each in pages) == 1


async def test_a_numbered_list_that_shows_one_page_for_ever_ends() -> None:
    pim = FakePim()
    items: list[JsonObject] = [{"code": f"f{number}"} for number in range(100)]
    pim.on("families", page(items, following=f"{BASE}/api/rest/v1/families?page=1&limit=100"))
    async with client_of(pim) as client:
        with pytest.raises(ListingStuck, match="circle"):
            _ = [each async for each in client.list_items(CatalogKind.FAMILY)]


async def test_an_envelope_and_a_plain_array_are_read_as_meant_in_each_others_place() -> None:
    pim = FakePim()
    pim.on("measurement-families", page([{"code": "Weight"}, {"code": "Length"}]))
    pim.on("currencies", ok([{"code": "EUR"}, {"code": "USD"}]))
    pim.on("locales", ok({"_embedded": {"items": {"0": {"code": "de"}, "2": {"code": "fr"}}}}))
    async with client_of(pim) as client:
        for kind, codes in (
            (CatalogKind.MEASUREMENT_FAMILY, ["Weight", "Length"]),
            (CatalogKind.CURRENCY, ["EUR", "USD"]),
            (CatalogKind.LOCALE, ["de", "fr"]),
        ):
            (only,) = [each async for each in client.list_items(kind)]
            assert [read.reference.code for read in only.reads] == codes


async def test_an_item_without_a_usable_code_fails_alone() -> None:
    pim = FakePim()
    pim.on("families", ok({"_embedded": {"items": [{"code": "a"}, {"code": ""}, 7, {"x": 1}]}}))
    async with client_of(pim) as client:
        (only,) = [each async for each in client.list_items(CatalogKind.FAMILY)]
    assert [read.reference.code for read in only.reads] == ["a"]
    assert len(only.failed) == 3


async def test_an_item_twice_on_a_page_counts_once_as_it_was_shown_last() -> None:
    pim = FakePim()
    twice = [product(uuid(1), family="old"), product(uuid(2)), product(uuid(1), family="new")]
    pim.on("products-uuid", page(twice))
    pim.on("product-models", page([{"code": "M"}, {"code": "m", "family": "new"}]))
    async with client_of(pim) as client:
        (only,) = [each async for each in client.product_pages()]
        (models,) = [each async for each in client.model_pages()]
    found = {read.key: read.product for read in only.reads}
    assert len(only.reads) == len(found) == 2
    assert found[uuid(1)] is not None
    assert found[uuid(1)].family == "new"  # type: ignore[union-attr] # just seen
    assert [read.reference.code for read in models.reads] == ["m"]


async def _collect_into(client: PimClient, found: list[str]) -> None:
    async for each in client.product_pages():
        found += [read.key for read in each.reads]
