"""Every way a call can fail becomes one of our errors, with what an operator needs."""

import inspect
from datetime import UTC, datetime

import httpx
import pytest

from pim import errors
from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceHungUp,
    SourceRateLimited,
    SourceRedirected,
    SourceTimeout,
    SourceUnauthorized,
    SourceUnreachable,
)
from pim.http.failures import cut_excerpt, failure_of_exception, parse_retry_after
from tests.unit.pim.fake_pim import FakePim, client_of, uuid

REQUEST = httpx.Request("GET", "https://pim.example.test/")
EXPECTED: dict[type[Exception], type[SourceError]] = {
    httpx.ConnectTimeout: SourceUnreachable,
    httpx.PoolTimeout: SourceUnreachable,
    httpx.ReadTimeout: SourceTimeout,
    httpx.WriteTimeout: SourceTimeout,
    httpx.TimeoutException: SourceTimeout,
    httpx.ConnectError: SourceUnreachable,
    httpx.ReadError: SourceHungUp,
    httpx.WriteError: SourceUnreachable,
    httpx.CloseError: SourceUnreachable,
    httpx.NetworkError: SourceUnreachable,
    httpx.ProxyError: SourceUnreachable,
    httpx.RemoteProtocolError: SourceHungUp,
    httpx.LocalProtocolError: SourceUnauthorized,
    httpx.ProtocolError: SourceUnreachable,
    httpx.UnsupportedProtocol: SourceUnreachable,
    httpx.InvalidURL: SourceUnreachable,
    httpx.TransportError: SourceUnreachable,
    httpx.DecodingError: InvalidAnswer,
    httpx.TooManyRedirects: SourceRedirected,
    httpx.CookieConflict: InvalidAnswer,
    httpx.StreamError: InvalidAnswer,
    httpx.StreamConsumed: InvalidAnswer,
    httpx.StreamClosed: InvalidAnswer,
    httpx.ResponseNotRead: InvalidAnswer,
    httpx.RequestNotRead: InvalidAnswer,
    httpx.RequestError: SourceUnreachable,
    httpx.HTTPStatusError: SourceUnreachable,
    httpx.HTTPError: SourceUnreachable,
}


def _httpx_exceptions() -> set[type[Exception]]:
    return {
        kind
        for _, kind in inspect.getmembers(httpx, inspect.isclass)
        if issubclass(kind, Exception)
    }


def _raised(kind: type[Exception]) -> Exception:
    if kind is httpx.HTTPStatusError:
        return httpx.HTTPStatusError("boom", request=REQUEST, response=httpx.Response(500))
    takes_message = len(inspect.signature(kind).parameters) > 0
    return kind("boom") if takes_message else kind()


def test_the_table_knows_every_exception_of_httpx() -> None:
    assert _httpx_exceptions() == set(EXPECTED)


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.__name__)
def test_an_exception_of_httpx_becomes_ours(kind: type[Exception]) -> None:
    error = failure_of_exception(_raised(kind), method="GET", path="api/rest/v1/channels")
    assert type(error) is EXPECTED[kind]
    assert (error.method, error.path) == ("GET", "api/rest/v1/channels")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "kind",
    [kind for kind in EXPECTED if kind is not httpx.HTTPStatusError],
    ids=lambda kind: kind.__name__,
)
async def test_the_client_raises_nothing_of_httpx(kind: type[Exception]) -> None:
    pim = FakePim()
    pim.on(f"products-uuid/{uuid(1)}", _raised(kind))
    async with client_of(pim) as client:
        with pytest.raises(EXPECTED[kind]):
            await client.read_product(uuid(1))


def test_every_error_says_whether_a_retry_helps_and_whose_fault_it_is() -> None:
    told = {
        kind.__name__: (kind.retryable, kind.source_wide)
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, SourceError) and kind is not SourceError
    }
    assert told == {
        "SourceUnreachable": (True, True),
        "SourceHungUp": (True, True),
        "SourceTimeout": (True, True),
        "AnswerTooLarge": (True, True),
        "SourceServerError": (True, True),
        "SourceRateLimited": (True, True),
        "InvalidAnswer": (True, True),
        "ListingStuck": (True, True),
        "SourceUnexpectedNotFound": (True, True),
        "SourceUnauthorized": (False, True),
        "SourceForbidden": (False, True),
        "SourceRedirected": (False, True),
        "ForeignLink": (False, True),
        "SourceRefusesAll": (True, True),
        "RouteFails": (True, False),
        "SourceNotFound": (False, False),
        "SourceRequestRefused": (False, False),
        "SourceBlocked": (True, False),
    }
    assert set(told) == {name for name in told if name in (errors.__doc__ or "")}


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("", None), ("7", 7), (" 7 ", 7), ("-1", None), ("soon", None), ("²", None),
     ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("Tue, 24 Nov 2026 12:02:00 GMT", 120),
     ("9" * 400, 86_400), ("Thu, 24 Nov 2044 12:00:00 GMT", 86_400)],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert parse_retry_after(header, now=noon) == seconds


@pytest.mark.anyio
async def test_a_date_to_wait_for_is_meant_by_the_clock_of_who_wrote_it() -> None:
    headers = {
        "Date": "Wed, 21 Oct 2015 07:28:00 GMT",
        "Retry-After": "Wed, 21 Oct 2015 08:28:00 GMT",
    }
    pim = FakePim()
    pim.on(f"products-uuid/{uuid(1)}", httpx.Response(429, headers=headers))
    async with client_of(pim) as client:
        with pytest.raises(SourceRateLimited) as caught:
            await client.read_product(uuid(1))
    assert caught.value.retry_after == 3600


def test_an_excerpt_is_short_and_in_one_line() -> None:
    excerpt = cut_excerpt("Fehler:\r\n\tüber\x1b[31m".encode() + b"\xff" + b"x" * 10_000)
    assert excerpt.startswith("Fehler: über [31m\N{REPLACEMENT CHARACTER}xxx")
    assert len(excerpt) == 200
