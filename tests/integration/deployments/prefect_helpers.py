"""What the deployment tests do with a Prefect server: pools, deployments, runs, waiting."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import FlowRun
from prefect.settings import get_current_settings

from deployments.prefect_client import QuickClientContext
from deployments.worker.lost_runs import Judge
from deployments.worker.process_identity import own_incarnation
from deployments.worker.warm_worker import WORKER_TYPE, WarmWorker

SAMPLES = "tests.integration.deployments.sample_flows"
WAIT_SECONDS = 40.0


@contextlib.asynccontextmanager
async def open_client() -> AsyncIterator[PrefectClient]:
    """A client that is not thrown back for seconds by a collision in the server's database."""
    async with QuickClientContext(str(get_current_settings().api.url)) as context:
        yield context.client


async def make_pool(client: PrefectClient, kind: str = WORKER_TYPE) -> str:
    name = f"pool-{uuid4().hex[:8]}"
    template = WarmWorker.get_default_base_job_template() if kind == WORKER_TYPE else {}
    await client.create_work_pool(WorkPoolCreate(name=name, type=kind, base_job_template=template))
    return name


async def make_deployment(client: PrefectClient, pool: str, flow: str) -> UUID:
    flow_id = await client.create_flow_from_name(flow)
    return await client.create_deployment(
        flow_id,
        name=pool,
        entrypoint=f"{SAMPLES}.{flow}",
        work_pool_name=pool,
        enforce_parameter_schema=False,
    )


async def make_run(client: PrefectClient, pool: str, flow: str, folder: Path) -> FlowRun:
    deployment = await make_deployment(client, pool, flow)
    return await client.create_flow_run_from_deployment(
        deployment, parameters={"folder": str(folder)}
    )


async def wait_for(condition: Callable[[], bool], what: str) -> None:
    for _ in range(int(WAIT_SECONDS / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


async def poll(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(int(WAIT_SECONDS / 0.2)):
        if await condition():
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"waited in vain for {what}")


async def wait_for_state(
    client: PrefectClient, run_id: UUID, *names: str, seconds: float = WAIT_SECONDS
) -> FlowRun:
    run = await client.read_flow_run(run_id)
    for _ in range(int(seconds / 0.2)):
        if run.state_name in names:
            return run
        await asyncio.sleep(0.2)
        run = await client.read_flow_run(run_id)
    raise AssertionError(f"run is {run.state_name}, not {names}: {run.state}")


def make_worker(pool: str, *, name: str = "test-worker", limit: int = 4) -> WarmWorker:
    return WarmWorker(
        pool,
        name=name,
        packages=(SAMPLES,),
        resumed=(f"{SAMPLES}.blocking",),
        limit=limit,
        judge=Judge(own_incarnation(name)),
    )


@contextlib.asynccontextmanager
async def serving(worker: WarmWorker) -> AsyncIterator[None]:
    """Run the worker in this loop; leaving the block stops it as a signal would."""
    stop = asyncio.Event()
    served = asyncio.create_task(worker.serve(stop))
    try:
        yield
    finally:
        stop.set()
        await served
