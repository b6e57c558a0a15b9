"""Authorised GET calls inside the call budget, with short waits and one renewed token."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import TypeAlias, TypeVar

from pim.errors import SourceNotFound, SourceRateLimited, SourceUnauthorized
from pim.http.auth import TokenSource
from pim.http.connection import CallGate, DrawNumber
from pim.http.transport import ApiRequest, HttpTransport
from pim.ids import OrderNumber
from pim.json_types import JsonValue
from pim.reads import ReadInterval
from pim.search import Query

MAX_WAIT_SECONDS = 30.0
"""A longer Retry-After ends the run instead: a lease must not be kept for nothing."""

MAX_WAITS = 3
CALLS_AT_A_TIME = 3
"""Of the four that Akeneo allows one connection; one stays free for people and other tools."""

_T = TypeVar("_T")
Sleep: TypeAlias = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; `source_time` is when it was asked for, on the source's clock."""

    body: JsonValue
    source_time: datetime


@dataclass(frozen=True, slots=True)
class NumberedAnswer:
    """An answer and its place in the order of reads.

    `not_found` is Akeneo's own 404: an absence is a state that was read, and has its place too.
    """

    body: JsonValue
    interval: ReadInterval
    not_found: SourceNotFound | None


class SemaphoreGate:
    """The call budget of one process on its own."""

    def __init__(self, calls_at_a_time: int = CALLS_AT_A_TIME) -> None:
        self._permits = asyncio.Semaphore(calls_at_a_time)

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """Wait for a share of the budget, and give it back at the end."""
        async with self._permits:
            yield


class Caller:
    """Makes the calls of one session.

    Waits a Retry-After of up to 30 s (three times, outside the gate), renews the token once after a
    401, and leaves every other retry to its caller.
    """

    def __init__(
        self,
        transport: HttpTransport,
        tokens: TokenSource,
        *,
        gate: CallGate,
        draw_number: DrawNumber,
        sleep: Sleep,
    ) -> None:
        self._transport = transport
        self._tokens = tokens
        self._gate = gate
        self._draw_number = draw_number
        self._sleep = sleep

    @property
    def base_url(self) -> str:
        """The PIM's base URL without a slash at its end."""
        return self._transport.base_url

    async def get(self, path: str, query: Query) -> Answer:
        """Ask for something whose place in the order of reads does not matter."""
        return await self._patiently(path, query, self._plain)

    async def read(self, path: str, query: Query) -> NumberedAnswer:
        """Ask for products: numbers are drawn around the attempt that was answered."""
        return await self._patiently(path, query, self._numbered)

    async def read_list(self, path: str, query: Query) -> NumberedAnswer:
        """Ask for a page: as `read`, but a list that is not there is an error."""
        answer = await self.read(path, query)
        if answer.not_found is not None:
            raise answer.not_found
        return answer

    async def _patiently(
        self, path: str, query: Query, attempt: Callable[[ApiRequest], Awaitable[_T]]
    ) -> _T:
        waits = 0
        is_renewed = False
        while True:
            token = ""
            try:
                token = await self._tokens.bearer()
                return await attempt(
                    ApiRequest("GET", path, query, None, f"Bearer {token}", (token,))
                )
            except SourceUnauthorized as error:
                is_token_refused = token and error.status == HTTPStatus.UNAUTHORIZED
                if is_renewed or not is_token_refused:
                    raise
                is_renewed = True
                await self._tokens.renewed(token)
            except SourceRateLimited as error:
                wait = error.retry_after
                if wait is None or wait > MAX_WAIT_SECONDS or waits == MAX_WAITS:
                    raise
                waits += 1
                await self._sleep(wait)

    async def _plain(self, request: ApiRequest) -> Answer:
        async with self._gate.call():
            raw = await self._transport.exchange(request)
        return Answer(raw.body, raw.sent_at)

    async def _numbered(self, request: ApiRequest) -> NumberedAnswer:
        async with self._gate.call():
            read_from: OrderNumber = await self._draw_number()  # after the wait for the gate
            raw = await self._transport.exchange(request, may_be_absent=True)
        interval = ReadInterval(read_from, await self._draw_number(), raw.sent_at)
        return NumberedAnswer(raw.body, interval, raw.not_found)
