"""Finished runs go from Prefect when their time has come, with all that hangs on them."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import ArtifactCreate, LogCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.states import Completed, Failed, Running

from flows.retention.prefect_runs import tidy_runs
from flows.retention.report import Tidied
from flows.retention.store import DELTA
from settings.model import Retention
from tests.integration.deployments.prefect_helpers import make_pool, open_client, poll

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("prefect_server")]

KEEP = Retention(
    bodies=timedelta(hours=48),
    events=timedelta(days=14),
    changes=timedelta(days=30),
    drain_runs=timedelta(hours=24),
    reports=timedelta(days=90),
)


async def make_run(
    client: PrefectClient, pool: str, flow: str, state: State[None], *, deployment: str = "x"
) -> UUID:
    """A run in that state, with a task run, an artifact and a log line."""
    made = await client.create_deployment(
        await client.create_flow_from_name(flow), name=deployment, work_pool_name=pool
    )
    run = await client.create_flow_run_from_deployment(made)
    await client.set_flow_run_state(run.id, state, force=True)
    await client.create_artifact(
        ArtifactCreate(key="tidied", type="markdown", data="what it did", flow_run_id=run.id)
    )
    line = LogCreate(
        name="x", level=20, message="a line", timestamp=datetime.now(UTC), flow_run_id=run.id
    )
    await client.create_logs([line])
    task = {"flow_run_id": str(run.id), "task_key": "t", "dynamic_key": "0"}
    (await client._client.post("/task_runs/", json=task)).raise_for_status()
    return run.id


async def tidy_after(pool: str, days: float) -> Mapping[str, Tidied]:
    """Tidy as that many days from now."""
    now = datetime.now(UTC) + timedelta(days=days)
    return await tidy_runs(KEEP, work_pool=pool, now=now, ends_at=time.monotonic() + 60)


async def exists(client: PrefectClient, run_id: UUID) -> bool:
    try:
        await client.read_flow_run(run_id)
    except ObjectNotFound:
        return False
    return True


async def count_left(client: PrefectClient, run_id: UUID) -> int:
    """Count what hangs on a run: its artifacts, task runs and log lines."""
    filtered = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
    artifacts = await client.read_artifacts(flow_run_filter=filtered)
    tasks = await client.read_task_runs(flow_run_filter=filtered)
    lines = await client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id])))
    return len(artifacts) + len(tasks) + len(lines)


async def test_finished_drains_go_after_a_day_and_the_rest_after_three_months() -> None:
    async with open_client() as client:
        pool, other_pool = await make_pool(client), await make_pool(client)
        drain = await make_run(client, pool, "process-inbox", Completed())
        failed = await make_run(client, pool, "process-inbox", Failed())
        at_work = await make_run(client, pool, "process-inbox", Running())
        reconcile = await make_run(client, pool, "reconcile", Completed())
        delta = await make_run(client, pool, "reconcile", Completed(), deployment=DELTA)
        anothers = await make_run(client, other_pool, "process-inbox", Completed())
        theirs = await make_run(client, pool, "their-own-flow", Completed())
        every = [drain, failed, at_work, reconcile, delta, anothers, theirs]

        assert not any(each.rows for each in (await tidy_after(pool, 0.9)).values())
        assert (await tidy_after(pool, 1.1))["runs of process-inbox deleted"] == Tidied(2)
        left = [run for run in every if await exists(client, run)]
        assert left == [at_work, reconcile, delta, anothers, theirs]

        assert (await tidy_after(pool, 8))["runs of reconcile/delta deleted"] == Tidied(1)
        assert not await exists(client, delta)

        assert (await tidy_after(pool, 91))["runs of reconcile deleted"] == Tidied(1)
        left = [run for run in every if await exists(client, run)]
        assert left == [at_work, anothers, theirs]


async def test_a_deleted_run_takes_its_task_runs_logs_and_artifacts_with_it() -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        run = await make_run(client, pool, "process-inbox", Completed())
        assert await count_left(client, run) == 3
        await tidy_after(pool, 2)

        async def nothing_left() -> bool:
            return await count_left(client, run) == 0

        # The server deletes the log lines a moment later.
        await poll(nothing_left, "everything of the run to be gone")


async def test_what_is_left_when_the_time_is_over_is_the_next_runs() -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        run = await make_run(client, pool, "process-inbox", Completed())
        now = datetime.now(UTC) + timedelta(days=2)
        done = await tidy_runs(KEEP, work_pool=pool, now=now, ends_at=time.monotonic() - 1)
        assert done["runs of process-inbox deleted"] == Tidied(0, unfinished=True)
        assert await exists(client, run)
