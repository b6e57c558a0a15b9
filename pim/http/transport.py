"""One HTTP exchange with the PIM: sent, answered whole, and judged. No retry, no redirect.

An answer is read up to a size, for a few kilobytes can unpack to gigabytes. What counts is what
comes out of the unpacking, piece by piece, and only one packing is taken: packings inside each
other multiply before a byte is counted.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import quote, urlsplit

import httpx

from pim.canonical import load_json
from pim.errors import AnswerTooLarge, InvalidAnswer, SourceError, SourceNotFound, SourceTimeout
from pim.http.call_kinds import CallObserver, end_of_call, kind_of_call, observe_nothing
from pim.http.clock_spread import ClockSpread, Sighting
from pim.http.connection import AppToken, Clock, PimConnection
from pim.http.failures import (
    cut_excerpt,
    failure_of_body,
    failure_of_exception,
    failure_of_status,
    parse_http_date,
)
from pim.json_types import JsonObject, JsonValue
from pim.search import Query

API_ROOT = "api/rest/v1"


@cache
def trusted_certificates() -> ssl.SSLContext:
    """Certificates that HTTPS trusts (`SSL_CERT_FILE`, else certifi's), read once a process.

    Reading them takes longer than many a drain, and a client is made for each run.
    """
    return httpx.create_ssl_context()


def open_client(
    base_url: str, *, timeout: float, transport: httpx.AsyncBaseTransport | None
) -> httpx.AsyncClient:
    """A pool of connections as all our calls make them; `timeout` in seconds."""
    return httpx.AsyncClient(
        timeout=timeout,
        headers=_HEADERS,
        transport=transport,
        verify=trusted_certificates(),
        trust_env=not _is_loopback(base_url),  # a company's proxy does not reach this machine
    )


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS = {"Accept": "application/json", "User-Agent": "akeneo-sync/0.1"}
BROKEN = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError)
"""What httpx raises of a call: not all of it has one ancestor."""

_PACKINGS = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})  # what httpx asks for
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """What to ask; `path` is percent-encoded and relative to the base URL."""

    method: str
    path: str
    query: Query = field(default_factory=dict)
    payload: JsonObject | None = field(default=None, repr=False)
    authorization: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer; `sent_at` is when the request was sent, on the source's clock.

    `not_found` is Akeneo's own 404, for those who asked to get it as an answer.
    """

    body: JsonValue
    sent_at: datetime
    not_found: SourceNotFound | None = None


def api_path(*segments: str) -> str:
    """The path of a resource, its codes percent-encoded.

    Slashes of an identifier stay slashes: web servers refuse `%2F`, and the PIM's routes take
    them. A part that is only dots would be resolved away, so its dots are encoded.
    """
    parts = [part for segment in segments for part in segment.split("/")]
    return "/".join([API_ROOT, *(_encoded(part) for part in parts)])


def _encoded(part: str) -> str:
    if part in {".", ".."}:
        return part.replace(".", "%2E")
    return quote(part.encode("utf-8", "replace"), safe="")


class HttpTransport:
    """An open connection pool to one PIM."""

    def __init__(
        self,
        connection: PimConnection,
        *,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None,
        observe: CallObserver = observe_nothing,
    ) -> None:
        self._base = connection.base_url.rstrip("/")
        self._timeout = connection.timeout_seconds
        self.clock_spread = ClockSpread()
        self._max_bytes = connection.max_answer_bytes
        self._clock = clock
        self._observe = observe
        credentials = connection.credentials
        self._secrets = (
            (credentials.access_token,)
            if isinstance(credentials, AppToken)
            else (credentials.client_secret, credentials.password)
        )
        self._client = open_client(self._base, timeout=self._timeout, transport=transport)

    @property
    def base_url(self) -> str:
        """The PIM's base URL without a slash at its end."""
        return self._base

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose()

    async def exchange(self, request: ApiRequest, *, may_be_absent: bool = False) -> RawAnswer:
        """Send once and read the whole answer within the connection's timeout.

        `may_be_absent`: Akeneo's own 404 is an answer like any other, with its time.

        Raises:
            SourceError: no success, or no JSON.
        """
        timer = asyncio.get_running_loop().time  # a clock that is set cannot falsify a duration
        started = timer()
        try:
            answer = await self._exchange(request, may_be_absent=may_be_absent)
        except SourceError as error:
            self._observe(kind_of_call(request.path), end_of_call(error), timer() - started)
            raise
        end = "200" if answer.not_found is None else end_of_call(answer.not_found)
        self._observe(kind_of_call(request.path), end, timer() - started)
        return answer

    async def _exchange(self, request: ApiRequest, *, may_be_absent: bool) -> RawAnswer:
        sent_at = self._clock()
        timer = asyncio.get_running_loop().time
        started = timer()
        try:
            async with asyncio.timeout(self._timeout):  # a trickle never trips httpx's own timeout
                answer = await self._send(request)
        except TimeoutError as error:
            raise SourceTimeout(
                f"no whole answer in {self._timeout:g} s", method=request.method, path=request.path
            ) from error
        secrets = self._secrets_of(request)
        failure = failure_of_status(
            answer, method=request.method, path=request.path, secrets=secrets
        )
        asked_at = _sent_at(answer, sent_at, elapsed_seconds=timer() - started)
        if may_be_absent and isinstance(failure, SourceNotFound):
            return RawAnswer(None, asked_at, failure)
        if failure is not None:
            raise failure
        return RawAnswer(self._body(answer, request, secrets), asked_at)

    def _secrets_of(self, request: ApiRequest) -> tuple[str, ...]:
        """What an answer to this request may quote, and nobody may read."""
        said = request.authorization.partition(" ")[2]
        return (*(each.get_secret_value() for each in self._secrets), said, *request.secrets)

    async def _send(self, request: ApiRequest) -> httpx.Response:
        where = {"method": request.method, "path": request.path}
        try:
            answer = await self._client.send(self._prepared(request), stream=True)
        except httpx.LocalProtocolError as error:  # its text quotes headers: not even as a cause
            raise failure_of_exception(error, **where) from None
        except BROKEN as error:
            raise failure_of_exception(error, **where) from error
        self._note_clock(answer)
        try:
            return await read_bounded(
                answer, method=request.method, path=request.path, limit=self._max_bytes
            )
        except BROKEN as error:
            raise failure_of_body(error, **where) from error
        finally:
            await answer.aclose()

    def _note_clock(self, answer: httpx.Response) -> None:
        source = parse_http_date(answer.headers.get("Date")) if answer.is_success else None
        if source is not None:
            monotonic_seconds = asyncio.get_running_loop().time()
            self.clock_spread.note(Sighting(source, self._clock(), monotonic_seconds))

    def _prepared(self, request: ApiRequest) -> httpx.Request:
        headers = {"Authorization": request.authorization.encode()} if request.authorization else {}
        return self._client.build_request(
            request.method,
            f"{self._base}/{request.path}",
            params=dict(request.query) or None,
            json=request.payload,
            headers={name.encode(): value for name, value in headers.items()},
        )

    def _body(
        self, answer: httpx.Response, request: ApiRequest, secrets: tuple[str, ...]
    ) -> JsonValue:
        try:
            return load_json(answer.content)
        except ValueError as error:
            # A login's answer holds the tokens: never shown.
            shown = "" if request.payload is not None else cut_excerpt(answer.content, secrets)
            raise InvalidAnswer(
                "the answer is no JSON, or cut",
                method=request.method,
                path=request.path,
                status=answer.status_code,
                excerpt=shown,
            ) from error


def _is_loopback(base_url: str) -> bool:
    """Whether the URL names this machine."""
    try:
        return urlsplit(base_url).hostname in _LOOPBACK
    except ValueError:
        return False


def _sent_at(answer: httpx.Response, ours: datetime, *, elapsed_seconds: float) -> datetime:
    """The Date header minus the elapsed time: whole seconds and slow bodies err to the early side.

    Without a readable Date our own clock at sending must do.
    """
    theirs = parse_http_date(answer.headers.get("Date"))
    if theirs is None:
        return ours
    return theirs - timedelta(seconds=elapsed_seconds)


async def read_bounded(
    answer: httpx.Response, *, method: str, path: str, limit: int
) -> httpx.Response:
    """Read and unpack the body; the answer returned holds it, and may be read again.

    Raises:
        AnswerTooLarge: it is longer than `limit` bytes.
        InvalidAnswer: it is packed in a way that we did not ask for.
        httpx.HTTPError: it did not come whole, or its packing is damaged.
    """
    packing = answer.headers.get("Content-Encoding", "").strip().lower()
    if packing not in _PACKINGS:
        raise InvalidAnswer("the answer is packed in an unknown way", method=method, path=path)
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > limit:
            raise AnswerTooLarge(
                f"the answer is larger than {limit:,} bytes", method=method, path=path
            )
    headers = [
        (name, value)
        for name, value in answer.headers.raw
        if name.lower().decode() not in _OF_THE_WIRE
    ]
    return httpx.Response(answer.status_code, headers=headers, content=bytes(body))
