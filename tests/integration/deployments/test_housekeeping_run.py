"""Housekeeping as Prefect runs it: its states, and the report an operator reads."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun

from deployments.catalogue import HOUSEKEEPING
from deployments.worker.warm_worker import WarmWorker
from flows.housekeeping import ARTIFACT_KEY
from pim.vocabulary import Channel
from storage import Store, migrate, open_store
from storage.inbox import store_rejected
from tests.integration.deployments.prefect_helpers import (
    make_pool,
    open_client,
    serving,
    wait_for_state,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The store that the flow's own settings name."""
    url = f"sqlite:///{tmp_path}/store.db"
    monkeypatch.setenv("SYNC_DATABASE_URL", url)
    migrate(url)
    return open_store(url)


async def run(client: PrefectClient, deployment: UUID, state: str) -> FlowRun:
    made = await client.create_flow_run_from_deployment(deployment)
    return await wait_for_state(client, made.id, state, "Failed", "Crashed")


async def test_a_run_reports_what_it_removed_and_the_next_one_has_nothing_to_do(
    store: Store,
) -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)  # the flow judges ages by the real clock
    with store.transaction() as tx:
        store_rejected(
            tx, channel=Channel.EVENTS_API, raw=b"<" * 9000, reason="not JSON", received_at=hour_ago
        )
    async with open_client() as client:
        pool = await make_pool(client)
        deployment = await client.create_deployment(
            await client.create_flow_from_name(HOUSEKEEPING.flow_name),
            name=pool,
            entrypoint=HOUSEKEEPING.entrypoint,
            work_pool_name=pool,
        )
        async with serving(WarmWorker(pool, name="housekeeper")):
            first = await run(client, deployment, "Completed")
            second = await run(client, deployment, "Skipped")
        ours = FlowRunFilter(id=FlowRunFilterId(any_=[first.id]))
        (artifact,) = await client.read_artifacts(flow_run_filter=ours)
    store.close()

    assert first.name == "housekeeping: bodies compressed: 1 (9.0 kB freed)"
    assert (artifact.key, artifact.type) == (ARTIFACT_KEY, "markdown")
    assert "| bodies compressed | 1 | 9.0 kB | after 10 min 0 s |" in str(artifact.data)
    assert "are free on the disk of" in str(artifact.data)
    assert second.state is not None
    assert str(second.state.message).startswith("nothing to do: another housekeeping began")
