"""The deployments of the catalogue on Prefect's own `process` pool: a sweep, then a drain."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import FlowRun

from deployments.catalogue import (
    DEPLOYMENTS,
    PROCESS_INBOX,
    RECONCILE_FULL,
    DeploymentSpec,
)
from deployments.deploy.publishing import publish
from deployments.worker.serving import serve_other
from settings import Settings
from tests.integration.deployments.prefect_helpers import open_client, wait_for_state
from tests.prefect_fixtures import PrefectServer
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def process_worker(client: PrefectClient, settings: Settings) -> AsyncIterator[None]:
    """Prefect's worker of the settings' pool, in this process; each run is in one of its own."""
    pool = await client.read_work_pool(settings.work_pool_name)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve_other(settings, pool, f"worker of {pool.name}", stop))
    try:
        yield
    finally:
        stop.set()
        await serving


async def run(client: PrefectClient, spec: DeploymentSpec, shop: Shop) -> FlowRun:
    deployment = await client.read_deployment_by_name(spec.full_name)
    env = {**shop.environment(), "SYNC_LINGER_SECONDS": "0", "PYTHONPATH": str(Path.cwd())}
    made = await client.create_flow_run_from_deployment(deployment.id, job_variables={"env": env})
    return await wait_for_state(client, made.id, "Completed", "Failed", "Crashed", seconds=240)


async def test_a_sweep_and_a_drain_run_in_processes_of_their_own(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    settings = dataclasses.replace(
        prefect_server.settings,
        work_pool_name=f"process-{uuid4().hex[:8]}",
        work_pool_type="process",
    )
    await publish(settings, DEPLOYMENTS)
    with open_shop(tmp_path, products=20) as shop:
        async with open_client() as client, process_worker(client, settings):
            swept = await run(client, RECONCILE_FULL, shop)
            assert (swept.state_name, shop.sources()) == ("Completed", shop.truth())
            shop.control("edits", {"operations": 30, "seed": 3})
            assert shop.events("due")
            drained = await run(client, PROCESS_INBOX, shop)
        assert drained.state_name == "Completed"
        assert shop.events("due") == []
        assert {event.run_id for event in shop.events()} == {str(drained.id)}
        assert shop.sources() == shop.truth()
    pids = {str(each.infrastructure_pid) for each in (swept, drained)}
    assert all(pid.isdecimal() for pid in pids)
    assert len(pids) == 2
