"""What one odd answer costs, from a thing to everything: the rest goes on, and a person is told.

All on one shop: each test leaves it as the PIM is, with nothing for a person.
"""

from collections.abc import Awaitable, Iterator
from typing import TypeVar

import pytest

from pim.errors import SourceRefusesAll, SyncError
from tests.integration.flows.fault_scene import some, toggle
from tests.mirror_shop import MirrorShop
from tests.odd_play import odd_shop
from tests.shop import Shop

pytestmark = pytest.mark.anyio

R = TypeVar("R")

NEW = "00000000-0000-4000-8000-000000000001"
FIREWALL = {"does": "refuse", "status": 403, "html": True, "message": "rule 949110"}


@pytest.fixture(scope="module")
def mirror() -> Iterator[MirrorShop]:
    with odd_shop(products=12, models=0) as mirror:
        yield mirror


@pytest.fixture
def shop(mirror: MirrorShop) -> Shop:
    return mirror.shop


def standing(shop: Shop) -> dict[str, str]:
    return {need.name: need.text for need in shop.status().needs}


async def unhindered(run: Awaitable[R]) -> R:
    """A run that the oddity must not end."""
    try:
        return await run
    except SyncError as error:
        pytest.fail(f"it ended a run: {error}")


async def ends_well(shop: Shop) -> None:
    shop.evenly()
    await shop.reconcile()
    assert shop.sources() == shop.truth()
    assert standing(shop) == {}


async def test_an_item_that_spoils_every_page_is_named_and_nothing_else_suffers(
    shop: Shop,
) -> None:
    bad, *others = some(shop, 12)
    shop.oddly("products-uuid*", {"does": "refuse", "status": 500}, items=[bad])
    toggle(shop, [bad, *others], silent=True)
    # Nobody but the listing tells of this one.
    shop.control("products", {"uuid": NEW, "changes": {"enabled": True}, "silent": True})

    report = await unhindered(shop.reconcile())

    truth, stored = shop.truth(), shop.sources()
    assert [key for key in truth if stored.get(key) != truth[key]] == [bad]
    assert {key for key, _reason in report.failed} - {""} == {bad}
    assert shop.status().products.tombstones == 0
    await ends_well(shop)


async def test_a_list_that_fails_keeps_its_last_state_and_all_else_goes_on(shop: Shop) -> None:
    documents = {key: line["document"] for key, line in shop.exported().items()}
    shop.oddly("families", {"does": "refuse", "status": 500, "html": True})
    changed = some(shop, 2)
    toggle(shop, changed, silent=True)

    await unhindered(shop.reconcile())

    assert shop.sources() == shop.truth()
    after = {key: line["document"] for key, line in shop.exported().items()}
    unchanged = documents.keys() - set(changed)
    assert {key: after[key] for key in unchanged} == {key: documents[key] for key in unchanged}
    assert standing(shop).keys() == {"list-fails"}
    assert "rejected" in standing(shop)["list-fails"]
    await ends_well(shop)


async def test_a_firewall_that_refuses_every_search_slows_the_mirror_and_stops_nothing(
    shop: Shop,
) -> None:
    shop.oddly("*", FIREWALL, query={"search": None})
    first, second = some(shop, 2)
    toggle(shop, [first])
    await unhindered(shop.drain())
    drained = shop.sources() == shop.truth()
    toggle(shop, [second], silent=True)

    await unhindered(shop.reconcile())

    assert drained
    assert shop.sources() == shop.truth()
    assert "rule 949110" in standing(shop)["request-refused"]
    assert not shop.events("dead")
    await ends_well(shop)


async def test_where_every_product_is_refused_no_event_pays_for_it(shop: Shop) -> None:
    shop.oddly("products-uuid*", {"does": "refuse", "status": 422, "message": "SQLSTATE[HY000]"})
    toggle(shop, some(shop, 3))

    with pytest.raises(SourceRefusesAll, match="SQLSTATE"):
        await shop.drain()

    assert [event.attempts for event in shop.events("due")] == [0, 0, 0]
    assert "SQLSTATE" in standing(shop)["source-failing"]
    shop.evenly()
    await shop.drain()
    assert shop.sources() == shop.truth()
    assert not shop.events("dead")
