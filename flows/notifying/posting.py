"""Requests to shops: one POST, and what its answer means."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import TracebackType
from typing import Protocol, Self

import httpx

from flows.notifying.message import Message, signed_headers
from pim.http import BROKEN, cut_excerpt, open_client, parse_retry_after
from storage.webhooks import Webhook

TIMEOUT = timedelta(seconds=15)
"""For all of a request, from the connection to the end of what is read of the answer."""

_ASKING_TO_WAIT = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_SUCCESSES = range(200, 300)
_WORTH_READING = 2048


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or None where nothing did; `words` say why it is no confirmation.

    `retry_after`: when the shop wants to be asked again, where it says so by 429 or 503.
    """

    status: int | None
    words: str = ""
    retry_after: timedelta | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether the shop has taken it: any 2xx."""
        return self.status in _SUCCESSES

    @property
    def is_gone(self) -> bool:
        """Whether the shop wants nothing any more: 410."""
        return self.status == HTTPStatus.GONE


class Post(Protocol):
    """Signs a message as of an instant and sends it."""

    async def __call__(self, webhook: Webhook, message: Message, *, at: datetime) -> Answer:
        """Answer what became of it; a failure is an answer, too."""
        ...


class HttpPost:
    """Sends by HTTP, to no other address than the webhook's own: redirects are not followed.

    Connections are kept while it is entered. `timeout`: of a whole request.
    """

    def __init__(self, *, timeout: timedelta = TIMEOUT) -> None:
        self._seconds = timeout.total_seconds()
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open.__aexit__(kind, error, trace)

    async def __call__(self, webhook: Webhook, message: Message, *, at: datetime) -> Answer:
        """Send it and read the beginning of the answer, within the time there is."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._send(webhook, message, at)
        except TimeoutError:
            return Answer(None, f"no answer within {self._seconds:g} s")
        except (*BROKEN, OSError, ValueError) as error:
            return Answer(None, f"no answer: {_say(error)}")

    async def _send(self, webhook: Webhook, message: Message, at: datetime) -> Answer:
        headers = signed_headers(
            webhook.secrets_at(at), message_id=message.id, at=at, body=message.body
        )
        client = await self._client(webhook.url)
        asked = client.stream("POST", webhook.url, content=message.body, headers=headers)
        async with asked as response:
            status = response.status_code
            if response.is_success:
                return Answer(status)
            return Answer(status, await _describe(response), _read_wait(response))

    async def _client(self, url: str) -> httpx.AsyncClient:
        if url not in self._clients:
            client = open_client(url, timeout=self._seconds, transport=None)
            self._clients[url] = await self._open.enter_async_context(client)
        return self._clients[url]


def _read_wait(response: httpx.Response) -> timedelta | None:
    if response.status_code not in _ASKING_TO_WAIT:
        return None
    seconds = parse_retry_after(response.headers.get("Retry-After"), now=datetime.now(UTC))
    return None if seconds is None else timedelta(seconds=seconds)


async def _describe(response: httpx.Response) -> str:
    """Say what it answered, with the beginning of what it wrote, as far as that is plain text."""
    said = f"it answered {response.status_code}"
    if response.is_redirect:
        return f"{said}, a redirect, and none is followed: give the address itself"
    read = b""
    if not response.headers.get("Content-Encoding"):
        async for piece in response.aiter_raw():
            read += piece
            if len(read) >= _WORTH_READING:
                break
    excerpt = cut_excerpt(read)
    return f"{said}: {excerpt}" if excerpt else said


def _say(error: Exception) -> str:
    # httpx quotes a bad header whole: of those only the kind is told.
    is_plain = isinstance(error, httpx.TransportError | OSError)
    told = cut_excerpt(str(error).encode()) if is_plain else ""
    return told or type(error).__name__
