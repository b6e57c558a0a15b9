"""The trigger on a real door, beside real deliveries; Prefect is played."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

import anyio
import httpx
import pytest

from pim.ids import Generation, RunId
from receiver.app import build_app
from receiver.trigger.loop import Trigger
from receiver.trigger.policy import Phase, Run
from receiver.trigger.ports import Lane, RunServerError
from receiver.trigger.store_door import StoreDoor
from storage.database.store import Store
from storage.inbox.door import close_door, open_door, read_door
from tests.integration.receiver.receiver_scene import PATH, SECRET, a_batch, event, signed
from tests.served_app import patient

pytestmark = pytest.mark.anyio


class PlayedPrefect:
    """Makes a run per key, and can be gone."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.gone = False
        self.asked = anyio.Event()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        yield

    async def look(self) -> Lane:
        return Lane("pool")

    async def find_idle(self) -> dict[str, str]:
        return {}

    async def create_run(self, *, key: str, name: str) -> Run:
        if self.gone:
            raise RunServerError("gone")
        if key not in self.keys:
            self.keys.append(key)
        self.asked.set()
        return Run(key, name, Phase.SCHEDULED)

    async def read_run(self, run_id: str) -> Run | None:
        return Run(run_id, "any", Phase.SCHEDULED)

    async def wait(self) -> str:
        with anyio.fail_after(60):
            await self.asked.wait()
        self.asked = anyio.Event()
        return self.keys[-1]


@asynccontextmanager
async def receiving(store: Store, prefect: PlayedPrefect) -> AsyncIterator[httpx.AsyncClient]:
    trigger = Trigger(prefect, StoreDoor(store))
    app = build_app(patient(SECRET), store, trigger)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://receiver") as client,
    ):
        yield client


async def deliver(client: httpx.AsyncClient) -> None:
    body = a_batch(event())
    answer = await client.post(PATH, content=body, headers=signed(body))
    assert answer.status_code == 200


def open_the_door(store: Store) -> Generation:
    generation = Generation(str(uuid4()))
    with store.transaction() as tx:
        open_door(
            tx,
            generation=generation,
            run_id=RunId("run"),
            run_name="run",
            lease=timedelta(seconds=60),
        )
    return generation


async def test_a_commit_asks_for_a_drain_with_the_doors_key(store: Store) -> None:
    prefect = PlayedPrefect()
    with store.read() as tx:
        door = read_door(tx)
    async with receiving(store, prefect) as client:
        await deliver(client)
        assert await prefect.wait() == f"process-inbox:{door.generation}:{door.attempt}"


async def test_a_drain_at_work_is_not_asked_for_and_its_end_is(store: Store) -> None:
    prefect = PlayedPrefect()
    generation = open_the_door(store)
    async with receiving(store, prefect) as client:
        await deliver(client)
        await anyio.sleep(0.1)
        assert prefect.keys == []
        with store.transaction() as tx:
            assert close_door(tx, generation=generation)
        await deliver(client)
        assert await prefect.wait() == f"process-inbox:{generation}:0"


async def test_what_was_due_before_the_start_is_asked_for_without_a_delivery(
    store: Store,
) -> None:
    prefect = PlayedPrefect()
    prefect.gone = True
    async with receiving(store, prefect) as client:
        await deliver(client)
    restarted = PlayedPrefect()
    async with receiving(store, restarted):
        await restarted.wait()


async def test_deliveries_are_taken_while_prefect_is_gone(store: Store) -> None:
    prefect = PlayedPrefect()
    prefect.gone = True
    async with receiving(store, prefect) as client:
        for _ in range(20):
            await deliver(client)
        prefect.gone = False
        await prefect.wait()
    assert len(prefect.keys) == 1
