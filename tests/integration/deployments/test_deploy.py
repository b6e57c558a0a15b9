import asyncio
import dataclasses
import os
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId, FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.catalogue import DEPLOYMENTS, OUR_TAG, RECONCILE_FULL, Cron, DeploymentSpec
from deployments.deploy.automation import AUTOMATION_NAME
from deployments.deploy.publishing import publish
from deployments.messages import DeployError, DeployReport
from deployments.worker.lost_runs import INTERRUPTED
from deployments.worker.serving import serve_other
from settings import Settings
from tests.integration.deployments.prefect_helpers import (
    SAMPLES,
    open_client,
    wait_for,
    wait_for_state,
)
from tests.prefect_fixtures import PrefectServer, free_port

pytestmark = pytest.mark.anyio

QUICK = DeploymentSpec(
    flow_name="quick",
    name="sample",
    entrypoint=f"{SAMPLES}.quick",
    description="A sample.",
    tags=(OUR_TAG,),
    schedule=Cron("0 3 * * *"),
)

LASTING = dataclasses.replace(
    QUICK, flow_name="lasting", entrypoint=f"{SAMPLES}.lasting", schedule=None
)


@pytest.fixture
def own_pool(prefect_server: PrefectServer) -> Settings:
    return dataclasses.replace(prefect_server.settings, work_pool_name=f"deploy-{uuid4().hex[:8]}")


async def deploy_samples(settings: Settings, *specs: DeploymentSpec) -> DeployReport:
    return await publish(settings, specs, packages=(SAMPLES,))


async def test_deploying_twice_changes_nothing_the_second_time(own_pool: Settings) -> None:
    first = await deploy_samples(own_pool, QUICK)
    second = await deploy_samples(own_pool, QUICK)
    assert first.created == ("quick/sample",)
    assert second.unchanged == ("quick/sample",)
    assert (second.created, second.updated, second.removed) == ((), (), ())
    assert first.automation_changed
    assert not second.automation_changed


async def test_changed_deployment_is_updated_and_a_dropped_one_removed(own_pool: Settings) -> None:
    other = dataclasses.replace(QUICK, name="other")
    await deploy_samples(own_pool, QUICK, other)
    changed = dataclasses.replace(QUICK, description="Another text.", schedule=Cron("0 4 * * *"))
    report = await deploy_samples(own_pool, changed)
    assert report.updated == ("quick/sample",)
    assert report.removed == ("other",)
    async with open_client() as client:
        seen = await client.read_deployment_by_name("quick/sample")
    assert seen.description == "Another text."
    assert [each.schedule.cron for each in seen.schedules] == ["0 4 * * *"]  # type: ignore[union-attr]


async def test_schedule_that_a_person_paused_stays_paused(own_pool: Settings) -> None:
    await deploy_samples(own_pool, QUICK)
    async with open_client() as client:
        seen = await client.read_deployment_by_name("quick/sample")
        await client.update_deployment_schedule(seen.id, seen.schedules[0].id, active=False)
        await deploy_samples(own_pool, QUICK)
        again = await client.read_deployment_by_name("quick/sample")
    assert [each.active for each in again.schedules] == [False]


async def test_parameters_have_a_typed_and_described_form(own_pool: Settings) -> None:
    await deploy_samples(own_pool, QUICK)
    async with open_client() as client:
        seen = await client.read_deployment_by_name("quick/sample")
    form = seen.parameter_openapi_schema
    assert form is not None
    assert form["properties"]["text"]["type"] == "string"
    assert form["properties"]["text"]["description"] == "What it holds."


async def test_automation_watches_our_deployments_only(own_pool: Settings) -> None:
    await deploy_samples(own_pool, QUICK)
    async with open_client() as client:
        seen = await client.read_deployment_by_name("quick/sample")
        automations = await client.read_automations_by_name(AUTOMATION_NAME)
    assert len(automations) == 1
    related = automations[0].trigger.match_related  # type: ignore[union-attr]
    assert related["prefect.resource.id"] == [f"prefect.deployment.{seen.id}"]  # type: ignore[call-overload]


async def test_nightly_reconcile_gets_scheduled_runs(own_pool: Settings) -> None:
    # Guards the pins of docs/adr: with SQLAlchemy 2.1 Prefect 3.8 starts, and schedules nothing.
    await publish(own_pool, DEPLOYMENTS)
    async with open_client() as client:
        runs = await _wait_for_scheduled(client, RECONCILE_FULL.full_name)
    assert runs[0].expected_start_time is not None
    assert runs[0].expected_start_time.strftime("%H:%M %Z") == "02:30 UTC"


async def _wait_for_scheduled(client: PrefectClient, name: str) -> list[FlowRun]:
    deployment = await client.read_deployment_by_name(name)
    wanted = DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
    for _ in range(150):
        runs = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(), deployment_filter=wanted
        )
        if runs:
            return runs
        await asyncio.sleep(0.2)
    raise AssertionError(f"Prefect scheduled no run of {name}")


async def test_same_deployment_runs_on_a_process_pool(own_pool: Settings, tmp_path: Path) -> None:
    await deploy_samples(own_pool, QUICK, LASTING)
    async with open_client() as client:
        await client.update_work_pool(own_pool.work_pool_name, WorkPoolUpdate(is_paused=True))
        as_process = dataclasses.replace(own_pool, work_pool_type="process")
        await deploy_samples(as_process, QUICK, LASTING)
        pool = await client.read_work_pool(own_pool.work_pool_name)
        assert (pool.type, pool.is_paused) == ("process", True)
        await client.update_work_pool(pool.name, WorkPoolUpdate(is_paused=False))

        stop = asyncio.Event()
        served = asyncio.create_task(serve_other(as_process, pool, "test-process-worker", stop))
        run = await run_as_process(client, QUICK, tmp_path)
        await wait_for_state(client, run.id, "Completed")
        text, _, pid = (tmp_path / "quick.txt").read_text().partition(" ")
        assert text == "hello"
        assert int(pid) != os.getpid()

        lasting = await run_as_process(client, LASTING, tmp_path)
        await wait_for((tmp_path / "began.txt").exists, "the lasting run to begin")
        stop.set()
        await served
        assert (await client.read_flow_run(lasting.id)).state_name in {
            "Cancelled",
            "Crashed",
            INTERRUPTED,
        }


async def run_as_process(client: PrefectClient, spec: DeploymentSpec, folder: Path) -> FlowRun:
    deployment = await client.read_deployment_by_name(spec.full_name)
    return await client.create_flow_run_from_deployment(
        deployment.id,
        parameters={"folder": str(folder)},
        job_variables={"env": {"PYTHONPATH": str(Path.cwd())}},  # the samples are in tests/
    )


async def test_unreachable_server_is_one_plain_line(own_pool: Settings) -> None:
    url = f"http://127.0.0.1:{free_port()}/api"
    nowhere = dataclasses.replace(own_pool, prefect_api_url=url)
    with temporary_settings({PREFECT_API_URL: url}), pytest.raises(DeployError) as caught:
        await deploy_samples(nowhere, QUICK)
    assert str(caught.value).startswith(f"no Prefect server answers at {url}")
    assert "\n" not in str(caught.value)
