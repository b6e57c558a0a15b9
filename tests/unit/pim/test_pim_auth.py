import asyncio
import json

import httpx
import pytest
from pydantic import SecretStr

from pim.errors import InvalidAnswer, SourceRefusesAll, SourceServerError, SourceUnauthorized
from pim.http.connection import AppToken
from tests.unit.pim.fake_pim import Clock, FakePim, Naps, client_of, login, ok, product, uuid

pytestmark = pytest.mark.anyio

TOKEN = "/api/oauth/v1/token"


def _pim() -> FakePim:
    pim = FakePim()
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1))))
    return pim


def _grants(pim: FakePim) -> list[str]:
    return [
        str(json.loads(request.content)["grant_type"])
        for request in pim.requests
        if request.url.path.endswith(TOKEN)
    ]


def _bearers(pim: FakePim) -> list[str]:
    return [request.headers["Authorization"] for request in pim.asked(f"products-uuid/{uuid(1)}")]


def _refusing(*refused: str) -> FakePim:
    """A PIM that no longer takes some access tokens."""
    pim = _pim()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers["Authorization"].removeprefix("Bearer ") in refused:
            return httpx.Response(401, json={"code": 401, "message": "The token is invalid."})
        return ok(product(uuid(1)))

    pim.serve(f"products-uuid/{uuid(1)}", answer)
    return pim


async def test_the_first_call_logs_in_with_password_and_basic_credentials() -> None:
    pim = _pim()
    async with client_of(pim) as client:
        await client.read_product(uuid(1))
    sent = pim.requests[0]
    assert (
        sent.headers["Authorization"] == httpx.BasicAuth("client", "client-secret-1")._auth_header
    )
    assert sent.headers["Content-Type"] == "application/json"
    assert json.loads(sent.content) == {
        "grant_type": "password",
        "username": "julia",
        "password": "password-1",
    }
    assert _bearers(pim) == ["Bearer access-1"]


async def test_a_token_is_renewed_ahead_of_its_end_with_the_refresh_token() -> None:
    pim, clock = _pim(), Clock()
    async with client_of(pim, clock=clock) as client:
        await client.read_product(uuid(1))
        clock.advance(3500)
        await client.read_product(uuid(1))
        clock.advance(60)
        await client.read_product(uuid(1))
    assert _grants(pim) == ["password", "refresh_token"]
    assert _bearers(pim) == ["Bearer access-1", "Bearer access-1", "Bearer access-2"]


async def test_the_refresh_token_is_rotated() -> None:
    pim, clock = _pim(), Clock()
    async with client_of(pim, clock=clock) as client:
        for _ in range(3):
            await client.read_product(uuid(1))
            clock.advance(3600)
    sent = [json.loads(r.content).get("refresh_token") for r in pim.requests if r.method == "POST"]
    assert sent == [None, "refresh-1", "refresh-2"]


async def test_a_dead_refresh_token_falls_back_to_the_password() -> None:
    pim, clock = _pim(), Clock()
    refused = httpx.Response(422, json={"code": 422, "message": "Refresh token is invalid"})
    pim.script[TOKEN] = [login(1), refused, login(2)]
    async with client_of(pim, clock=clock) as client:
        await client.read_product(uuid(1))
        clock.advance(3600)
        await client.read_product(uuid(1))
    assert _grants(pim) == ["password", "refresh_token", "password"]
    assert _bearers(pim)[-1] == "Bearer access-2"


async def test_a_401_renews_the_token_and_repeats_the_call_once() -> None:
    pim = _refusing("access-1")
    async with client_of(pim) as client:
        read = await client.read_product(uuid(1))
    assert read.product is not None
    assert _bearers(pim) == ["Bearer access-1", "Bearer access-2"]


async def test_a_second_401_is_final() -> None:
    pim = _refusing("access-1", "access-2", "access-3")
    async with client_of(pim) as client:
        with pytest.raises(SourceUnauthorized, match=r"status 401: .*The token is invalid"):
            await client.read_product(uuid(1))
    assert len(_bearers(pim)) == 2


async def test_many_tasks_with_one_refused_token_make_one_renewal() -> None:
    pim = _refusing("access-1")
    async with client_of(pim) as client:
        await asyncio.gather(*(client.read_product(uuid(1)) for _ in range(20)))
    assert _grants(pim) == ["password", "refresh_token"]


