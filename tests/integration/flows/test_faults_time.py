"""Time that goes wrong: nodes whose clocks differ, and a PIM restored from a backup."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.run.source_health import NODES_ALARM
from pim.vocabulary import Drift
from tests.integration.flows.fault_scene import some, toggle
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio


def alarms(shop: Shop) -> dict[str, str]:
    return {alarm.name: alarm.text for alarm in shop.status().alarms}


def save_at(shop: Shop, uuid: str, at: datetime, *, silent: bool = False) -> None:
    enabled = shop.truth()[uuid]["enabled"]
    body = {"changes": {"enabled": not enabled}, "updated": at.isoformat(), "silent": silent}
    shop.control(f"products/{uuid}", body)


async def test_nodes_whose_clocks_differ_by_less_than_the_doubt_hide_nothing(
    filled_shop: Shop,
) -> None:
    shop = filled_shop
    shop.control("clock", {"skew_seconds": 40})
    uuids = some(shop, 2)  # of three nodes: each product's next save is by another
    stamps = []
    for _ in range(3):
        toggle(shop, uuids)
        await shop.drain()
        assert shop.sources() == shop.truth()
        stamps.append(str(shop.truth()[uuids[0]]["updated"]))
    toggle(shop, uuids, silent=True)
    await shop.reconcile(full=False)
    shop.control("clock", {"skew_seconds": 0})
    assert shop.sources() == shop.truth()
    assert stamps != sorted(stamps)  # a later save bore an earlier time
    assert NODES_ALARM not in alarms(shop)


async def test_nodes_whose_clocks_differ_by_more_are_an_alarm_until_they_do_not(
    filled_shop: Shop,
) -> None:
    shop = filled_shop
    shop.control("clock", {"skew_seconds": 600})
    for _ in range(3):
        toggle(shop, some(shop, 2))  # of three nodes: each product's next save is by another
        await shop.drain()
    assert "SYNC_CLOCK_DOUBT_SECONDS (60)" in alarms(shop)[NODES_ALARM]
    assert any(event.state == "outdated" for event in shop.events())  # and wrongly so
    assert shop.sources() != shop.truth()
    await shop.reconcile()  # asks often enough to have met every node
    told = re.search(r"(\d+) s apart", alarms(shop)[NODES_ALARM])
    assert told is not None
    assert int(told[1]) >= 600  # and what whole seconds and the answers' way add

    shop.control("clock", {"skew_seconds": 0})
    await shop.reconcile()
    assert shop.sources() == shop.truth()
    assert NODES_ALARM not in alarms(shop)


async def test_after_a_restored_backup_one_full_reconcile_follows_and_calls_it_rewound(
    tmp_path: Path,
) -> None:
    with open_shop(tmp_path, products=60) as shop:
        await shop.reconcile()
        shop.control("backup")
        shop.control("edits", {"operations": 40})
        await shop.drain()
        later = shop.truth()
        shop.control("backup/restore")
        report = await shop.reconcile()
        truth = shop.truth()
        changed = {uuid for uuid in truth if uuid in later and later[uuid] != truth[uuid]}
        assert len(changed) > 10
        assert shop.sources() == truth
        assert report.by_kind()[Drift.REWOUND] > 0
        assert not (await shop.reconcile(dry_run=True)).has_drift


async def test_a_delta_after_a_restored_backup_notices_and_compares_everything(
    tmp_path: Path,
) -> None:
    with open_shop(tmp_path, products=20) as shop:
        shop.control("backup")
        hour_ago = datetime.now(UTC) - timedelta(hours=1)
        for uuid in some(shop, 3):
            save_at(shop, uuid, hour_ago, silent=True)
        await shop.reconcile()
        assert not (await shop.reconcile(full=False)).has_drift
        shop.control("backup/restore")

        report = await shop.reconcile(full=False)
        assert report.by_kind() == {Drift.REWOUND: 3}
        assert any("backup" in note for note in report.notes)
        assert shop.sources() == shop.truth()
        assert not any("backup" in note for note in (await shop.reconcile(full=False)).notes)


async def test_events_read_after_a_restored_backup_follow_it_and_say_so(
    filled_shop: Shop,
) -> None:
    shop = filled_shop
    uuids = some(shop, 5)[3:]  # those before bear times of clocks that were wrong
    shop.control("backup")
    minute_ago = datetime.now(UTC) - timedelta(minutes=1)
    for uuid in uuids:
        save_at(shop, uuid, minute_ago)
    await shop.drain()
    known = {event.event_id for event in shop.events()}
    toggle(shop, uuids)
    shop.control("backup/restore")
    await shop.drain()
    assert shop.sources() == shop.truth()
    new = [event for event in shop.events() if event.event_id not in known]
    assert [event.state for event in new] == ["applied", "applied"]
    assert all("went back to an older state" in (event.reason or "") for event in new)
