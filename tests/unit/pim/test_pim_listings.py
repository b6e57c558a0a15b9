"""Listings: own links, whole sweeps, resumable anywhere."""

import httpx
import pytest

from pim.errors import ForeignLink, InvalidAnswer, SourceRequestRefused, SourceTimeout
from pim.json_types import JsonObject
from pim.reads import ProductPage
from pim.search import descendants_of
from tests.unit.pim.fake_pim import (
    BASE,
    NOBODY,
    NOW,
    FakePim,
    Numbers,
    client_of,
    collect,
    ok,
    page,
    product,
    uuid,
)

pytestmark = pytest.mark.anyio

LISTING = "/api/rest/v1/products-uuid"


def _keys(pages: list[ProductPage]) -> list[str]:
    return [read.key for each in pages for read in each.reads]


class Catalogue:
    """A listing by cursor of numbered products; `heavy` pages (by limit) time out."""

    def __init__(self, size: int, *, slow_above: int = 100, host: str = BASE) -> None:
        self.size = size
        self.slow_above = slow_above
        self.host = host
        self.limits: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response | Exception:
        params = request.url.params
        limit, after = int(params["limit"]), int(params.get("search_after", "-1"))
        self.limits.append(limit)
        if limit > self.slow_above:
            return httpx.ReadTimeout("slow")
        numbers = range(after + 1, min(after + 1 + limit, self.size))
        is_last = after + 1 + limit >= self.size
        link = f"{self.host}{LISTING}?search_after={numbers[-1]}&limit={limit}" if numbers else ""
        return page(
            [product(uuid(number)) for number in numbers],
            following=None if is_last else link,
            self_link=f"{self.host}{LISTING}",
        )


async def test_a_listing_is_walked_to_its_end_in_pages_of_a_hundred() -> None:
    pim, numbers = FakePim(), Numbers()
    pim.serve("products-uuid", Catalogue(250))
    async with client_of(pim, numbers=numbers) as client:
        pages = await collect(client.product_pages())
    assert _keys(pages) == [uuid(number) for number in range(250)]
    assert [(p.interval.read_from, p.interval.read_to) for p in pages] == [(1, 2), (3, 4), (5, 6)]
    assert {p.source_time for p in pages} == {NOW}
    assert pages[-1].next_position is None
    assert all(p.next_position for p in pages[:-1])


async def test_our_own_filters_are_laid_over_every_link() -> None:
    pim = FakePim()
    pim.serve("products-uuid", Catalogue(250))
    async with client_of(pim) as client:
        await collect(client.product_pages(search=descendants_of("lamp arc/1")))
    sent = [dict(request.url.params) for request in pim.asked("products-uuid")]
    cursors = [params.pop("search_after", None) for params in sent]
    assert cursors == [None, "99", "199"]
    assert sent[0] == sent[1] == sent[2]
    assert sent[0] == {
        "search": '{"parent":[{"operator":"=","value":"lamp arc/1"}]}',
        "pagination_type": "search_after",
        "limit": "100",
        "with_attribute_options": "true",
        "with_quality_scores": "true",
        "with_completenesses": "true",
    }


async def test_a_listing_goes_on_from_any_position_with_its_search() -> None:
    pim = FakePim()
    pim.serve("products-uuid", Catalogue(250))
    async with client_of(pim) as client:
        whole = await collect(client.product_pages(search=descendants_of("ä&b")))
    pim.requests.clear()
    async with client_of(pim) as client:
        rest = await collect(client.product_pages(position=whole[0].next_position))
    assert _keys(rest) == _keys(whole[1:])
    assert {request.url.params["search"] for request in pim.asked("products-uuid")} == {
        '{"parent":[{"operator":"=","value":"ä&b"}]}'
    }


@pytest.mark.parametrize(
    "position", ["api/rest/v1/products?limit=100", "https://evil.test/x", "", "nonsense"]
)
async def test_a_position_of_another_listing_is_refused(position: str) -> None:
    pim = FakePim()
    async with client_of(pim) as client:
        with pytest.raises(ForeignLink):
            await collect(client.product_pages(position=position))
    assert pim.requests == []


