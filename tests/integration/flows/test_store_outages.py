"""The store goes away in the middle of work: nothing is lost, nothing is counted, all goes on."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from flows.drain import DrainReport
from flows.drain.enrich import enrich_chunk
from flows.drain.loop import drain_inbox
from flows.drain.report import ChunkOutcome
from flows.drain.settle import Fence, upsert_chunk
from flows.run.session import utc_now
from pim.ids import RunId
from storage import StoreError, open_store
from storage.database.store import Transaction
from storage.inbox.due_events import DueEvent
from storage.inbox.refusals import count_refusal
from storage.state.lost_deliveries import judge_unstored
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

Outage = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def shop(tmp_path: Path, store_url: str) -> Iterator[Shop]:
    """A shop that waits a fifth of a second for its database."""
    impatient = {"SYNC_BUSY_TIMEOUT_SECONDS": "0.2"}
    with open_shop(tmp_path, database_url=store_url, tunables=impatient) as shop:
        yield shop


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody else is writing, and does not end."""
    with closing(open_store(url)) as other, other.transaction() as tx:
        if tx.locks_rows:
            tx.execute(text("LOCK TABLE inbox_event IN EXCLUSIVE MODE"))
        yield


async def drain_into(shop: Shop, outage: AbstractContextManager[None], *, seconds: float) -> None:
    """A drain during whose writing the outage begins; so long after its failure, it is over."""
    with ExitStack() as ends:

        async def step(fence: Fence, events: Sequence[DueEvent]) -> ChunkOutcome:
            enriched = await enrich_chunk(fence.session, events)
            ends.enter_context(outage)
            try:
                return await upsert_chunk(fence, enriched)
            finally:
                asyncio.get_running_loop().call_later(seconds, ends.close)

        with pytest.raises(StoreError):
            await drain_inbox(
                shop.settings,
                run_id=RunId("interrupted"),
                run_name="interrupted",
                step=step,
                report=DrainReport(),
            )


async def assert_nothing_lost(shop: Shop) -> None:
    assert {event.attempts for event in shop.events("due")} == {0}
    assert not shop.status().door.open
    await shop.drain()
    assert shop.sources() == shop.truth()
    assert not shop.events("due")


async def test_a_database_locked_during_a_drain_costs_no_attempt(
    shop: Shop, store_url: str
) -> None:
    await shop.reconcile()
    shop.control("edits", {"operations": 5})
    await drain_into(shop, locked(store_url), seconds=0.3)
    await assert_nothing_lost(shop)


async def test_a_server_restarted_during_a_drain_costs_no_attempt(
    tmp_path: Path, postgres_url: str, postgres_outage: Outage
) -> None:
    with open_shop(tmp_path, database_url=postgres_url) as shop:
        await shop.reconcile()
        shop.control("edits", {"operations": 5})
        await drain_into(shop, postgres_outage(), seconds=0.0)
        await assert_nothing_lost(shop)


async def test_what_was_lost_is_made_up_for_by_the_next_delta_and_the_alarm_goes(
    shop: Shop,
) -> None:
    await shop.reconcile()
    for uuid, product in list(shop.truth().items())[:5]:
        changes = {"enabled": not product["enabled"]}
        shop.control(f"products/{uuid}", {"changes": changes, "silent": True})

    def lose(tx: Transaction) -> None:
        # A while ago, since the two clocks are not trusted to the second.
        at = utc_now() - timedelta(minutes=5)
        tx.execute(text("DELETE FROM sweep"))
        count_refusal(tx, reason="never_stored", at=at, detail="the disk is full", count=5)
        judge_unstored(tx)

    shop.store.run(lose)
    assert {alarm.name for alarm in shop.status().alarms} == {"refused"}
    await shop.reconcile(full=False)
    assert shop.sources() == shop.truth()
    assert not shop.status().alarms
