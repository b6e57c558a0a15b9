"""One bad product, or a bad source: who is to blame for a failed read."""

import httpx
import pytest

from pim.blame import NOBODY, SKIPS
from pim.errors import (
    InvalidAnswer,
    RouteFails,
    SourceError,
    SourceRefusesAll,
    SourceRequestRefused,
    SourceServerError,
    SourceTimeout,
    SourceUnexpectedNotFound,
    SourceUnreachable,
)
from pim.ids import ProductKey
from pim.reading.product_search import READ_BY_URL, SEARCH_BY_KEY
from pim.reads import FailedRead, ProductRead
from tests.unit.pim.fake_pim import (
    HUNDRED,
    FakePim,
    client_of,
    keys_found,
    ok,
    page,
    product,
    searched_keys,
    uuid,
)

pytestmark = pytest.mark.anyio


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
    assert len(pim.asked("products-uuid")) <= 16


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
        assert keys_found(results) == HUNDRED
        pim.on(f"products-uuid/{uuid(37)}", httpx.Response(500))
        results = await client.read_products(HUNDRED)
    assert keys_found(results) == [key for key in HUNDRED if key != uuid(37)]


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
        assert keys_found(await client.read_products(HUNDRED)) == HUNDRED
    assert len(pim.asked("products-uuid")) == 8  # one of them for what nobody has


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(500),
        httpx.Response(502, text="<html>Bad Gateway</html>"),
        httpx.Response(403, text="<html>ModSecurity</html>"),
        httpx.Response(403, json={"code": 403, "message": "Access forbidden."}),
        httpx.Response(422, json={"code": 422, "message": "no such filter"}),
        httpx.Response(200, text="<html>blocked</html>"),
        httpx.ReadTimeout("slow"),
    ],
    ids=lambda reply: str(getattr(reply, "status_code", "timeout")),
)
async def test_where_searches_as_such_fail_each_product_is_read_by_its_own_url(
    refusal: httpx.Response | Exception,
) -> None:
    pim = FakePim()
    pim.serve_products([product(key) for key in HUNDRED])
    pim.on("products-uuid", refusal)
    async with client_of(pim) as client:
        assert keys_found(await client.read_products(HUNDRED)) == HUNDRED
        assert list(client.refused.refused) == [SEARCH_BY_KEY]
        assert len(pim.asked("products-uuid")) == 2  # and one for what nobody has
        assert keys_found(await client.read_products(HUNDRED[:5])) == HUNDRED[:5]
        assert len(pim.asked("products-uuid")) == 2


async def test_a_refused_kind_of_search_is_tried_again_now_and_then() -> None:
    pim = FakePim()
    pim.serve_products([product(uuid(1))])
    search = pim.script["/api/rest/v1/products-uuid"]
    pim.on("products-uuid", httpx.Response(403, text="<html>firewall</html>"))
    async with client_of(pim) as client:
        await client.read_products([uuid(1)])
        pim.script["/api/rest/v1/products-uuid"] = search
        for _ in range(SKIPS):
            await client.read_products([uuid(1)])
        assert not client.refused.refused
        assert SEARCH_BY_KEY in client.refused.answered


@pytest.mark.parametrize(
    "refusal",
    [
        httpx.Response(422, json={"code": 422, "message": "SQLSTATE[HY000]"}),
        httpx.Response(423, json={"code": 423, "message": "Locked"}),
        httpx.Response(406, text="<html>Not Acceptable</html>"),
        httpx.Response(407, text="Proxy Authentication Required"),
    ],
    ids=lambda reply: str(reply.status_code),
)
@pytest.mark.parametrize("lists_products", [True, False])
async def test_where_everything_is_refused_it_is_the_sources_and_no_products(
    refusal: httpx.Response, *, lists_products: bool
) -> None:
    pim = FakePim()

    def refuse(request: httpx.Request) -> httpx.Response:
        if lists_products and "search" not in request.url.params:
            return page([product(uuid(1)), product(uuid(2))])
        return httpx.Response(refusal.status_code, content=refusal.content)

    pim.serve("products-uuid", refuse)
    for key in (NOBODY, uuid(1), uuid(2)):
        pim.on(f"products-uuid/{key}", refusal)
    async with client_of(pim) as client:
        with pytest.raises(SourceRefusesAll, match=f"status {refusal.status_code}") as caught:
            await client.read_products([uuid(1), uuid(2)])
        assert caught.value.retryable
        assert caught.value.source_wide
        with pytest.raises(SourceRefusesAll):
            await client.probe()


@pytest.mark.parametrize(
    "reply",
    [httpx.Response(403, text="<html>firewall</html>"), httpx.Response(502), httpx.Response(404)],
    ids=lambda reply: str(reply.status_code),
)
async def test_where_no_product_is_read_by_its_url_what_searches_show_is_good(
    reply: httpx.Response,
) -> None:
    pim = FakePim()
    pim.serve_products([product(key) for key in HUNDRED[:90]])
    search = pim.script["/api/rest/v1/products-uuid"]
    assert callable(search)
    first = page([product(key) for key in HUNDRED[:5]])
    pim.serve("products-uuid", lambda it: search(it) if "search" in it.url.params else first)
    for key in (NOBODY, *HUNDRED):
        pim.on(f"products-uuid/{key}", reply)
    async with client_of(pim) as client:
        results = await client.read_products(HUNDRED)
        assert keys_found(results) == HUNDRED[:90]
        assert all(isinstance(it.error, RouteFails) for it in results if isinstance(it, FailedRead))
        assert len([each for each in pim.requests if "/products-uuid/" in each.url.path]) < 50
        assert READ_BY_URL in client.refused.refused
        with pytest.raises(SourceError):  # nothing but its own URL could tell of it
            await client.read_alone([HUNDRED[95]])


async def test_a_refusal_of_what_nobody_has_is_no_sign_while_a_product_can_be_read() -> None:
    # Some gateways refuse what looks invented; whether any product can be read is what counts.
    pim = FakePim()
    refused = httpx.Response(422, json={"code": 422, "message": "no"})
    pim.serve("products-uuid", lambda _: page([product(uuid(1))]))
    pim.on(f"products-uuid/{NOBODY}", refused)
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1))))
    pim.on(f"products-uuid/{uuid(2)}", refused)
    async with client_of(pim) as client:
        good, bad = await client.read_products([uuid(1), uuid(2)])
        await client.probe()
    assert isinstance(good, ProductRead)
    assert isinstance(bad, FailedRead)


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
    pim.on("channels", failure)
    async with client_of(pim) as client:
        with pytest.raises((SourceUnreachable, SourceServerError)):
            await client.read_products(HUNDRED)
    assert len(pim.asked("products-uuid")) == 1


async def test_a_search_index_that_is_down_does_not_stop_single_products() -> None:
    pim = FakePim()
    pim.on("products-uuid", httpx.Response(500))
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1))))
    async with client_of(pim) as client:
        assert keys_found(await client.read_products([uuid(1)])) == [uuid(1)]


async def test_an_unreadable_product_fails_alone() -> None:
    pim = FakePim()
    broken = product(uuid(2), values="none")
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
