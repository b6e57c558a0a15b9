"""What becomes of events, as an operator sees it: outcomes, reasons, tombstones, dead letters."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from flows.drain import DrainReport
from flows.drain.loop import drain_inbox
from pim.errors import SourceServerError, SourceUnexpectedNotFound
from pim.ids import Generation, RunId
from pim.json_types import as_object
from storage.inbox.door import open_door, read_door
from storage.inbox.due_events import take_chunk
from storage.inbox.listed_events import replay_events
from tests.shop import Shop, settle_plainly

pytestmark = pytest.mark.anyio


def outcomes(shop: Shop) -> Counter[str]:
    return Counter(event.state for event in shop.events())


async def test_a_changed_product_is_written_and_says_which_event_did_it(shop: Shop) -> None:
    await shop.reconcile()
    uuid = next(iter(shop.truth()))
    shop.control(f"products/{uuid}", {"changes": {"enabled": False}})
    report = await shop.drain()
    assert shop.sources()[uuid]["enabled"] is False
    (event,) = shop.events()
    assert event.state == "applied"
    assert event.run_id is not None
    assert report.events == 1


async def test_disabled_and_enabled_again_ends_enabled(shop: Shop) -> None:
    await shop.reconcile()
    uuid = next(uuid for uuid, product in shop.truth().items() if product["enabled"])
    shop.control(f"products/{uuid}", {"changes": {"enabled": False}})
    await shop.drain()
    shop.control(f"products/{uuid}", {"changes": {"enabled": True}})
    await shop.drain()
    assert shop.sources()[uuid]["enabled"] is True


async def test_a_removed_product_becomes_a_tombstone_and_an_event_brings_it_back(
    shop: Shop,
) -> None:
    await shop.reconcile()
    uuid = next(iter(shop.truth()))
    shop.http.delete(f"{shop.pim_url}/_simulator/products/{uuid}").raise_for_status()
    await shop.drain()
    assert uuid not in shop.exported()
    assert shop.exported(tombstones=True)[uuid]["deleted"] is True
    shop.control(f"products/{uuid}/restore")
    shop.control(f"products/{uuid}", {"changes": {"enabled": False}})
    await shop.drain()
    assert shop.sources()[uuid] == shop.truth()[uuid]


async def test_products_associated_with_a_deleted_one_are_read_again_without_an_event(
    shop: Shop,
) -> None:
    await shop.reconcile()
    associated = next(
        target
        for product in shop.truth().values()
        for target in as_object(as_object(product["associations"])["X_SELL"])["products"]  # type: ignore[union-attr]
    )
    shop.http.delete(f"{shop.pim_url}/_simulator/products/{associated}").raise_for_status()
    await shop.drain()
    assert shop.sources() == shop.truth()


async def test_a_product_the_search_index_does_not_know_yet_is_read_by_its_own_url(
    shop: Shop,
) -> None:
    await shop.reconcile()
    shop.control("index", {"lag_seconds": 3600})
    shop.control("edits", {"operations": 20})
    await shop.drain()
    assert shop.sources().keys() == shop.truth().keys()


async def test_a_failing_source_costs_no_attempt_and_blocks_until_it_is_back(shop: Shop) -> None:
    await shop.reconcile()
    shop.control("edits", {"operations": 5})
    shop.control("answers", {"path": "/api/rest/v1/products", "status": 500, "times": 50})
    with pytest.raises(SourceServerError):
        await shop.drain()
    status = shop.status()
    assert status.breaker.blocked
    assert {event.attempts for event in shop.events("due")} == {0}
    shop.http.delete(f"{shop.pim_url}/_simulator/answers").raise_for_status()
    await shop.drain()
    assert shop.sources() == shop.truth()
    assert not shop.status().breaker.blocked


async def test_a_proxys_404_page_deletes_nothing(shop: Shop) -> None:
    await shop.reconcile()
    before = shop.sources()
    shop.control("edits", {"operations": 5})
    shop.control(
        "answers", {"path": "/api/rest/v1/products", "status": 404, "html": True, "times": 50}
    )
    with pytest.raises(SourceUnexpectedNotFound):
        await shop.drain()
    assert shop.sources() == before
    assert not shop.exported(tombstones=True).keys() - before.keys()


async def test_an_event_without_a_product_in_pim_and_store_is_gone(shop: Shop) -> None:
    created = shop.control("products", {"changes": {"family": None}})
    uuid = created["uuid"]
    shop.http.delete(
        f"{shop.pim_url}/_simulator/products/{uuid}", params={"silent": "true"}
    ).raise_for_status()
    await shop.drain()
    (event,) = shop.events()
    assert event.state == "gone"
    assert event.reason


async def test_a_cancelled_drain_gives_its_events_back_and_closes_the_door(shop: Shop) -> None:
    await shop.reconcile()
    shop.control("edits", {"operations": 5})
    started = asyncio.Event()

    async def hang(*_args: object) -> None:
        started.set()
        await asyncio.Event().wait()

    drain = asyncio.create_task(
        drain_inbox(
            shop.settings,
            run_id=RunId("cancelled"),
            run_name="cancelled",
            step=hang,  # type: ignore[arg-type]
            report=DrainReport(),
        )
    )
    await started.wait()
    drain.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drain
    assert not shop.status().door.open
    assert {event.attempts for event in shop.events("due")} == {0}


async def test_a_killed_drain_is_named_by_its_successor_with_what_was_taken_over(
    shop: Shop,
) -> None:
    await shop.reconcile()
    shop.control("edits", {"operations": 5})
    due = len(shop.events("due"))
    killed = Generation("killed-generation")
    lease = timedelta(seconds=-1)  # as if its last renewal were long ago
    shop.store.run(
        lambda tx: open_door(
            tx, generation=killed, run_id=RunId("killed"), run_name="the killed", lease=lease
        )
    )
    taken = shop.store.run(lambda tx: take_chunk(tx, generation=killed, max_attempts=5))
    report = await shop.drain()
    assert report.predecessor is not None
    assert report.predecessor.run_id == "killed"
    assert report.predecessor.taken_over == len(taken.events) == due
    assert shop.sources() == shop.truth()


async def test_our_own_defect_ends_as_a_dead_letter_and_can_be_replayed(shop: Shop) -> None:
    await shop.reconcile()
    uuid = next(iter(shop.truth()))
    shop.control(f"products/{uuid}", {"changes": {"enabled": False}})

    async def defect(*_args: object) -> None:
        raise ZeroDivisionError

    for _ in range(shop.settings.max_attempts):
        shop.make_due()
        await drain_inbox(
            shop.settings,
            run_id=RunId("defect"),
            run_name="defect",
            step=defect,  # type: ignore[arg-type]
            report=DrainReport(),
        )
    assert outcomes(shop) == {"dead": 1}
    (letter,) = shop.events("dead")
    assert "in a way nobody foresaw: ZeroDivisionError" in (letter.reason or "")
    shop.store.run(replay_events)
    await shop.drain()
    assert outcomes(shop) == {"applied": 1}
    assert shop.sources() == shop.truth()


async def test_a_second_drain_stands_by_while_the_first_holds_the_door(shop: Shop) -> None:
    shop.store.run(
        lambda tx: open_door(
            tx,
            generation=Generation("first"),
            run_id=RunId("first"),
            run_name="first",
            lease=timedelta(seconds=60),
        )
    )
    report = DrainReport()
    held = await drain_inbox(
        shop.settings,
        run_id=RunId("second"),
        run_name="second",
        step=settle_plainly,
        report=report,
    )
    assert held is not None
    assert held.run_id == "first"
    assert not report.opened
    with shop.store.read() as tx:
        assert read_door(tx).generation == "first"
