"""Reading products by key: one result a key, whatever the source does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from pim.errors import (
    InvalidAnswer,
    SourceForbidden,
    SourceRequestRefused,
    SourceServerError,
    SourceTimeout,
    SourceUnexpectedNotFound,
    SourceUnreachable,
)
from pim.ids import ProductKey
from pim.reads import FailedRead, ProductRead
from tests.unit.pim.fake_pim import (
    IDENTIFIER_FACTS,
    NOW,
    FakePim,
    Naps,
    Numbers,
    akeneo_404,
    client_of,
    ok,
    page,
    product,
    searched_keys,
    uuid,
)

pytestmark = pytest.mark.anyio

HUNDRED = [uuid(number) for number in range(100)]


def _keys_found(results: list[ProductRead | FailedRead]) -> list[ProductKey]:
    return [r.key for r in results if isinstance(r, ProductRead) and r.product is not None]


async def test_a_hundred_products_are_one_search_in_the_order_asked() -> None:
    pim = FakePim()
    pim.serve_products([product(key) for key in reversed(HUNDRED)])
    async with client_of(pim) as client:
        results = await client.read_products(HUNDRED)
    assert _keys_found(results) == HUNDRED
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
        assert await client.read_products([]) == []
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
    pim.on("locales", httpx.Response(403))
    pim.on("currencies", httpx.Response(403))
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


async def test_a_proxys_404_fails_the_key_alone_while_the_source_works() -> None:
    pim = FakePim()
    pim.serve_products([product(uuid(1))])
    pim.on(f"products-uuid/{uuid(2)}", httpx.Response(404, text="<html>nginx</html>"))
    async with client_of(pim) as client:
        good, bad = await client.read_products([uuid(1), uuid(2)])
    assert isinstance(good, ProductRead)
    assert isinstance(bad, FailedRead)
    assert isinstance(bad.error, SourceUnexpectedNotFound)


async def test_a_proxys_404_for_everything_is_the_sources() -> None:
    def proxy(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return ok({"access_token": "t"})
        return httpx.Response(404, text="<html>nginx</html>")

    async with client_of(proxy) as client:
        with pytest.raises(SourceUnexpectedNotFound):
            await client.read_products([uuid(1), uuid(2)])


async def test_a_key_that_the_search_refuses_is_isolated() -> None:
    pim = FakePim()
    bad = ProductKey("not-a-uuid")
    pim.serve_products([product(key) for key in HUNDRED[:99]], refused=bad)
    pim.on(f"products-uuid/{bad}", httpx.Response(422, json={"code": 422, "message": "bad uuid"}))
    keys = [*HUNDRED[:60], bad, *HUNDRED[60:99]]
    async with client_of(pim) as client:
        results = await client.read_products(keys)
    assert [result.key for result in results] == keys
    failed = [result for result in results if isinstance(result, FailedRead)]
    assert [result.key for result in failed] == [bad]
    assert isinstance(failed[0].error, SourceRequestRefused)
    assert "bad uuid" in str(failed[0].error)
    assert len(pim.asked("products-uuid")) <= 15


async def test_a_product_that_fails_every_search_is_read_alone() -> None:
    pim = FakePim()
    pim.serve_products([product(key) for key in HUNDRED])
    search = pim.script["/api/rest/v1/products-uuid"]
    assert callable(search)

    def fails_with_37(request: httpx.Request) -> httpx.Response | Exception:
        if uuid(37) in searched_keys(request):
            return httpx.Response(500, json={"code": 500, "message": "Internal Server Error"})
        return search(request)

    pim.serve("products-uuid", fails_with_37)
    async with client_of(pim) as client:
        results = await client.read_products(HUNDRED)
        assert _keys_found(results) == HUNDRED
        pim.on(f"products-uuid/{uuid(37)}", httpx.Response(500))
        results = await client.read_products(HUNDRED)
    assert _keys_found(results) == [key for key in HUNDRED if key != uuid(37)]


async def test_a_page_that_times_out_is_halved() -> None:
    pim = FakePim()
    pim.serve_products([product(key) for key in HUNDRED])
    search = pim.script["/api/rest/v1/products-uuid"]
    assert callable(search)

    def slow_above_25(request: httpx.Request) -> httpx.Response | Exception:
        is_heavy = len(searched_keys(request)) > 25
        return httpx.ReadTimeout("slow") if is_heavy else search(request)

    pim.serve("products-uuid", slow_above_25)
    async with client_of(pim) as client:
        assert _keys_found(await client.read_products(HUNDRED)) == HUNDRED
    assert len(pim.asked("products-uuid")) == 7


async def test_a_source_that_fails_every_search_is_given_up_after_few_calls() -> None:
    pim = FakePim()
    pim.on("products-uuid", httpx.Response(500))
    async with client_of(pim) as client:
        with pytest.raises(SourceServerError):
            await client.read_products(HUNDRED)
    assert len(pim.asked("products-uuid")) <= 9


async def test_a_source_that_answers_nothing_is_given_up_at_once() -> None:
    pim = FakePim()
    pim.on("products-uuid", httpx.ReadTimeout("slow"))
    pim.on("channels", httpx.ReadTimeout("slow"))
    async with client_of(pim) as client:
        with pytest.raises(SourceTimeout):
            await client.read_products(HUNDRED)
    assert len(pim.asked("products-uuid")) == 1


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.Response(503)])
async def test_a_failing_source_is_not_asked_in_pieces(failure: httpx.Response | Exception) -> None:
    pim = FakePim()
    pim.on("products-uuid", failure)
    async with client_of(pim) as client:
        with pytest.raises((SourceUnreachable, SourceServerError)):
            await client.read_products(HUNDRED)
    assert len(pim.asked("products-uuid")) == 1


async def test_a_search_index_that_is_down_does_not_stop_single_products() -> None:
    pim = FakePim()
    pim.on("products-uuid", httpx.Response(500))
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1))))
    async with client_of(pim) as client:
        assert _keys_found(await client.read_products([uuid(1)])) == [uuid(1)]


async def test_an_unreadable_product_fails_alone() -> None:
    pim = FakePim()
    broken = product(uuid(2), updated=None)
    pim.on("products-uuid", page([product(uuid(1)), broken]))
    pim.on(f"products-uuid/{uuid(2)}", ok(broken))
    async with client_of(pim) as client:
        good, bad = await client.read_products([uuid(1), uuid(2)])
    assert isinstance(good, ProductRead)
    assert isinstance(bad, FailedRead)
    assert isinstance(bad.error, InvalidAnswer)


async def test_another_product_than_asked_for_is_refused() -> None:
    pim = FakePim()
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(2))))
    async with client_of(pim) as client:
        with pytest.raises(InvalidAnswer, match="came instead"):
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
    ("code", "path"),
    [
        ("a/b", "a/b"),
        ("a b", "a%20b"),
        ("100%", "100%25"),
        ("a%2Fb", "a%252Fb"),
        ("ä?#&", "%C3%A4%3F%23%26"),
        ("..", "%2E%2E"),
        ("../x", "%2E%2E/x"),
    ],
)
async def test_codes_are_encoded_in_urls(code: str, path: str) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return ok({"access_token": "t"})
        seen.append(request.url.raw_path.decode().partition("?")[0])
        return ok(product("", identifier=code, uuid=None))

    async with client_of(answer, facts=IDENTIFIER_FACTS) as client:
        await client.read_product(ProductKey(code.casefold()), identifier=code)
    assert seen == [f"/api/rest/v1/products/{path}"]


async def test_a_base_url_may_have_a_path() -> None:
    pim = FakePim()
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1))))
    async with client_of(pim, base_url="https://shop.example.test/pim/") as client:
        await client.read_product(uuid(1))
    assert [request.url.path for request in pim.requests] == [
        "/pim/api/oauth/v1/token",
        f"/pim/api/rest/v1/products-uuid/{uuid(1)}",
    ]


async def test_numbers_are_drawn_after_the_gate_and_anew_for_every_attempt() -> None:
    pim, numbers, naps = FakePim(), Numbers(), Naps()
    story: list[str] = []

    class Gate:
        @asynccontextmanager
        async def call(self) -> AsyncIterator[None]:
            story.append(f"in at {numbers.drawn}")
            yield
            story.append(f"out at {numbers.drawn}")

    pim.on(
        f"products-uuid/{uuid(1)}",
        httpx.Response(401),
        httpx.Response(429, headers={"Retry-After": "1"}),
        ok(product(uuid(1))),
    )
    async with client_of(pim, numbers=numbers, naps=naps, gate=Gate()) as client:
        read = await client.read_product(uuid(1))
    assert (read.interval.read_from, read.interval.read_to) == (3, 4)
    # login, refused call, renewed login, call asked to wait, call: each in the gate on its own.
    assert story[:3] == ["in at 0", "out at 0", "in at 0"]
    assert [step for step in story if step.startswith("in")] == [
        "in at 0",
        "in at 0",
        "in at 1",
        "in at 1",
        "in at 2",
    ]


async def test_a_read_is_timed_on_the_sources_clock() -> None:
    pim = FakePim()
    pim.on(
        f"products-uuid/{uuid(1)}",
        ok(product(uuid(1)), headers={"Date": "Mon, 23 Nov 2026 09:00:00 GMT"}),
        ok(product(uuid(1)), headers={"Date": "yesterday"}),
        ok(product(uuid(1))),
    )
    async with client_of(pim) as client:
        theirs, odd, without = [await client.read_product(uuid(1)) for _ in range(3)]
    nine = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert nine - timedelta(seconds=5) < theirs.interval.read_at <= nine
    assert odd.interval.read_at == NOW
    assert without.interval.read_at == NOW


async def test_at_most_three_calls_run_at_a_time_by_default() -> None:
    running = peak = 0
    release = asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        nonlocal running, peak
        if request.method == "POST":
            return ok({"access_token": "t"})
        running += 1
        peak = max(peak, running)
        if running == 3:
            release.set()
        await release.wait()
        running -= 1
        return ok(product(request.url.path.rpartition("/")[2]))

    async with client_of(httpx.MockTransport(answer)) as client:
        await asyncio.gather(*(client.read_product(uuid(number)) for number in range(9)))
    assert peak == 3


async def test_an_answer_that_never_ends_times_out() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            await asyncio.Event().wait()
        return ok({"access_token": "t"})

    async with client_of(httpx.MockTransport(answer), timeout_seconds=0.02) as client:
        with pytest.raises(SourceTimeout, match=r"no whole answer in 0\.02 s"):
            await client.read_product(uuid(1))
