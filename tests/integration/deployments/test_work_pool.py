"""The worker and its work pool: how it says that it lives, and what a deleted pool does to it."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import Worker

from deployments.worker.warm_worker import WORKER_TYPE, WarmWorker
from tests.integration.deployments.prefect_helpers import (
    make_deployment,
    make_pool,
    make_run,
    make_worker,
    open_client,
    serving,
    wait_for_state,
)
from tests.integration.deployments.test_worker_death import worker_process
from tests.prefect_fixtures import PrefectServer

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("prefect_server")]


@contextlib.asynccontextmanager
async def eavesdropper(server: PrefectServer, heard: bytearray) -> AsyncIterator[PrefectServer]:
    """Answer the server as seen through somebody who adds to `heard` what it is told."""
    real = urlsplit(server.api_url)
    ends: list[asyncio.StreamWriter] = []

    async def copy(
        source: asyncio.StreamReader, sink: asyncio.StreamWriter, note: Callable[[bytes], object]
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while part := await source.read(65536):
                note(part)
                sink.write(part)
                await sink.drain()
        sink.close()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, up = await asyncio.open_connection(real.hostname, real.port)
        ends.extend((writer, up))
        await asyncio.gather(copy(reader, up, heard.extend), copy(upstream, writer, len))

    listener = await asyncio.start_server(meet, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}{real.path}"
    try:
        yield dataclasses.replace(server, env={**server.env, "PREFECT_API_URL": url})
    finally:
        listener.close()
        for end in ends:
            end.close()
            with contextlib.suppress(ConnectionError):
                await end.wait_closed()


async def workers_of(client: PrefectClient, pool: str) -> list[Worker]:
    found = await client.read_workers_for_work_pool(pool)
    for _ in range(400):
        if found:
            return found
        await asyncio.sleep(0.1)
        found = await client.read_workers_for_work_pool(pool)
    raise AssertionError(f"no worker has reported to {pool}")


async def test_worker_says_over_http_that_it_lives(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    heard = bytearray()
    async with open_client() as client, eavesdropper(prefect_server, heard) as overheard:
        pool = await make_pool(client)
        with worker_process(overheard, pool, "heard"):
            run = await make_run(client, pool, "quick", tmp_path)
            await wait_for_state(client, run.id, "Completed")
            seen = await workers_of(client, pool)
    assert [(each.name, each.status) for each in seen] == [("heard", "ONLINE")]
    about_pools = [line for line in bytes(heard).splitlines() if b"/work_pools/" in line]
    assert any(b"/workers/heartbeat" in line for line in about_pools)
    assert [line for line in about_pools if b"/workers/connect" in line] == []


async def test_worker_goes_on_when_its_deleted_pool_is_made_anew(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        worker = make_worker(pool)
        async with serving(worker):
            await workers_of(client, pool)
            await client.delete_work_pool(pool)
            await worker.sync_with_backend()
            template = WarmWorker.get_default_base_job_template()
            again = WorkPoolCreate(name=pool, type=WORKER_TYPE, base_job_template=template)
            await client.create_work_pool(again)
            run = await make_run(client, pool, "quick", tmp_path)
            await wait_for_state(client, run.id, "Completed")


async def test_runs_of_deleted_deployments_take_up_no_place(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        worker = make_worker(pool, limit=1)
        deployment = await make_deployment(client, pool, "quick")
        stray = await client.create_flow_run_from_deployment(
            deployment, parameters={"folder": str(tmp_path)}
        )
        await client.delete_deployment(deployment)
        async with serving(worker):
            run = await make_run(client, pool, "quick", tmp_path)
            await wait_for_state(client, run.id, "Completed")
            assert worker.limiter.borrowed_tokens == 0, stray