async def test_links_with_the_pims_own_host_behind_a_proxy_are_followed_on_ours() -> None:
    pim = FakePim()
    pim.serve("products-uuid", Catalogue(250, host="http://pim.internal:8080"))
    async with client_of(pim, base_url="https://shop.example.test/pim") as client:
        pages = await collect(client.product_pages())
    assert len(_keys(pages)) == 250
    assert {(r.url.host, r.url.path) for r in pim.requests if r.method == "GET"} == {
        ("shop.example.test", f"/pim{LISTING}")
    }


@pytest.mark.parametrize(
    "link",
    [
        f"https://evil.example.test{LISTING}?search_after=9",
        f"//evil.example.test{LISTING}?search_after=9",
        f"{BASE}:8443{LISTING}?search_after=9",
        f"{BASE}/api/rest/v1/products?search_after=9",
        f"{BASE}/elsewhere",
        "https://[broken",
        "https://pim.example.test:port/",
    ],
)
async def test_a_link_that_leads_away_is_refused_and_the_token_stays_here(link: str) -> None:
    pim = FakePim()
    pim.on("products-uuid", page([product(uuid(1))], following=link))
    async with client_of(pim) as client:
        with pytest.raises(ForeignLink):
            await collect(client.product_pages())
    assert {request.url.host for request in pim.requests} == {"pim.example.test"}
    assert len(pim.asked("products-uuid")) == 1


async def test_a_relative_link_is_followed() -> None:
    pim = FakePim()
    pim.on("products-uuid", page([], following=f"{LISTING}?search_after=9"), page([]))
    async with client_of(pim) as client:
        assert len(await collect(client.product_pages())) == 2


async def test_a_page_that_times_out_is_asked_for_in_smaller_pages_that_grow_again() -> None:
    pim, catalogue = FakePim(), Catalogue(250, slow_above=25)
    pim.serve("products-uuid", catalogue)
    async with client_of(pim) as client:
        pages = collect(client.product_pages())
        assert _keys(await pages) == [uuid(number) for number in range(250)]
    assert catalogue.limits[:5] == [100, 50, 25, 50, 25]


async def test_a_listing_that_times_out_at_every_size_gives_up() -> None:
    pim, catalogue = FakePim(), Catalogue(250, slow_above=0)
    pim.serve("products-uuid", catalogue)
    pim.on(f"products-uuid/{NOBODY}", httpx.ReadTimeout("slow"))
    async with client_of(pim) as client:
        with pytest.raises(SourceTimeout):
            await collect(client.product_pages())
    assert catalogue.limits == [100, 50, 25, 5, 1]


@pytest.mark.parametrize(
    "body",
    [{}, [], None, 1, "x", {"_embedded": []}, {"_embedded": {"items": 1}},
     {"_embedded": {"items": {"a": 1}}}, {"items": []}],
)  # fmt: skip
async def test_what_is_no_page_is_an_invalid_answer(body: JsonObject) -> None:
    pim = FakePim()
    pim.on("products-uuid", ok(body))
    async with client_of(pim) as client:
        with pytest.raises(InvalidAnswer):
            await collect(client.product_pages())


async def test_a_product_that_cannot_be_read_is_told_beside_the_page() -> None:
    pim = FakePim()
    pim.on(
        "products-uuid",
        ok({"_embedded": {"items": [product(uuid(1)), {"uuid": uuid(2)}, {"values": {}}, 7]}}),
    )
    async with client_of(pim) as client:
        (only,) = await collect(client.product_pages())
    assert _keys([only]) == [uuid(1)]
    assert [failed.key for failed in only.failed] == [uuid(2), "", ""]


async def test_a_refused_search_is_told() -> None:
    pim = FakePim()
    answer = httpx.Response(422, json={"code": 422, "message": "Filter on property x"})
    pim.on("products-uuid", answer)
    async with client_of(pim) as client:
        with pytest.raises(SourceRequestRefused, match="Filter on property x"):
            await collect(client.product_pages(search={"x": []}))
