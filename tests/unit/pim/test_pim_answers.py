"""What the client makes of answers: statuses, damage, and being asked to wait."""

import httpx
import pytest

from pim.errors import (
    InvalidAnswer,
    SourceBlocked,
    SourceError,
    SourceForbidden,
    SourceRateLimited,
    SourceRedirected,
    SourceRequestRefused,
    SourceServerError,
    SourceTimeout,
    SourceUnexpectedNotFound,
)
from pim.vocabulary import CatalogKind
from tests.unit.pim.fake_pim import FakePim, Naps, client_of, ok, product, uuid


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, SourceRedirected),
        (302, SourceRedirected),
        (304, SourceRedirected),
        (400, SourceBlocked),
        (403, SourceBlocked),
        (407, SourceBlocked),
        (423, SourceBlocked),
        (404, SourceUnexpectedNotFound),
        (405, SourceBlocked),
        (406, SourceBlocked),
        (408, SourceTimeout),
        (409, SourceBlocked),
        (413, SourceBlocked),
        (415, SourceBlocked),
        (418, SourceBlocked),
        (422, SourceBlocked),
        (429, SourceRateLimited),
        (500, SourceServerError),
        (502, SourceServerError),
        (503, SourceServerError),
        (504, SourceTimeout),
        (599, SourceServerError),
    ],
)
async def test_a_status_becomes_an_error_with_call_and_excerpt(
    status: int, kind: type[SourceError]
) -> None:
    pim = FakePim()
    pim.on(f"products-uuid/{uuid(1)}", httpx.Response(status, text="<html>\n  a proxy\x00 says no"))
    async with client_of(pim) as client:
        with pytest.raises(kind) as caught:
            await client.read_product(uuid(1))
    error = caught.value
    assert type(error) is kind
    assert (error.method, error.status) == ("GET", status)
    assert error.path == f"api/rest/v1/products-uuid/{uuid(1)}"
    assert error.excerpt == "<html> a proxy says no"
    assert "\n" not in str(error)
    assert "?" not in str(error)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, SourceRequestRefused), (403, SourceForbidden), (406, SourceRequestRefused),
     (413, SourceRequestRefused), (422, SourceRequestRefused), (423, SourceRequestRefused)],
)  # fmt: skip
async def test_a_refusal_is_the_pims_own_only_in_the_json_of_akeneo(
    status: int, kind: type[SourceError]
) -> None:
    pim = FakePim()
    pim.on("families/a", httpx.Response(status, json={"code": status, "message": "no"}))
    pim.on("families/b", httpx.Response(status, json={"message": "Forbidden"}))
    pim.on("families/c", httpx.Response(status, json={"code": str(status), "message": "no"}))
    pim.on("families/d", httpx.Response(status, json=[status]))
    pim.on("families/e", httpx.Response(status))
    async with client_of(pim) as client:
        with pytest.raises(kind) as caught:
            await client.read_item(CatalogKind.FAMILY, "", "a")
        assert type(caught.value) is kind
        for code in "bcde":
            with pytest.raises(SourceBlocked, match="not by the PIM itself"):
                await client.read_item(CatalogKind.FAMILY, "", code)


@pytest.mark.anyio
async def test_a_404_is_an_absence_only_in_the_json_of_akeneo() -> None:
    pim = FakePim()
    pim.on("attributes/a", httpx.Response(404, json={"code": 404, "message": "no"}))
    pim.on("attributes/b", httpx.Response(404, json={"error": "no such app"}))
    pim.on("attributes/c", httpx.Response(404, json={"code": "404"}))
    pim.on("attributes/d", httpx.Response(404, text=""))
    async with client_of(pim) as client:
        assert (await client.read_item(CatalogKind.ATTRIBUTE, "", "a")).item is None
        for code in "bcd":
            with pytest.raises(SourceUnexpectedNotFound):
                await client.read_item(CatalogKind.ATTRIBUTE, "", code)


@pytest.mark.anyio
async def test_a_redirect_is_not_followed_and_says_where_to() -> None:
    pim = FakePim()
    target = "https://user:secret@other.example.test/login?token=abc"
    pim.on(f"products-uuid/{uuid(1)}", httpx.Response(302, headers={"Location": target}))
    async with client_of(pim) as client:
        with pytest.raises(SourceRedirected, match=r"https://other\.example\.test/login") as caught:
            await client.read_product(uuid(1))
    assert "secret" not in str(caught.value)
    assert "abc" not in str(caught.value)
    assert {request.url.host for request in pim.requests} == {"pim.example.test"}


@pytest.mark.anyio
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"uuid": "cut',
        b"<html></html>",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b"[" * 5000,
    ],
)
async def test_an_answer_that_is_no_json_is_invalid_and_retryable(content: bytes) -> None:
    pim = FakePim()
    pim.on(f"products-uuid/{uuid(1)}", httpx.Response(200, content=content))
    async with client_of(pim) as client:
        with pytest.raises(InvalidAnswer) as caught:
            await client.read_product(uuid(1))
    assert caught.value.retryable
    assert caught.value.status == 200


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("broken", "kind"),
    [
        (httpx.RemoteProtocolError("peer closed connection (received 10 bytes)"), InvalidAnswer),
        (httpx.ReadError("connection reset"), InvalidAnswer),
        (httpx.DecodingError("incorrect header check"), InvalidAnswer),
        (httpx.ReadTimeout("slow"), SourceTimeout),
    ],
)
async def test_an_answer_that_breaks_off_is_told_from_no_answer(
    broken: Exception, kind: type[SourceError]
) -> None:
    class Body(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]  # noqa: ANN204 - a generator that breaks
            yield b'{"uuid": '
            raise broken

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            return ok({"access_token": "t"})
        return httpx.Response(200, stream=Body())

    async with client_of(answer) as client:
        with pytest.raises(kind):
            await client.read_product(uuid(1))


@pytest.mark.anyio
async def test_a_short_retry_after_is_waited_and_the_call_repeated() -> None:
    pim, naps = FakePim(), Naps()
    pim.on(
        f"products-uuid/{uuid(1)}",
        httpx.Response(429, headers={"Retry-After": "2"}),
        httpx.Response(503, headers={"Retry-After": "30"}),
        ok(product(uuid(1))),
    )
    async with client_of(pim, naps=naps) as client:
        read = await client.read_product(uuid(1))
    assert read.product is not None
    assert naps.seconds == [2, 30]


@pytest.mark.anyio
@pytest.mark.parametrize("status", [429, 503])
async def test_a_long_retry_after_is_left_to_the_caller(status: int) -> None:
    pim, naps = FakePim(), Naps()
    answer = httpx.Response(status, headers={"Retry-After": "3600"})
    pim.on(f"products-uuid/{uuid(1)}", answer)
    async with client_of(pim, naps=naps) as client:
        with pytest.raises(SourceRateLimited) as caught:
            await client.read_product(uuid(1))
    assert caught.value.retry_after == 3600
    assert naps.seconds == []


@pytest.mark.anyio
async def test_patience_with_retry_after_ends() -> None:
    pim, naps = FakePim(), Naps()
    answer = httpx.Response(429, headers={"Retry-After": "1"})
    pim.on(f"products-uuid/{uuid(1)}", answer)
    async with client_of(pim, naps=naps) as client:
        with pytest.raises(SourceRateLimited):
            await client.read_product(uuid(1))
    assert naps.seconds == [1, 1, 1]
