"""What a delta finds, where it looks, and when it must not be trusted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.run.session import utc_now
from flows.sweeps.delta import DELTA, sweep_delta
from flows.sweeps.report import ReconcileReport
from flows.sweeps.sweep import CLOCK_ALARM, FILTER_ALARM, FULL, Sweep
from pim.errors import SourceServerError
from pim.vocabulary import Drift
from storage.database.store import Transaction
from storage.state.sweeps import begin_sweep, finish_sweep
from storage.state.watermarks import Watermark, read_watermark
from tests.integration.flows.fault_scene import bring_on, end_faults, some, toggle
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

PRODUCTS = "/api/rest/v1/products-uuid"
BOGOTA = "America/Bogota"  # UTC-5 all year


@pytest.fixture
def one_shop(tmp_path: Path, sqlite_url: str) -> Iterator[Shop]:
    """A small shop on one database: what is shown with it concerns the source."""
    with open_shop(tmp_path, products=20, database_url=sqlite_url) as shop:
        yield shop


class SetClock:
    """The PIM's clock, ahead of ours by what a test says."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


def alarms(shop: Shop) -> set[str]:
    return {alarm.name for alarm in shop.status().alarms}


def watermark(shop: Shop) -> Watermark:
    with shop.store.read() as tx:
        found = read_watermark(tx, [FULL, DELTA])
    assert found is not None
    return found


def edit_long_ago(shop: Shop, count: int) -> None:
    """Edits of four minutes ago whose events are all lost."""
    then = (utc_now() - timedelta(minutes=4)).isoformat(timespec="seconds")
    truth = shop.truth()
    for uuid in some(shop, count):
        changes = {"enabled": not truth[uuid]["enabled"]}
        shop.control(f"products/{uuid}", {"changes": changes, "silent": True, "updated": then})


async def test_without_a_watermark_it_compares_everything_and_says_so(one_shop: Shop) -> None:
    report = await one_shop.reconcile(full=False)
    assert one_shop.sources() == one_shop.truth()
    assert any("so this is full" in note for note in report.notes)


async def test_it_repairs_changes_whose_events_were_lost_and_reads_no_more_than_needed(
    shop: Shop,
) -> None:
    await shop.reconcile()
    edit_long_ago(shop, 10)
    report = await shop.reconcile(full=False)
    assert shop.sources() == shop.truth()
    assert report.by_kind() == {Drift.OUTDATED: 10}
    assert report.products == 10
    assert "10 changes had been made whose events never came" in report.notes
    assert not alarms(shop)


