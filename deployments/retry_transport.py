"""Prefect's client, made patient with a Prefect server on SQLite.

Such a server answers 503 at once whenever two of its own writes collide, to as many as a third of
the calls while a worker polls. Prefect's client then waits 2, 4, 8 … seconds, which is most of
the time from a trigger to its run. The collision is over after milliseconds, and the refused call
has changed nothing.
"""

import asyncio
import random
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx
from prefect.context import AsyncClientContext

_BUSY = 503
_WAITS = (0.05, 0.1, 0.2, 0.3, 0.5)  # seconds; after them Prefect's own back-off takes over


class QuickRetryTransport(httpx.AsyncBaseTransport):
    """Sends a refused (503) request again after a moment, a few times."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`, up to six times while the server is busy."""
        for wait in _WAITS:
            response = await self._inner.handle_async_request(request)
            if response.status_code != _BUSY or "Retry-After" in response.headers:
                return response
            await response.aclose()
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - spreads callers
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def _proxy_to(url: str) -> str | None:
    """Return the operator's proxy: with a transport of our own, httpx looks for none."""
    if proxy_bypass(urlsplit(url).hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get("http") or proxies.get("all")


class QuickClientContext(AsyncClientContext):
    """A client context whose client, and everything inside it that asks for one, retries quickly.

    TLS servers keep Prefect's own transport: they are not the SQLite server beside us, and the
    user's certificates are configured there.
    """

    def __init__(self, api_url: str) -> None:
        settings = None
        if api_url.startswith("http://"):
            inner = httpx.AsyncHTTPTransport(retries=3, proxy=_proxy_to(api_url))
            settings = {"transport": QuickRetryTransport(inner)}
        super().__init__(httpx_settings=settings)
        # `get_client()` shares this client only with callers that ask for the same settings.
        self._httpx_settings = None
