"""Reconciles as Prefect runs them: what is left of one that fails, and one that stands by."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

from deployments.catalogue import RECONCILE_FULL
from deployments.worker.warm_worker import WarmWorker
from flows.reconcile import ARTIFACT_KEY
from pim.breaker import SourceFailure
from storage import migrate, open_store
from storage.state.source import trip_breaker
from tests.integration.deployments.prefect_helpers import (
    make_pool,
    open_client,
    serving,
    wait_for_state,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("prefect_server")]

SOURCE = {
    "AKENEO_BASE_URL": "http://127.0.0.1:9",
    "AKENEO_CLIENT_ID": "client",
    "AKENEO_CLIENT_SECRET": "client-secret",
    "AKENEO_USERNAME": "julia",
    "AKENEO_PASSWORD": "password-1",
}


async def test_a_failed_run_leaves_its_report_and_the_next_leaves_the_pim_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    for name, value in {**SOURCE, "SYNC_DATABASE_URL": url}.items():
        monkeypatch.setenv(name, value)
    migrate(url)
    async with open_client() as client:
        pool = await make_pool(client)
        deployment = await client.create_deployment(
            await client.create_flow_from_name(RECONCILE_FULL.flow_name),
            name=pool,
            entrypoint=RECONCILE_FULL.entrypoint,
            work_pool_name=pool,
        )
        async with serving(WarmWorker(pool, name="reconciler")):
            made = await client.create_flow_run_from_deployment(deployment)
            failed = await wait_for_state(client, made.id, "Failed", "Crashed", "Completed")
            with closing(open_store(url)) as store:  # however slow this machine is
                long = SourceFailure("the connection failed", retry_after=timedelta(hours=1))
                store.run(lambda tx: trip_breaker(tx, long))
            again = await client.create_flow_run_from_deployment(deployment)
            stood_by = await wait_for_state(client, again.id, "StoodBy", "Failed", "Crashed")
        ours = FlowRunFilter(id=FlowRunFilterId(any_=[failed.id]))
        found = await client.read_artifacts(flow_run_filter=ours)
    reports = [each for each in found if each.type == "markdown"]

    assert failed.state_name == "Failed"
    assert failed.name.startswith("full: ended early: the connection failed")
    assert [report.key for report in reports] == [ARTIFACT_KEY]
    assert "Note: it ended early: the connection failed" in str(reports[0].data)
    assert stood_by.state is not None
    assert stood_by.state.is_completed()
    assert "the PIM is away since" in str(stood_by.state.message)
