"""Reading products by key: one result a key, whatever the source does."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from pim.errors import (
    InvalidAnswer,
    SourceForbidden,
    SourceServerError,
    SourceUnexpectedNotFound,
)
from pim.ids import ProductKey
from pim.reads import ProductRead, Reads
from tests.unit.pim.fake_pim import (
    HUNDRED,
    IDENTIFIER_FACTS,
    FakePim,
    Numbers,
    akeneo_404,
    client_of,
    keys_found,
    ok,
    page,
    product,
    searched_keys,
    uuid,
)

pytestmark = pytest.mark.anyio


async def test_a_hundred_products_are_one_search_in_the_order_asked() -> None:
    pim = FakePim()
    pim.serve_products([product(key) for key in reversed(HUNDRED)])
    async with client_of(pim) as client:
        results = await client.read_products(HUNDRED)
    assert keys_found(results) == HUNDRED
    (request,) = pim.asked("products-uuid")
    assert dict(request.url.params) == {
        "search": json.dumps(
            {"uuid": [{"operator": "IN", "value": HUNDRED}]}, separators=(",", ":")
        ),
        "pagination_type": "search_after",
        "limit": "100",
        "with_attribute_options": "true",
        "with_quality_scores": "true",
        "with_completenesses": "true",
    }


async def test_no_key_makes_no_call_and_too_many_are_refused() -> None:
    pim = FakePim()
    async with client_of(pim) as client:
        assert await client.read_products([]) == Reads()
        with pytest.raises(ValueError, match="101 keys"):
            await client.read_products([*HUNDRED, uuid(100)])
    assert pim.requests == []


async def test_a_page_shares_one_interval_and_a_single_read_has_its_own() -> None:
    pim = FakePim()
    pim.serve_products([product(uuid(1)), product(uuid(2))])
    pim.on(f"products-uuid/{uuid(3)}", ok(product(uuid(3))))
    async with client_of(pim) as client:
        first, second, lagging = await client.read_products([uuid(1), uuid(2), uuid(3)])
    assert isinstance(first, ProductRead)
    assert isinstance(second, ProductRead)
    assert isinstance(lagging, ProductRead)
    assert first.interval == second.interval
    assert (first.interval.read_from, first.interval.read_to) == (1, 2)
    assert (lagging.interval.read_from, lagging.interval.read_to) == (3, 4)


async def test_what_the_index_does_not_show_yet_is_read_by_its_own_url() -> None:
    pim = FakePim()
    pim.on("products-uuid", page([]))
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1))))
    async with client_of(pim) as client:
        (read,) = await client.read_products([uuid(1)])
    assert isinstance(read, ProductRead)
    assert read.product is not None
    assert pim.asked("channels") == []


async def test_absence_is_akeneos_own_404_while_a_known_list_answers() -> None:
    pim = FakePim()
    pim.on("products-uuid", page([]))
    pim.serve(f"products-uuid/{uuid(1)}", lambda _: akeneo_404())
    pim.serve(f"products-uuid/{uuid(2)}", lambda _: akeneo_404())
    async with client_of(pim) as client:
        results = await client.read_products([uuid(1), uuid(2)])
        assert (await client.read_product(uuid(1))).product is None
    assert [isinstance(r, ProductRead) and r.product is None for r in results] == [True, True]
    assert 1 <= len(pim.asked("channels")) <= 2  # once a session, or once for each at the same time


async def test_an_absence_has_the_interval_of_its_own_404() -> None:
    pim, numbers = FakePim(), Numbers()
    date = {"Date": "Mon, 23 Nov 2026 11:00:00 GMT"}
    answer = httpx.Response(404, json={"code": 404, "message": "gone"}, headers=date)
    pim.on(f"products-uuid/{uuid(1)}", answer)
    async with client_of(pim, numbers=numbers) as client:
        read = await client.read_product(uuid(1))
    assert (read.interval.read_from, read.interval.read_to) == (1, 2)
    started = datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert started - timedelta(seconds=5) < read.interval.read_at <= started


async def test_no_absence_is_believed_while_the_known_lists_do_not_answer() -> None:
    pim = FakePim()
    pim.on("channels", httpx.Response(503))
    pim.on(f"products-uuid/{uuid(1)}", akeneo_404())
    async with client_of(pim) as client:
        with pytest.raises(SourceServerError, match="channels"):
            await client.read_product(uuid(1))


async def test_another_known_list_answers_where_channels_are_not_permitted() -> None:
    pim = FakePim()
    pim.on("channels", httpx.Response(403, json={"code": 403}))
    pim.on("locales", page([{"code": "en_US"}]))
    pim.on(f"products-uuid/{uuid(1)}", akeneo_404())
    async with client_of(pim) as client:
        assert (await client.read_product(uuid(1))).product is None
    pim.on("locales", httpx.Response(403, json={"code": 403}))
    pim.on("currencies", httpx.Response(403, json={"code": 403}))
    async with client_of(pim) as client:
        with pytest.raises(SourceForbidden):
            await client.read_product(uuid(1))


async def test_a_missing_route_is_no_absence() -> None:
    pim = FakePim()
    message = 'No route found for "GET /api/rest/v1/products-uuid/x"'
    pim.on(f"products-uuid/{uuid(1)}", akeneo_404(message))
    async with client_of(pim) as client:
        with pytest.raises(SourceUnexpectedNotFound, match="another version"):
            await client.read_product(uuid(1))


async def test_an_old_pim_is_searched_by_identifier_as_it_writes_it() -> None:
    pim = FakePim()
    body = product("", identifier="Große Lampe/1", uuid=None)
    pim.on("products", page([body]), page([]))
    pim.on("products/Große Lampe/1", ok(body))
    key = ProductKey("grosse lampe/1")
    async with client_of(pim, facts=IDENTIFIER_FACTS) as client:
        for _ in range(2):
            (read,) = await client.read_products([key], identifiers={key: "Große Lampe/1"})
            assert isinstance(read, ProductRead)
            assert read.product is not None
            assert read.product.identifier == "Große Lampe/1"
    assert searched_keys(pim.asked("products")[0]) == ["Große Lampe/1"]


@pytest.mark.parametrize(
    ("stored", "now"), [("cafe 1", "Café 1"), ("istanbul", "İstanbul"), ("ab ", "AB")]
)
async def test_an_identifier_that_the_source_spells_otherwise_now_is_absent_under_the_old_one(
    stored: str, now: str
) -> None:
    """Before version 7: the PIM compares without accents, and answers with the renamed product."""
    pim = FakePim()
    pim.on(f"products/{stored}", ok({**product("x"), "identifier": now}))
    async with client_of(pim, facts=IDENTIFIER_FACTS) as client:
        read = await client.read_product(ProductKey(stored), identifier=stored)
    assert read.product is None


async def test_another_product_than_the_one_asked_for_is_no_absence() -> None:
    pim = FakePim()
    pim.on("products/cafe", ok({**product("x"), "identifier": "tea"}))
    async with client_of(pim, facts=IDENTIFIER_FACTS) as client:
        with pytest.raises(InvalidAnswer, match="tea came instead of cafe"):
            await client.read_product(ProductKey("cafe"), identifier="cafe")
