"""Listings not to be trusted: short ones, links that lead astray, a walk that is broken off."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from flows.sweeps.orphans import INDEX_ALARM
from flows.sweeps.sweep import FULL
from pim.errors import ForeignLink, InvalidAnswer, SourceError, SourceUnexpectedNotFound
from pim.json_types import JsonObject
from pim.vocabulary import Drift
from tests.integration.flows.fault_scene import (
    bring_on,
    drain_in_vain,
    end_faults,
    some,
    toggle,
    tombstones,
)
from tests.served_app import bind_loopback
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

PRODUCTS = "/api/rest/v1/products-uuid"
COUNT = 140


@pytest.fixture(scope="module")
def wide_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A filled shop of two pages; each test ends with store equal to source."""
    folder = tmp_path_factory.mktemp("wide")
    with open_shop(folder, products=COUNT) as shop:
        asyncio.run(shop.reconcile())
        yield shop


def edit_silently(shop: Shop, operations: int) -> None:
    """Changes whose deliveries are all lost."""
    shop.control("faults", {"drop": 1.0})
    shop.control("edits", {"operations": operations, "bulk": 50})
    shop.control("faults", {"drop": 0.0})


def changed_lately(shop: Shop) -> int:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    truth = shop.truth().values()
    return sum(datetime.fromisoformat(str(each["updated"])) > hour_ago for each in truth)


def deleted(exported: dict[str, JsonObject]) -> set[str]:
    return {key for key, line in exported.items() if line["deleted"]}


def alarms(shop: Shop) -> set[str]:
    return {alarm.name for alarm in shop.status().alarms}


async def test_filters_and_flags_that_a_next_link_loses_are_put_back(wide_shop: Shop) -> None:
    shop = wide_shop
    edit_silently(shop, 260)
    lost = ["search", "limit", "pagination_type", "with_completenesses", "with_attribute_options"]
    shop.control("links", {"loses": lost})
    report = await shop.reconcile(full=False)
    shop.control("links")
    assert 100 < changed_lately(shop) < len(shop.truth())
    # What changed, and then all of it: the PIM's count told of removals.
    assert report.products == changed_lately(shop) + len(shop.truth())
    assert shop.sources() == shop.truth()


async def test_a_next_link_to_another_host_ends_the_sweep_and_nobody_is_called_there(
    wide_shop: Shop,
) -> None:
    shop = wide_shop
    with bind_loopback() as elsewhere:
        elsewhere.setblocking(False)  # noqa: FBT003 - the socket's own signature
        host, port = elsewhere.getsockname()
        shop.control("links", {"host": f"http://{host}:{port}"})
        with pytest.raises(ForeignLink, match=f"another host, {host}") as caught:
            await shop.reconcile()
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert "GET api/rest/v1/products-uuid" in str(caught.value)
    assert shop.status().breaker.reason == str(caught.value)
    assert tombstones(shop) <= 20
    shop.control("links")
    await shop.reconcile()
    assert shop.sources() == shop.truth()


async def test_a_short_listing_deletes_nothing_and_is_an_alarm_until_the_index_is_rebuilt(
    wide_shop: Shop,
) -> None:
    shop = wide_shop
    before = shop.exported(tombstones=True).keys()
    shop.control("index", {"forget_share": 0.3, "seed": 5})
    edited = some(shop, 20)
    toggle(shop, edited, silent=True)
    report = await shop.reconcile()
    assert report.by_kind()[Drift.ORPHAN] == 0
    assert shop.exported(tombstones=True).keys() == before
    assert shop.sources() == shop.truth()  # those not listed were read by their own URLs
    assert INDEX_ALARM in alarms(shop)
    assert any("leaves out" in note and "pim:product:index" in note for note in report.notes)

    shop.control("index", {"rebuild": True})
    await shop.reconcile()
    assert INDEX_ALARM not in alarms(shop)


async def test_events_of_products_that_no_search_finds_are_settled_all_the_same(
    wide_shop: Shop,
) -> None:
    shop = wide_shop
    uuids = some(shop, 10)
    shop.control("index", {"forget": uuids})
    toggle(shop, uuids)
    shop.control("index", {"forget": uuids})  # a save indexes anew
    await shop.drain()
    shop.control("index", {"rebuild": True})
    assert shop.sources() == shop.truth()


async def test_an_index_that_lags_by_an_hour_hides_no_event(wide_shop: Shop) -> None:
    shop = wide_shop
    shop.control("index", {"lag_seconds": 3600})
    shop.control("edits", {"operations": 30})
    await shop.drain()
    equal = shop.sources() == shop.truth()
    shop.control("index", {"lag_seconds": 0, "rebuild": True})
    assert equal
    assert not shop.events("due")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 0, "wire": "cut"}, InvalidAnswer),
        ({"status": 404, "html": True}, SourceUnexpectedNotFound),
    ],
    ids=["a page is cut", "a proxy says 404"],
)
async def test_a_full_sweep_that_is_broken_off_keeps_its_place_and_deletes_nothing(
    wide_shop: Shop, answer: dict[str, object], kind: type[SourceError]
) -> None:
    shop = wide_shop
    before = shop.exported(tombstones=True)
    edit_silently(shop, 50)
    # What the run asks first, and the first page, are well.
    shop.control("answers", {"path": PRODUCTS, "status": 0, "times": 2})
    bring_on(shop, path=PRODUCTS, **answer)
    with pytest.raises(kind):
        await shop.reconcile()
    (sweep,) = [view for view in shop.status().sweeps if view.name == FULL]
    during = shop.exported(tombstones=True)
    end_faults(shop)
    report = await shop.reconcile()

    assert sweep.position is not None
    assert during.keys() >= before.keys()
    assert deleted(during) <= deleted(before)
    assert any("goes on where" in note for note in report.notes)
    await shop.reconcile()
    assert shop.sources() == shop.truth()


async def test_a_proxy_that_knows_nothing_through_drain_and_reconcile_deletes_nothing(
    wide_shop: Shop,
) -> None:
    shop = wide_shop
    before = shop.exported(tombstones=True)
    shop.control("edits", {"operations": 40})
    bring_on(shop, status=404, html=True)
    await drain_in_vain(shop)
    for full in (True, False):
        with pytest.raises(SourceUnexpectedNotFound):
            await shop.reconcile(full=full)
    during = shop.exported(tombstones=True)
    end_faults(shop)
    await shop.drain()
    assert during == before
    assert shop.sources() == shop.truth()
