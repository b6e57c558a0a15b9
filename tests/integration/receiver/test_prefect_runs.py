from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID, uuid4

import anyio
import pytest
from fastapi import FastAPI, Response
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Cancelled, Completed, Crashed, Failed, Late, Pending, Running

from receiver.trigger.alarms import WORK_POOL_PAUSED, WORK_QUEUE_PAUSED
from receiver.trigger.policy import Phase, Run
from receiver.trigger.ports import DeploymentMissing, RunServerError
from receiver.trigger.prefect_runs import DEPLOYMENT_NAME, SWEEPS, TAGS, PrefectRuns
from tests.prefect_fixtures import PrefectServer
from tests.served_app import served

pytestmark = pytest.mark.anyio

FLOW, POOL = "receiver-test", "receiver-test"


@pytest.fixture
async def runs(prefect_server: PrefectServer) -> AsyncIterator[PrefectRuns]:  # noqa: ARG001 - runs
    """Runs of a deployment of our own: other tests share the server."""
    async with get_client() as client:
        flow_id = await client.create_flow_from_name(FLOW)
        pool = WorkPoolCreate(name=POOL, type="process")
        await client.create_work_pool(pool, overwrite=True)
        await client.create_deployment(flow_id, name="on-event", work_pool_name=POOL)
    prefect = PrefectRuns(f"{FLOW}/on-event")
    async with prefect.session():
        yield prefect


@asynccontextmanager
async def patient_client() -> AsyncIterator[PrefectClient]:
    """A client that waits for a busy server; a trigger's session has Prefect's retries off."""
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 20}):
        async with get_client() as client:
            yield client


async def create(runs: PrefectRuns, *, key: str | None = None, name: str = "any") -> Run:
    """Create a run as the trigger does: a server on SQLite is busy for moments."""
    key = key or str(uuid4())
    for _ in range(50):
        try:
            return await runs.create_run(key=key, name=name)
        except DeploymentMissing:
            raise
        except RunServerError:
            await anyio.sleep(0.1)
    raise AssertionError("the server is busy for ever")


async def move(run_id: str, state: State[object]) -> None:
    async with patient_client() as client:
        await client.set_flow_run_state(run_id, state, force=True)


async def test_a_run_is_created_with_name_and_tags(runs: PrefectRuns) -> None:
    run = await create(runs, name="process-inbox 14:02:11")
    assert (run.name, run.phase) == ("process-inbox 14:02:11", Phase.SCHEDULED)
    async with patient_client() as client:
        assert set(TAGS) <= set((await client.read_flow_run(UUID(run.run_id))).tags)


async def test_one_key_makes_one_run_even_after_its_end(runs: PrefectRuns) -> None:
    key = str(uuid4())
    first = await create(runs, key=key, name="first")
    assert await create(runs, key=key, name="second") == first
    await move(first.run_id, Completed())
    again = await create(runs, key=key, name="third")
    assert (again.run_id, again.phase) == (first.run_id, Phase.ENDED)


@pytest.mark.parametrize(
    ("state", "phase"),
    [
        (Late(scheduled_time=datetime.now(UTC)), Phase.SCHEDULED),
        (Pending(), Phase.ACTIVE),
        (Running(), Phase.ACTIVE),
        (Completed(), Phase.ENDED),
        (Cancelled(), Phase.ENDED),
        (Failed(), Phase.FAILED),
        (Crashed(), Phase.FAILED),
    ],
    ids=lambda value: getattr(value, "name", value),
)
async def test_a_run_is_read_in_its_phase(
    runs: PrefectRuns, state: State[object], phase: Phase
) -> None:
    run = await create(runs)
    await move(run.run_id, state)
    read = await runs.read_run(run.run_id)
    assert read is not None
    assert read.phase is phase


async def test_a_run_that_is_gone_is_not_found(runs: PrefectRuns) -> None:
    assert await runs.read_run(str(uuid4())) is None


