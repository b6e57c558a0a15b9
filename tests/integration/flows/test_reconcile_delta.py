"""What a delta finds, where it looks, and when it must not be trusted."""

from datetime import timedelta
from pathlib import Path

import pytest

from flows.session import utc_now
from flows.sweep_delta import CLOCK_ALARM, DELTA, FILTER_ALARM
from pim.errors import SourceServerError
from pim.vocabulary import Drift
from storage.engine import Transaction
from storage.sweeps import begin_sweep, finish_sweep
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio


def alarms(shop: Shop) -> set[str]:
    return {alarm.name for alarm in shop.status().alarms}


def edit_silently(shop: Shop, count: int = 10) -> None:
    """Edits whose events are all lost."""
    for uuid in list(shop.truth())[:count]:
        enabled = shop.truth()[uuid]["enabled"]
        shop.control(f"products/{uuid}", {"changes": {"enabled": not enabled}, "silent": True})


def complete_a_sweep_in_the_future(shop: Shop) -> None:
    """As if the PIM's clock had been an hour ahead until now."""
    later = utc_now() + timedelta(hours=1)
    number = shop.store.draw_number()
    lease = timedelta(seconds=60)

    def complete(tx: Transaction) -> None:
        begin_sweep(
            tx, name=DELTA, holder="past", first_number=number, source_now=later, lease=lease
        )
        finish_sweep(tx, name=DELTA, holder="past", watermark=later)

    shop.store.run(complete)


async def test_without_a_watermark_it_compares_everything_and_says_so(shop: Shop) -> None:
    report = await shop.reconcile(full=False)
    assert shop.sources() == shop.truth()
    assert any("so this is full" in note for note in report.notes)


async def test_it_repairs_changes_whose_events_were_lost_and_reads_no_more_than_needed(
    shop: Shop,
) -> None:
    await shop.reconcile()
    edit_silently(shop)
    report = await shop.reconcile(full=False)
    assert shop.sources() == shop.truth()
    assert report.by_kind() == {Drift.OUTDATED: 10}
    assert report.products < 60
    assert any("10 changes" in note for note in report.notes)
    assert not alarms(shop)


async def test_the_watermark_stays_when_the_sweep_is_not_whole(shop: Shop) -> None:
    await shop.reconcile()
    await shop.reconcile(full=False)
    (before,) = [view.watermark for view in shop.status().sweeps if view.name == DELTA]
    edit_silently(shop)
    products = "/api/rest/v1/products-uuid"
    shop.control("answers", {"path": products, "status": 0, "times": 2})
    shop.control("answers", {"path": products, "status": 500, "times": 20})
    with pytest.raises(SourceServerError):
        await shop.reconcile(full=False)
    shop.http.delete(f"{shop.pim_url}/_simulator/answers").raise_for_status()
    (after,) = [view.watermark for view in shop.status().sweeps if view.name == DELTA]
    assert after == before
    await shop.reconcile(full=False)
    assert shop.sources() == shop.truth()


async def test_a_pim_in_another_time_zone_is_an_alarm_and_never_a_green_nothing(
    tmp_path: Path,
) -> None:
    with open_shop(tmp_path, products=60, timezone="America/Bogota") as shop:
        await shop.reconcile()
        edit_silently(shop, 50)
        report = await shop.reconcile(full=False)
        assert FILTER_ALARM in alarms(shop)
        assert any("AKENEO_TIMEZONE" in note for note in report.notes)


async def test_with_its_time_zone_set_the_same_pim_is_followed(tmp_path: Path) -> None:
    zone = "America/Bogota"
    tunables = {"AKENEO_TIMEZONE": zone}
    with open_shop(tmp_path, products=60, tunables=tunables, timezone=zone) as shop:
        await shop.reconcile()
        edit_silently(shop, 50)
        await shop.reconcile(full=False)
        assert not alarms(shop)
        assert shop.sources() == shop.truth()


async def test_a_source_clock_behind_the_watermark_makes_the_next_sweep_full(shop: Shop) -> None:
    await shop.reconcile()
    complete_a_sweep_in_the_future(shop)
    edit_silently(shop)
    report = await shop.reconcile(full=False)
    assert report.products == 60
    assert shop.sources() == shop.truth()
    assert any("clock" in note for note in report.notes)
    assert CLOCK_ALARM not in alarms(shop)  # the full sweep set the watermark anew
    assert (await shop.reconcile(full=False)).products < 60
