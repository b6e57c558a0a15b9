"""The look at subscriptions as Prefect runs it, and the sweeps that a catch-up asks Prefect for."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId

from deployments.catalogue import RECONCILE_FULL, WATCH_SUBSCRIPTIONS
from deployments.worker.warm_worker import WarmWorker
from flows.watch_subscriptions import CATCH_UP_TAG, ask_for_reconcile
from storage import Store, migrate, open_store
from storage.state import list_subscriptions
from tests.fake_platform import API, FakePlatform
from tests.integration.deployments.prefect_helpers import (
    make_pool,
    open_client,
    serving,
    wait_for_state,
)
from tests.served_app import served

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store that the flow's own settings name."""
    url = f"sqlite:///{tmp_path}/store.db"
    monkeypatch.setenv("SYNC_DATABASE_URL", url)
    migrate(url)
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePlatform]:
    """A platform, known to the flow's own settings."""
    fake = FakePlatform()
    with served(fake.app()) as url:
        env = {
            "AKENEO_BASE_URL": url,
            "AKENEO_ACCESS_TOKEN": fake.token,
            "AKENEO_CLIENT_ID": fake.client_id,
            "AKENEO_EVENT_PLATFORM_URL": f"{url}{API}",
            "AKENEO_EVENT_PLATFORM_SECRETS": "hush-primary-secret",
            "SYNC_PUBLIC_URL": "https://sync.example.test",
        }
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        yield fake


async def run_once(state: str) -> str:
    """Run the flow in a worker, and return the message that it ended with."""
    async with open_client() as client:
        pool = await make_pool(client)
        deployment = await client.create_deployment(
            await client.create_flow_from_name(WATCH_SUBSCRIPTIONS.flow_name),
            name=pool,
            entrypoint=WATCH_SUBSCRIPTIONS.entrypoint,
            work_pool_name=pool,
        )
        async with serving(WarmWorker(pool, name="watcher")):
            made = await client.create_flow_run_from_deployment(deployment)
            ended = await wait_for_state(client, made.id, state, "Failed", "Crashed")
    assert ended.state is not None
    assert ended.state.name == state
    return ended.state.message or ""


@pytest.mark.usefixtures("store")
async def test_where_it_is_not_used_a_run_ends_at_once_and_says_so() -> None:
    assert await run_once("Skipped") == "no PIM is configured"


async def test_a_run_says_what_it_saw_and_stores_it(store: Store, platform: FakePlatform) -> None:
    here = "https://sync.example.test/webhooks/event-platform"
    mine = platform.add_subscription(platform.add_subscriber(), here)
    assert await run_once("Completed") == f"subscription {mine} is active"
    with store.read() as tx:
        assert [each.id for each in list_subscriptions(tx)] == [mine]


@pytest.mark.usefixtures("store")
async def test_a_platform_that_is_away_fails_no_run(platform: FakePlatform) -> None:
    platform.client_id = "another"
    message = await run_once("NotSeen")
    assert message.startswith("not seen: ")
    assert "token" in message


async def test_a_catch_up_asks_prefect_once_for_each_key() -> None:
    async with open_client() as client:
        deployment = await client.create_deployment(
            await client.create_flow_from_name(RECONCILE_FULL.flow_name),
            name=RECONCILE_FULL.name,
            entrypoint=RECONCILE_FULL.entrypoint,
            work_pool_name=await make_pool(client),
        )
        keys = [f"gap-{uuid4().hex}" for _ in range(2)]
        for key in (keys[0], *keys):
            await ask_for_reconcile(mode="full", key=key)
        mine = DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))
        runs = await client.read_flow_runs(deployment_filter=mine)
    asked = [run.idempotency_key for run in runs if CATCH_UP_TAG in run.tags]
    assert sorted(key for key in asked if key in keys) == sorted(keys)
