"""A flow run whose Prefect server is away when it ends."""

from pathlib import Path

import httpx
import pytest
from prefect.context import AsyncClientContext
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from deployments.warm_engine import run_warm
from tests.integration.deployments import sample_flows
from tests.integration.deployments.prefect_helpers import make_pool, make_run, open_client

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("prefect_server")]


class AwayAtTheEnd(httpx.AsyncBaseTransport):
    """A connection on which the first report of a completion cannot be sent."""

    def __init__(self) -> None:
        self.refused = 0
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_end = request.url.path.endswith("/set_state") and b"COMPLETED" in request.content
        if is_end and not self.refused:
            self.refused += 1
            raise httpx.ConnectError("nobody listens there", request=request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class ThroughIt(AsyncClientContext):
    """A client context that the engine shares, as it does that of a warm run."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        super().__init__(httpx_settings={"transport": transport})
        self._httpx_settings = None


async def test_run_that_cannot_report_its_end_reports_it_later_and_has_not_failed(
    tmp_path: Path,
) -> None:
    away = AwayAtTheEnd()
    async with open_client() as client:
        run = await make_run(client, await make_pool(client), "quick", tmp_path)
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
            async with ThroughIt(away):
                await run_warm(sample_flows.quick, run, stop_reason=lambda: None)
        states = [state.name for state in await client.read_flow_run_states(run.id)]
    assert away.refused == 1
    assert states[-1] == "Completed"
    assert "Failed" not in states
