import asyncio
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.events.filters import EventAnyResourceFilter, EventFilter, EventNameFilter

from tests.integration.deployments.prefect_helpers import (
    make_pool,
    make_run,
    make_worker,
    open_client,
    serving,
    wait_for,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("prefect_server")]


async def test_run_in_the_workers_process_says_that_it_lives(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        async with serving(make_worker(pool)):
            run = await make_run(client, pool, "lasting", tmp_path)
            await wait_for((tmp_path / "began.txt").exists, "the run to begin")
            for _ in range(300):  # events are recorded in batches, some seconds late
                if await _count_heartbeats(client, run.id):
                    return
                await asyncio.sleep(0.2)
    raise AssertionError("no heartbeat reached the server")


async def _count_heartbeats(client: PrefectClient, run_id: UUID) -> int:
    wanted = EventFilter(
        event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
        any_resource=EventAnyResourceFilter(id=[f"prefect.flow-run.{run_id}"]),
    )
    answer = await client.request(
        "POST", "/events/filter", json={"filter": wanted.model_dump(mode="json")}
    )
    return len(answer.json()["events"])
