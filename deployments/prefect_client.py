"""Prefect's client, patient with a server on SQLite, and two things done with it.

Such a server answers 503 at once whenever two of its own writes collide, to as many as a third of
the calls while a worker polls. Prefect's client then waits 2, 4, 8 … seconds, which is most of
the time from a trigger to its run. The collision is over after milliseconds, and the refused call
has changed nothing.

What is repeated beside a server outlives its absence; a full reconcile is asked for beside its
schedule.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import anyio
import httpx
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import AsyncClientContext
from prefect.exceptions import ObjectNotFound

from deployments.catalogue import RECONCILE_FULL

_BUSY = 503
_WAITS = (0.05, 0.1, 0.2, 0.3, 0.5)  # seconds; after them Prefect's own back-off takes over

log = logging.getLogger(__name__)

# Prefect's client would wait up to a minute for a server that is gone.
CALL_SECONDS = 15.0
API_ERRORS = (httpx.HTTPError, TimeoutError, OSError)

_SOON = timedelta(minutes=1)


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


async def repeat(
    seconds: float, work: Callable[[], Awaitable[object]], stop: asyncio.Event
) -> None:
    """Do `work` until `stop`; the server's absence ends a try, and never the loop.

    Nor does a pool or a run that somebody has deleted meanwhile.
    """
    while not stop.is_set():
        try:
            with anyio.fail_after(CALL_SECONDS):
                await work()
        except (*API_ERRORS, ObjectNotFound) as error:
            log.debug("%s: %r", work, error)
        with anyio.move_on_after(seconds):
            await stop.wait()


async def request_reconcile(client: PrefectClient, *, tag: str) -> bool:
    """Ask for a full reconcile unless one is at work or about to be; say whether it was asked.

    `tag` says why, in Prefect's UI.
    """
    deployment = await client.read_deployment_by_name(RECONCILE_FULL.full_name)
    runs = await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
    )
    now = datetime.now(UTC)
    if any(_is_coming(run, now) for run in runs):
        return False
    await client.create_flow_run_from_deployment(deployment.id, tags=[tag])
    return True


def _is_coming(run: FlowRun, now: datetime) -> bool:
    if run.state_type is StateType.SCHEDULED:
        return run.expected_start_time is not None and run.expected_start_time < now + _SOON
    return run.state_type in (StateType.RUNNING, StateType.PENDING)
