"""Events that never come, or come in a burst: repaired, and told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows.run.session import utc_now
from flows.sweeps.doubts.lost_events import QUOTA_ALARM
from flows.sweeps.sweep import FILTER_ALARM
from pim.errors import SourceError
from pim.events import Batch
from pim.vocabulary import Channel
from storage.database.store import Transaction
from storage.inbox import store_batch
from storage.inbox.deliveries import SILENCE_ALARM
from tests.integration.flows.fault_scene import bring_on, end_faults, some, toggle
from tests.shop import Shop, open_shop
from tests.store_builders import make_event, uuid_of

pytestmark = pytest.mark.anyio

BOGOTA = "America/Bogota"  # UTC-5 all year


@pytest.fixture
def one_shop(tmp_path: Path, sqlite_url: str) -> Iterator[Shop]:
    """A small shop on one database: what is shown with it concerns the source."""
    with open_shop(tmp_path, products=10, database_url=sqlite_url) as shop:
        yield shop


def alarms(shop: Shop) -> dict[str, str]:
    return {alarm.name: alarm.text for alarm in shop.status().alarms}


def edit_long_ago(shop: Shop, uuids: list[str]) -> None:
    """Edits of four minutes ago whose events are all lost."""
    then = (utc_now() - timedelta(minutes=4)).isoformat(timespec="seconds")
    truth = shop.truth()
    for uuid in uuids:
        changes = {"enabled": not truth[uuid]["enabled"]}
        shop.control(f"products/{uuid}", {"changes": changes, "silent": True, "updated": then})


@pytest.mark.parametrize("setting", [BOGOTA, "UTC"])
async def test_fifty_edits_of_all_kinds_whose_events_are_lost_are_found_by_one_delta(
    tmp_path: Path, store_url: str, setting: str
) -> None:
    tunables = {"AKENEO_TIMEZONE": setting}
    with open_shop(
        tmp_path, products=60, database_url=store_url, tunables=tunables, timezone=BOGOTA
    ) as shop:
        await shop.reconcile()
        shop.control("faults", {"drop": 1.0})
        shop.control("edits", {"operations": 50, "seed": 7})
        removed = set(shop.exported()) - set(shop.truth())
        assert removed  # deletions among them: no listing of changes shows those
        report = await shop.reconcile(full=False)
        assert any(f"{len(removed)} products more" in note for note in report.notes)
        assert shop.sources() == shop.truth()
        assert (FILTER_ALARM in alarms(shop)) is (setting == "UTC")


async def test_events_that_never_come_are_an_alarm_until_they_come_again(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    edit_long_ago(shop, some(shop, 4)[:2])
    assert (await shop.reconcile(full=False)).missed == 2
    assert SILENCE_ALARM not in alarms(shop)  # nobody may have been here to receive them
    edit_long_ago(shop, some(shop, 4)[2:])
    await shop.reconcile(full=False)
    assert "2 deltas found 4 changes, and no event came" in alarms(shop)[SILENCE_ALARM]
    await shop.reconcile(full=False)
    assert SILENCE_ALARM in alarms(shop)  # a quiet delta is no event
    toggle(shop, some(shop, 1))
    await shop.drain()
    assert SILENCE_ALARM not in alarms(shop)


async def test_a_change_whose_event_waits_in_the_inbox_is_not_missed(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    told, untold = some(shop, 2)
    deliver(shop, minutes_ago=1, age=3, uuid=told)
    edit_long_ago(shop, [told, untold])
    report = await shop.reconcile(full=False)
    assert (report.repaired, report.missed) == (2, 1)


async def test_a_burst_of_old_events_after_a_silence_is_told_as_the_pims_quota(
    one_shop: Shop,
) -> None:
    shop = one_shop
    await shop.reconcile()
    deliver(shop, minutes_ago=50, age=0)
    deliver(shop, minutes_ago=2, age=47)
    report = await shop.reconcile(full=False)
    text = alarms(shop)[QUOTA_ALARM]
    assert "no delivery for 48 min" in text
    assert "made up for what was lost" in text
    assert text in report.notes
    assert SILENCE_ALARM not in alarms(shop)


def deliver(shop: Shop, *, minutes_ago: float, age: float, uuid: str | None = None) -> None:
    """A delivery of one event that was so many minutes old when it came."""
    received = utc_now() - timedelta(minutes=minutes_ago)
    occurred = received - timedelta(minutes=age)
    event = replace(make_event(1), uuid=uuid or uuid_of(1), occurred_at=occurred)

    def store(tx: Transaction) -> None:
        batch = Batch((event,), ())
        store_batch(tx, channel=Channel.EVENTS_API, raw=b"{}", batch=batch, received_at=received)

    shop.store.run(store)


async def test_a_delta_that_failed_tells_nothing_of_events(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    edit_long_ago(shop, some(shop, 2))
    bring_on(shop, path="/api/rest/v1/products-uuid", status=503)
    with pytest.raises(SourceError):
        await shop.reconcile(full=False)
    end_faults(shop)
    assert (await shop.reconcile(full=False)).missed == 2