async def test_many_tasks_at_the_start_make_one_login() -> None:
    pim = _pim()
    async with client_of(pim) as client:
        await asyncio.gather(*(client.read_product(uuid(1)) for _ in range(20)))
    assert _grants(pim) == ["password"]


async def test_wrong_credentials_are_named_so_and_are_not_retried() -> None:
    pim = _pim()
    message = 'Parameter "client_id" is missing or does not match any client, or secret is invalid'
    pim.script[TOKEN] = [httpx.Response(422, json={"code": 422, "message": message})]
    async with client_of(pim) as client:
        with pytest.raises(SourceUnauthorized, match=r"credentials refused: .*client_id") as caught:
            await client.read_product(uuid(1))
    assert not caught.value.retryable
    assert caught.value.source_wide
    assert len(pim.requests) == 1


async def test_a_login_that_fails_for_the_source_stays_retryable() -> None:
    pim = _pim()
    pim.script[TOKEN] = [httpx.Response(502, text="<html>Bad Gateway</html>")]
    async with client_of(pim) as client:
        with pytest.raises(SourceServerError, match="POST api/oauth/v1/token, status 502"):
            await client.read_product(uuid(1))


async def test_a_login_that_is_asked_to_wait_waits() -> None:
    pim, naps = _pim(), Naps()
    pim.script[TOKEN] = [httpx.Response(429, headers={"Retry-After": "3"}), login(1)]
    async with client_of(pim, naps=naps) as client:
        assert (await client.read_product(uuid(1))).product is not None
    assert naps.seconds == [3]


async def test_an_app_token_is_used_as_it_is_and_its_401_is_final() -> None:
    pim = _pim()
    pim.on(f"products-uuid/{uuid(1)}", httpx.Response(401, json={"code": 401}))
    async with client_of(pim, credentials=AppToken(SecretStr("app-token"))) as client:
        with pytest.raises(SourceUnauthorized, match="App's access token"):
            await client.read_product(uuid(1))
    assert _bearers(pim) == ["Bearer app-token"]
    assert _grants(pim) == []


@pytest.mark.parametrize("answer", [{}, {"access_token": 5}, {"access_token": ""}, []])
async def test_a_login_without_token_is_an_invalid_answer(answer: dict[str, object]) -> None:
    pim = _pim()
    pim.script[TOKEN] = [httpx.Response(200, json=answer)]
    async with client_of(pim) as client:
        with pytest.raises(InvalidAnswer, match="holds no token"):
            await client.read_product(uuid(1))


@pytest.mark.parametrize("lifetime", ["3600", None, True, 1e300])
async def test_an_odd_lifetime_counts_as_an_hour(lifetime: object) -> None:
    pim, clock = _pim(), Clock()
    raw = json.dumps({"access_token": "access-1", "expires_in": lifetime})
    pim.script[TOKEN] = [httpx.Response(200, text=raw)]
    async with client_of(pim, clock=clock) as client:
        await client.read_product(uuid(1))
        clock.advance(3000)
        await client.read_product(uuid(1))
        assert _grants(pim) == ["password"]
        clock.advance(600)
        await client.read_product(uuid(1))
    assert _grants(pim) == ["password", "password"]


@pytest.mark.parametrize("status", [200, 400, 500])
async def test_no_secret_is_ever_shown(status: int) -> None:
    pim = _pim()
    echo = "you sent password-1 and client-secret-1 <access_token=abc"
    pim.script[TOKEN] = [httpx.Response(status, text=echo)]
    async with client_of(pim) as client:
        with pytest.raises((SourceServerError, SourceRefusesAll, InvalidAnswer)) as caught:
            await client.read_product(uuid(1))
    shown = f"{caught.value} {caught.value!r} {caught.value.excerpt}"
    assert "password-1" not in shown
    assert "client-secret-1" not in shown


async def test_a_token_that_cannot_be_a_header_is_not_shown_either() -> None:
    class Quoting(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            raise httpx.LocalProtocolError(f"Illegal header value {request.headers.raw!r}")

    async with client_of(Quoting(), credentials=AppToken(SecretStr("app-\ntoken"))) as client:
        with pytest.raises(SourceUnauthorized, match="odd credentials") as caught:
            await client.read_product(uuid(1))
    assert "token" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
