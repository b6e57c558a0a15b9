import asyncio
import os
from pathlib import Path

import pytest
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.states import Cancelling, Scheduled, Suspended

from tests.integration.deployments.prefect_helpers import (
    make_pool,
    make_run,
    make_worker,
    open_client,
    serving,
    wait_for,
    wait_for_state,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("prefect_server")]


async def test_run_is_executed_inside_the_workers_own_process(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        async with serving(make_worker(pool)):
            run = await make_run(client, pool, "quick", tmp_path)
            await wait_for_state(client, run.id, "Completed")
        assert (tmp_path / "quick.txt").read_text() == f"hello {os.getpid()}"


async def test_log_lines_of_a_run_reach_prefect(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        async with serving(make_worker(pool)):
            run = await make_run(client, pool, "quick", tmp_path)
            await wait_for_state(client, run.id, "Completed")
            lines: list[str] = []
            for _ in range(200):  # sent in batches, every 2 s
                wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id]))
                lines = [line.message for line in await client.read_logs(wanted)]
                if "first line: hello" in lines:
                    break
                await asyncio.sleep(0.2)
        assert "first line: hello" in lines


async def test_cancel_stops_the_run_and_lets_it_clean_up(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        async with serving(make_worker(pool)):
            run = await make_run(client, pool, "lasting", tmp_path)
            await wait_for((tmp_path / "began.txt").exists, "the run to begin")
            await client.set_flow_run_state(run.id, Cancelling())
            seen = await wait_for_state(client, run.id, "Cancelled")
        states = [state.name for state in await client.read_flow_run_states(run.id)]
    assert (tmp_path / "cleaned.txt").exists()
    assert not (tmp_path / "ended.txt").exists()
    assert "Crashed" not in states
    assert seen.state is not None
    assert "due again" in (seen.state.message or "")


async def test_suspended_run_ends_at_its_next_task_and_goes_on_when_resumed(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        worker = make_worker(pool)
        async with serving(worker):
            run = await make_run(client, pool, "stepping", tmp_path)
            await wait_for((tmp_path / "began.txt").exists, "the run to begin")
            await client.set_flow_run_state(run.id, Suspended(timeout_seconds=60))
            await wait_for(lambda: worker.limiter.borrowed_tokens == 0, "the run to end")
            assert (await client.read_flow_run(run.id)).state_name == "Suspended"
            await client.resume_flow_run(run.id)
            await wait_for_state(client, run.id, "Running")
        assert (await client.read_flow_run(run.id)).state_name == "Cancelled"


async def test_failed_run_is_retried_from_the_ui_as_the_same_run(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        async with serving(make_worker(pool)):
            run = await make_run(client, pool, "failing_once", tmp_path)
            await wait_for_state(client, run.id, "Failed")
            # What the UI's Retry button sends.
            await client.set_flow_run_state(run.id, Scheduled(name="AwaitingRetry"))
            seen = await wait_for_state(client, run.id, "Completed")
    assert (tmp_path / "succeeded.txt").exists()
    assert seen.run_count == 2


async def test_blocking_flow_holds_up_no_other_run(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        async with serving(make_worker(pool)):
            blocked = await make_run(client, pool, "blocking", tmp_path)
            await wait_for((tmp_path / "began.txt").exists, "the blocking run to begin")
            run = await make_run(client, pool, "quick", tmp_path)
            await wait_for_state(client, run.id, "Completed")
            (tmp_path / "release.txt").touch()
            await wait_for_state(client, blocked.id, "Completed")


async def test_no_more_runs_at_a_time_than_the_limit(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        async with serving(make_worker(pool, limit=1)):
            first = await make_run(client, pool, "lasting", tmp_path)
            await wait_for((tmp_path / "began.txt").exists, "the first run to begin")
            second = await make_run(client, pool, "quick", tmp_path)
            await asyncio.sleep(2)  # four polls
            assert (await client.read_flow_run(second.id)).state_name in {"Scheduled", "Late"}
            await client.set_flow_run_state(first.id, Cancelling())
            await wait_for_state(client, second.id, "Completed")


async def test_paused_pool_runs_nothing_until_it_is_resumed(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        await client.update_work_pool(pool, WorkPoolUpdate(is_paused=True))
        async with serving(make_worker(pool)):
            run = await make_run(client, pool, "quick", tmp_path)
            await asyncio.sleep(2)  # four polls
            assert (await client.read_flow_run(run.id)).state_name in {"Scheduled", "Late"}
            await client.update_work_pool(pool, WorkPoolUpdate(is_paused=False))
            await wait_for_state(client, run.id, "Completed")


async def test_stopped_worker_leaves_no_run_running(tmp_path: Path) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        async with serving(make_worker(pool)):
            run = await make_run(client, pool, "lasting", tmp_path)
            await wait_for((tmp_path / "began.txt").exists, "the run to begin")
        seen = await client.read_flow_run(run.id)
    assert seen.state_name == "Cancelled"
    assert (tmp_path / "cleaned.txt").exists()


async def test_entrypoint_outside_the_workers_packages_is_refused() -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        flow_id = await client.create_flow_from_name("foreign")
        foreign = await client.create_deployment(
            flow_id, name=pool, entrypoint="os.path.join", work_pool_name=pool
        )
        async with serving(make_worker(pool)):
            run = await client.create_flow_run_from_deployment(foreign)
            seen = await wait_for_state(client, run.id, "Crashed")
    assert seen.state is not None
    assert "os.path.join is not in" in (seen.state.message or "")
