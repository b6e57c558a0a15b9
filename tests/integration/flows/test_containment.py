"""One odd thing costs only itself: what the wire does is played, and everything else goes on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.run.refused_kinds import REFUSED_ALARM
from flows.sweeps.doubts.failing_lists import LISTS_ALARM
from pim.errors import SourceRefusesAll
from pim.json_types import as_object
from tests.integration.flows.fault_scene import drain_in_vain, some, toggle
from tests.integration.flows.model_scene import model_events, rename_model, root_of
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

LIST, SINGLE, BOTH = "products-uuid", "products-uuid/*", "products-uuid*"
FIREWALL = {"does": "refuse", "status": 403, "html": True}


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A filled shop of two pages, with models."""
    with open_shop(tmp_path_factory.mktemp("wide"), products=120, models=5) as shop:
        asyncio.run(shop.reconcile())
        yield shop


@pytest.fixture
def shop(wide: Shop) -> Iterator[Shop]:
    """Each test begins with store equal to source, and ends its oddities."""
    yield wide
    wide.evenly()
    wide.make_due()


async def is_whole_again(shop: Shop) -> bool:
    """After the oddity: one full sweep makes store equal source, and all alarms end."""
    shop.evenly()
    shop.make_due()
    await shop.drain()
    await shop.reconcile()
    await shop.drain()
    return shop.sources() == shop.truth() and not shop.alarms()


@pytest.mark.parametrize(
    "spoilt",
    [
        {"does": "refuse", "status": 500},
        {"does": "raw", "at": "enabled", "text": "NaN"},
        {"does": "wire", "wire": "closed"},
    ],
    ids=["500", "NaN", "closed"],
)
async def test_a_product_that_spoils_its_pages_costs_no_other(
    shop: Shop, spoilt: dict[str, object]
) -> None:
    bad, edited, gone = some(shop, 3)
    toggle(shop, [bad, edited], silent=True)
    shop.http.delete(f"{shop.pim_url}/_simulator/products/{gone}?silent=true").raise_for_status()
    shop.oddly(LIST, spoilt, items=[bad])
    shop.oddly(f"products-uuid/{bad}", {"does": "refuse", "status": 500})
    report = await shop.reconcile()
    assert [key for key, _ in report.failed] == [bad]
    assert shop.status().breaker.failing_since is None
    assert not report.not_whole
    stored, truth = shop.sources(), shop.truth()
    assert stored.keys() == truth.keys()
    assert {key for key in truth if stored[key] != truth[key]} == {bad}
    shop.evenly()
    await shop.reconcile(full=False)  # what was left out is looked at again
    assert shop.sources() == shop.truth()


async def test_a_listing_in_a_circle_is_walked_to_its_end_and_named(tmp_path: Path) -> None:
    with open_shop(tmp_path, products=220) as shop:
        shop.oddly(LIST, "circle", page=2)
        report = await shop.reconcile()
        assert shop.sources() == shop.truth()
        assert any("leads back" in note for note in report.notes)


async def test_a_product_twice_on_a_page_is_one_product(tmp_path: Path) -> None:
    with open_shop(tmp_path, products=20) as shop:
        bad = next(iter(shop.truth()))
        shop.oddly(LIST, "double", items=[bad])
        report = await shop.reconcile()
        assert (report.products, shop.sources() == shop.truth()) == (20, True)
        toggle(shop, [bad])
        await shop.drain()
        assert shop.sources() == shop.truth()


@pytest.mark.parametrize("status", [423, 406])
async def test_where_everything_is_refused_no_event_pays(shop: Shop, status: int) -> None:
    toggle(shop, some(shop, 5))
    refusal = {"does": "refuse", "status": status, "html": status == 406}
    shop.oddly(LIST, refusal, query={"search": None})
    shop.oddly(SINGLE, refusal)
    failed = await drain_in_vain(shop)
    assert isinstance(failed.error, SourceRefusesAll)
    assert f"status {status}" in str(shop.status().breaker.reason)
    assert {event.attempts for event in shop.events("due")} == {0}
    assert await is_whole_again(shop)
    assert shop.status().breaker.failing_since is None


async def test_a_firewall_that_lets_no_search_through_stops_neither_drains_nor_sweeps(
    shop: Shop,
) -> None:
    edited, silent = some(shop, 2)
    shop.oddly("*", FIREWALL, query={"search": None})
    toggle(shop, [edited])
    rename_model(shop, root_of(shop, levels=1), "Behind a firewall")
    await shop.drain()
    assert shop.sources() == shop.truth()
    (alarm,) = (each for each in shop.alarms() if each.name == REFUSED_ALARM)
    assert "status 403: <" in alarm.text
    assert "support id" in alarm.text
    assert "each product is read by its own URL" in alarm.text
    toggle(shop, [silent], silent=True)
    await shop.reconcile()
    assert shop.sources() == shop.truth()
    await shop.reconcile(full=False)
    assert await is_whole_again(shop)


async def test_where_a_models_variants_cannot_be_searched_for_its_event_is_applied(
    shop: Shop,
) -> None:
    shop.oddly(LIST, {"does": "refuse", "status": 422}, search={"field": "parent", "operator": "="})
    rename_model(shop, root_of(shop, levels=1), "Without the filter")
    await shop.drain()
    state, reason = model_events(shop)[0]
    assert state == "applied"
    assert "new variants cannot be listed, a delta finds them" in reason
    assert shop.sources() == shop.truth()
    rename_model(shop, root_of(shop, levels=1), "With it")
    assert await is_whole_again(shop)


@pytest.mark.parametrize(
    "odd",
    [
        {"does": "refuse", "status": 404, "html": True},
        {"does": "set", "at": "_embedded.items", "to": 7},
    ],
    ids=["404", "shape"],
)
async def test_a_list_of_the_structure_that_fails_keeps_its_state_and_stops_nothing(
    shop: Shop, odd: dict[str, object]
) -> None:
    (edited,) = some(shop, 1)
    toggle(shop, [edited], silent=True)
    shop.oddly("families", odd)
    documents = {key: each["document"] for key, each in shop.exported().items()}
    await shop.reconcile()
    assert shop.sources() == shop.truth()
    (alarm,) = (each for each in shop.alarms() if each.name == LISTS_ALARM)
    assert "family since" in alarm.text
    families = {key: as_object(each)["family"] for key, each in documents.items()}
    now = {key: as_object(each["document"])["family"] for key, each in shop.exported().items()}
    assert now == families
    assert await is_whole_again(shop)


async def test_a_list_in_another_envelope_is_read_as_meant(shop: Shop) -> None:
    shop.oddly("measurement-families", "enveloped")
    shop.oddly("currencies", "bare")
    await shop.reconcile()
    assert not shop.alarms()
    assert shop.sources() == shop.truth()
