"""The run that tells shops as Prefect makes it, and how a drain asks for it."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId

from deployments.catalogue import NOTIFY_SHOPS
from deployments.worker.warm_worker import WarmWorker
from flows.process_inbox import NOTIFY_TAG, ask_to_notify
from flows.run import read_in
from storage import Store, migrate, open_store
from storage.webhooks import add_webhook, find_webhook
from tests.hook_shop import Fate, HookShop
from tests.integration.deployments.prefect_helpers import (
    make_pool,
    open_client,
    serving,
    wait_for_state,
)
from tests.served_app import served
from tests.store_builders import NOW, body_of, live, write

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
def hook_shop(store: Store) -> Iterator[HookShop]:
    """A shop that is to be told of one change."""
    shop = HookShop()
    with served(shop.app()) as url:
        secret = store.run(
            lambda tx: add_webhook(
                tx,
                name="webshop",
                url=f"{url}/hook",
                position=0,
                documents=True,
                most=10,
                now=NOW,
            )
        )
        shop.secret = secret or ""
        write(store, live(body_of(1), 1, 2))
        yield shop


async def run_once() -> tuple[str, str]:
    """Run the flow in a worker, and return the name and message of its last state."""
    async with open_client() as client:
        pool = await make_pool(client)
        deployment = await client.create_deployment(
            await client.create_flow_from_name(NOTIFY_SHOPS.flow_name),
            name=pool,
            entrypoint=NOTIFY_SHOPS.entrypoint,
            work_pool_name=pool,
        )
        async with serving(WarmWorker(pool, name="notifier")):
            made = await client.create_flow_run_from_deployment(deployment)
            ended = await wait_for_state(
                client, made.id, "Completed", "Skipped", "NotConfirmed", "Failed", "Crashed"
            )
    assert ended.state is not None
    return ended.state.name or "", ended.state.message or ""


@pytest.mark.usefixtures("store")
async def test_where_no_shop_is_to_be_told_a_run_ends_at_once() -> None:
    assert await run_once() == ("Skipped", "there is no webhook")


async def test_a_run_tells_the_shop_and_says_so(store: Store, hook_shop: HookShop) -> None:
    assert await run_once() == ("Completed", "1 change to webshop")
    assert (len(hook_shop.copy), hook_shop.forged) == (1, 0)
    with store.read() as tx:
        webhook = find_webhook(tx, "webshop")
    assert webhook is not None
    assert webhook.position == hook_shop.received[0].numbers[-1]


async def test_a_shop_s_refusal_is_no_failure_of_the_run(hook_shop: HookShop) -> None:
    hook_shop.fate = lambda: Fate.GONE
    name, message = await run_once()
    assert name == "NotConfirmed"
    assert "webshop: switched off: it answered 410" in message


async def test_a_drain_asks_once_for_what_shops_wait_for(store: Store) -> None:
    fence: Any = SimpleNamespace(
        session=SimpleNamespace(read=partial(read_in, store), now=lambda: NOW)
    )
    async with open_client() as client:
        deployment = await client.create_deployment(
            await client.create_flow_from_name(NOTIFY_SHOPS.flow_name),
            name=NOTIFY_SHOPS.name,
            entrypoint=NOTIFY_SHOPS.entrypoint,
            work_pool_name=await make_pool(client),
        )
        mine = DeploymentFilter(id=DeploymentFilterId(any_=[deployment]))
        write(store, live(body_of(1), 1, 2))
        await ask_to_notify(fence)
        assert await client.read_flow_runs(deployment_filter=mine) == []
        store.run(
            lambda tx: add_webhook(
                tx, name="w", url="http://x", position=0, documents=True, most=1, now=NOW
            )
        )
        for _ in range(2):
            await ask_to_notify(fence)
        (run,) = await client.read_flow_runs(deployment_filter=mine)
        assert NOTIFY_TAG in run.tags
        write(store, live(body_of(2), 3, 4))
        await ask_to_notify(fence)
        assert len(await client.read_flow_runs(deployment_filter=mine)) == 2