async def test_what_keeps_runs_from_workers_is_seen(runs: PrefectRuns) -> None:
    lane = await runs.look()
    assert (lane.pool, lane.stops, lane.workers) == (POOL, {}, 0)
    async with patient_client() as client:
        await client.update_work_pool(POOL, WorkPoolUpdate(is_paused=True))
        queue = await client.read_work_queue_by_name("default", POOL)
        await client.update_work_queue(queue.id, is_paused=True)
        await client.send_worker_heartbeat(POOL, "a worker")
    lane = await runs.look()
    assert set(lane.stops) == {WORK_POOL_PAUSED, WORK_QUEUE_PAUSED}
    assert f"the work queue default of {POOL} is paused" in lane.stops[WORK_QUEUE_PAUSED]
    assert lane.workers == 1
    async with patient_client() as client:
        await client.update_work_pool(POOL, WorkPoolUpdate(is_paused=False, concurrency_limit=0))
        await client.update_work_queue(queue.id, is_paused=False, concurrency_limit=0)
    lane = await runs.look()
    assert all("concurrency limit of 0" in text for text in lane.stops.values())
    assert set(lane.stops) == {WORK_POOL_PAUSED, WORK_QUEUE_PAUSED}


async def test_sweeps_that_prefect_would_not_start_are_named(runs: PrefectRuns) -> None:
    async with patient_client() as client:
        for name in SWEEPS.values():  # what another test deployed on this server
            with suppress(ObjectNotFound):
                await client.delete_deployment((await client.read_deployment_by_name(name)).id)
    assert set(await runs.find_idle()) == set(SWEEPS)  # nothing of ours is deployed there
    async with patient_client() as client:
        flow_id = await client.create_flow_from_name("reconcile")
        made = [
            await client.create_deployment(flow_id, name=mode, work_pool_name=POOL)
            for mode in SWEEPS
        ]
        try:
            idle = await runs.find_idle()
        finally:
            for each in made:
                await client.delete_deployment(each)
    assert idle["delta"] == "the deployment reconcile/delta has no active schedule in Prefect"


async def test_a_deployment_made_anew_is_found(runs: PrefectRuns) -> None:
    await create(runs, name="before")
    async with patient_client() as client:
        old = await client.read_deployment_by_name(f"{FLOW}/on-event")
        await client.delete_deployment(old.id)
    with pytest.raises(DeploymentMissing, match="akeneo-sync deploy"):
        await create(runs, name="none")
    async with patient_client() as client:
        await client.create_deployment(old.flow_id, name="on-event", work_pool_name=POOL)
    assert (await create(runs, name="after")).phase is Phase.SCHEDULED


async def test_a_deleted_work_pool_is_said_and_its_runs_are_not_waited_for(
    runs: PrefectRuns,
) -> None:
    stranded = await create(runs, name="stranded")
    async with patient_client() as client:
        await client.delete_work_pool(POOL)
    with pytest.raises(DeploymentMissing, match="akeneo-sync deploy"):
        await runs.look()
    assert await runs.read_run(stranded.run_id) is None


@pytest.mark.usefixtures("prefect_server")
async def test_an_unknown_deployment_is_said_with_its_cure() -> None:
    prefect = PrefectRuns("receiver-test/unknown")
    async with prefect.session():
        with pytest.raises(DeploymentMissing, match="akeneo-sync deploy"):
            await prefect.look()


async def test_a_server_that_is_not_there_is_said() -> None:
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        prefect = PrefectRuns()
        async with prefect.session():
            with pytest.raises(RunServerError, match="ConnectError"):
                await prefect.look()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_a_busy_server_is_said_at_once_and_not_asked_twice(status: int) -> None:
    app, asked = FastAPI(), []

    @app.get("/api/deployments/name/{flow}/{name}")
    async def busy(flow: str, name: str) -> Response:
        asked.append(f"{flow}/{name}")
        return Response(status_code=status, headers={"Retry-After": "60"})

    with served(app) as url, temporary_settings({PREFECT_API_URL: f"{url}/api"}):
        prefect = PrefectRuns()
        async with prefect.session():
            with pytest.raises(RunServerError, match=f"it answered {status}"):
                await prefect.look()
    assert asked == [DEPLOYMENT_NAME]