async def test_the_watermark_stays_when_the_sweep_is_not_whole(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    before = watermark(shop)
    toggle(shop, some(shop, 10), silent=True)
    shop.control("answers", {"path": PRODUCTS, "status": 0, "times": 2})
    bring_on(shop, path=PRODUCTS, status=500)
    with pytest.raises(SourceServerError):
        await shop.reconcile(full=False)
    end_faults(shop)
    assert watermark(shop) == before
    await shop.reconcile(full=False)
    assert watermark(shop).seen_until > before.seen_until
    assert shop.sources() == shop.truth()


async def test_a_resumed_delta_counts_as_seen_what_its_first_run_would_have_seen(
    tmp_path: Path, sqlite_url: str
) -> None:
    def stop(_done: int, _total: int | None, _what: str) -> None:
        raise InterruptedError  # after the first page

    with open_shop(tmp_path, products=120, database_url=sqlite_url) as shop:
        await shop.reconcile()
        before = watermark(shop)
        toggle(shop, some(shop, 105), silent=True)
        async with shop.session() as session:
            first = Sweep(session, ReconcileReport("delta", dry_run=False), progress=stop)
            with pytest.raises(InterruptedError):
                await sweep_delta(first)
        assert watermark(shop) == before
        interrupted = utc_now()
        report = await shop.reconcile(full=False)
        assert any("goes on where" in note for note in report.notes)
        assert before.seen_until < watermark(shop).seen_until < interrupted
        assert shop.sources() == shop.truth()


async def test_a_zone_by_which_a_delta_reads_more_than_needed_is_told(
    tmp_path: Path, sqlite_url: str
) -> None:
    tunables = {"AKENEO_TIMEZONE": "America/Los_Angeles"}  # further west than the PIM
    with open_shop(
        tmp_path, products=20, database_url=sqlite_url, tunables=tunables, timezone=BOGOTA
    ) as shop:
        await shop.reconcile()
        before = watermark(shop)
        toggle(shop, some(shop, 5), silent=True)
        report = await shop.reconcile(full=False)
        assert shop.sources() == shop.truth()
        assert any("as earlier than meant" in note for note in report.notes)
        assert not alarms(shop)
        assert watermark(shop).seen_until > before.seen_until


async def test_an_alarm_on_the_filter_ends_once_the_zone_is_set(
    tmp_path: Path, sqlite_url: str
) -> None:
    with open_shop(tmp_path, products=20, database_url=sqlite_url, timezone=BOGOTA) as shop:
        await shop.reconcile()
        before = watermark(shop)
        await shop.reconcile(full=False)
        assert FILTER_ALARM in alarms(shop)
        assert watermark(shop) == before
        shop.settings = replace(shop.settings, timezone=ZoneInfo(BOGOTA))
        await shop.reconcile(full=False)
        assert FILTER_ALARM not in alarms(shop)
        assert watermark(shop).seen_until > before.seen_until


async def test_where_no_product_can_tell_more_is_compared_and_the_watermark_stays(
    tmp_path: Path, sqlite_url: str
) -> None:
    with open_shop(tmp_path, products=20, database_url=sqlite_url, timezone=BOGOTA) as shop:
        await shop.reconcile()
        before = watermark(shop)
        toggle(shop, some(shop, 20), silent=True)  # each of them was edited just now
        report = await shop.reconcile(full=False)
        assert shop.sources() == shop.truth()
        assert any("could tell" in note for note in report.notes)
        assert watermark(shop) == before


async def test_a_pim_that_names_products_by_identifier_is_probed_too(
    tmp_path: Path, sqlite_url: str
) -> None:
    with open_shop(
        tmp_path, products=20, database_url=sqlite_url, identifier_only=True, timezone=BOGOTA
    ) as shop:
        await shop.reconcile()
        await shop.reconcile(full=False)
        assert FILTER_ALARM in alarms(shop)
        shop.settings = replace(shop.settings, timezone=ZoneInfo(BOGOTA))
        before = watermark(shop)
        await shop.reconcile(full=False)
        assert not alarms(shop)
        assert watermark(shop).seen_until > before.seen_until


async def test_a_source_clock_behind_the_watermark_makes_the_next_sweep_full(
    tmp_path: Path, sqlite_url: str
) -> None:
    clock = SetClock()
    with open_shop(tmp_path, products=20, database_url=sqlite_url, clock=clock) as shop:
        await shop.reconcile()
        clock.ahead = timedelta(hours=1)
        await shop.reconcile(full=False)
        clock.ahead = timedelta(0)
        toggle(shop, some(shop, 10), silent=True)
        report = await shop.reconcile(full=False)
        assert report.products == 20
        assert shop.sources() == shop.truth()
        assert any("clock" in note for note in report.notes)
        assert CLOCK_ALARM not in alarms(shop)  # the full sweep set the watermark anew
        assert (await shop.reconcile(full=False)).products < 20


async def test_clocks_of_nodes_that_differ_by_a_minute_hide_no_edit(
    tmp_path: Path, sqlite_url: str
) -> None:
    tunables = {"SYNC_OVERLAP_SECONDS": "0"}
    with open_shop(tmp_path, products=20, database_url=sqlite_url, tunables=tunables) as shop:
        await shop.reconcile()
        shop.control("clock", {"skew_seconds": 60})
        for uuid in some(shop, 6):
            toggle(shop, [uuid], silent=True)
            await shop.reconcile(full=False)
            assert shop.sources() == shop.truth()
        assert not alarms(shop) & {CLOCK_ALARM, FILTER_ALARM}


async def test_an_index_that_lags_by_the_overlap_hides_no_edit(
    tmp_path: Path, sqlite_url: str
) -> None:
    clock = SetClock()
    with open_shop(tmp_path, products=20, database_url=sqlite_url, clock=clock) as shop:
        await shop.reconcile()
        shop.control("index", {"lag_seconds": 300})
        toggle(shop, some(shop, 5), silent=True)
        await shop.reconcile(full=False)
        assert shop.sources() != shop.truth()  # not to be seen yet
        clock.ahead = timedelta(seconds=301)
        await shop.reconcile(full=False)
        assert shop.sources() == shop.truth()


def begin_as_another(shop: Shop, name: str) -> None:
    """Another run is at this sweep."""
    number, now = shop.store.draw_number(), utc_now()

    def begin(tx: Transaction) -> None:
        lease = timedelta(seconds=60)
        begin_sweep(tx, name=name, holder="other", first_number=number, source_now=now, lease=lease)

    shop.store.run(begin)


async def test_before_the_first_full_sweep_is_over_a_delta_leaves_the_work_to_it(
    one_shop: Shop,
) -> None:
    begin_as_another(one_shop, FULL)
    report = await one_shop.reconcile(full=False)
    assert any("left to the full sweep" in note for note in report.notes)
    finish = {"name": FULL, "holder": "other", "watermark": utc_now()}
    one_shop.store.run(lambda tx: finish_sweep(tx, **finish))  # type: ignore[arg-type]
    report = await one_shop.reconcile(full=False)
    assert not any("no full sweep" in note for note in report.notes)
    assert one_shop.sources() == one_shop.truth()  # the PIM's count told that the other lied
