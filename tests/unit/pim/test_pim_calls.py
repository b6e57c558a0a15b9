"""How a call is made: URLs, the gate, numbers, clocks and time limits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from pim.errors import (
    SourceTimeout,
)
from pim.ids import ProductKey
from tests.unit.pim.fake_pim import (
    IDENTIFIER_FACTS,
    NOW,
    FakePim,
    Naps,
    Numbers,
    client_of,
    ok,
    page,
    product,
    uuid,
)

pytestmark = pytest.mark.anyio


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


async def test_the_sources_clock_is_asked_for_without_a_product_a_date_or_a_search() -> None:
    pim = FakePim()
    reply = page([{"code": "ecommerce"}])
    reply.headers["Date"] = "Fri, 13 Dec 2047 09:00:00 GMT"  # wherever its clock stands
    pim.on("channels", reply)
    async with client_of(pim) as client:
        theirs = await client.read_clock()
    (asked,) = [each.url for each in pim.requests if each.method == "GET"]
    assert abs(theirs - datetime(2047, 12, 13, 9, tzinfo=UTC)) < timedelta(seconds=5)
    assert (asked.path, dict(asked.params)) == ("/api/rest/v1/channels", {"limit": "1"})


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
