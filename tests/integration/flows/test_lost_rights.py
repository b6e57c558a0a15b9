"""Rights that are lost look like deletions: nothing is deleted, and what is back is kept."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cli.views.status import list_attention
from cli.views.status_json import status_object
from flows.approval import approve_deletions
from flows.run.session import utc_now
from flows.run.threads import in_thread
from flows.sweeps.look_again import look_again_at_held
from flows.sweeps.orphans import confirm_orphans
from flows.sweeps.report import ReconcileReport
from flows.sweeps.sweep import Sweep
from pim.errors import SourceUnexpectedNotFound
from pim.ids import ProductKey
from pim.json_types import as_object
from storage.products.holds import list_holds
from tests.integration.flows.fault_scene import (
    asked,
    bring_on,
    count_anew,
    end_faults,
    some,
    toggle,
    tombstones,
)
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio

PRODUCTS = "/api/rest/v1/products-uuid"


@pytest.fixture
def one_shop(tmp_path: Path, sqlite_url: str) -> Iterator[Shop]:
    """A shop of two pages, on one database: what is shown with it concerns the source."""
    with open_shop(tmp_path, products=101, database_url=sqlite_url) as shop:
        yield shop


def lose_rights(shop: Shop) -> list[ProductKey]:
    """Of 60 products, more than the 20 that may go in an hour."""
    hidden = shop.control("rights", {"hidden_share": 0.45})["hidden"]
    assert isinstance(hidden, list)
    return [ProductKey(str(uuid)) for uuid in hidden]


def regain_rights(shop: Shop) -> None:
    shop.control("rights", {"hidden_share": 0})


def held_keys(shop: Shop) -> set[ProductKey]:
    with shop.store.read() as tx:
        return {hold.key for hold in list_holds(tx)}


async def test_lost_rights_delete_nothing_and_their_holds_end_by_themselves(shop: Shop) -> None:
    await shop.reconcile()
    filled = set(shop.exported())
    toggle(shop, some(shop, 20))
    hidden = lose_rights(shop)  # after the events, before their drain

    drained = await shop.drain()
    assert 0 < drained.total.held < len(hidden)  # those of the 20 edited ones
    for _ in range(2):
        report = await shop.reconcile()
        assert report.held == len(hidden)
        assert any("right to see them" in note for note in report.notes)

    assert set(shop.exported()) == filled
    assert tombstones(shop) == 0
    assert held_keys(shop) == set(hidden)
    shown = as_object(status_object(shop.status(), now=utc_now())["products"])
    assert shown["held_deletions"] == len(hidden)
    assert "held-deletions" in {item.name for item in list_attention(shop.status())}

    regain_rights(shop)
    report = await shop.reconcile(full=False)  # the next delta: the full sweep is far away
    assert any("withdrawn" in note for note in report.notes)
    assert not held_keys(shop)
    await shop.drain()  # the events that had been held
    assert not shop.events("held")
    assert shop.sources() == shop.truth()


async def test_rights_given_after_the_first_full_sweep_are_noticed_by_the_next_delta(
    one_shop: Shop,
) -> None:
    shop = one_shop
    hidden = lose_rights(shop)
    await shop.reconcile()
    assert len(shop.exported()) == 101 - len(hidden)
    regain_rights(shop)  # no `updated` moves
    report = await shop.reconcile(full=False)
    assert any(f"counts {len(hidden)} products more" in note for note in report.notes)
    assert shop.sources() == shop.truth()


async def test_a_full_sweep_withdraws_the_holds_of_products_that_did_not_change(
    one_shop: Shop,
) -> None:
    shop = one_shop
    await shop.reconcile()
    lose_rights(shop)
    await shop.reconcile()
    held = held_keys(shop)
    count_anew(shop)
    async with shop.session() as session:
        await look_again_at_held(Sweep(session, ReconcileReport("delta", dry_run=False)))
    assert asked(shop, "products") == 1  # of those that stay hidden nothing more is asked
    assert held_keys(shop) == held
    regain_rights(shop)
    report = await shop.reconcile()
    assert not report.has_drift
    assert not held_keys(shop)


async def test_a_drain_that_sees_a_few_absences_asks_for_their_neighbours(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    hidden = lose_rights(shop)
    regain_rights(shop)
    toggle(shop, [*hidden[:3]])
    lose_rights(shop)
    drained = await shop.drain()  # three would have been few enough for an hour
    assert drained.total.held == 3
    assert tombstones(shop) == 0
    await shop.reconcile()
    assert held_keys(shop) == set(hidden)


async def test_a_few_products_deleted_without_a_word_need_nobody(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    victims = some(shop, 2)
    toggle(shop, victims)
    for uuid in victims:
        shop.http.delete(
            f"{shop.pim_url}/_simulator/products/{uuid}", params={"silent": "true"}
        ).raise_for_status()
    await shop.drain()
    assert not held_keys(shop)
    assert shop.sources() == shop.truth()


async def test_a_person_may_delete_some_and_keep_others(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    filled = set(shop.exported())
    hidden = lose_rights(shop)
    await shop.reconcile()
    gone, kept = hidden[:2], hidden[2:4]
    approval = await approve_deletions(shop.settings, gone)
    assert sorted(approval.deleted) == sorted(gone)
    rejection = await approve_deletions(shop.settings, kept, reject=True)
    assert rejection.kept == kept
    assert set(shop.exported()) == filled - set(gone)
    assert held_keys(shop) == set(hidden[4:])
    regain_rights(shop)
    await shop.reconcile()  # a person's mistake is made good, too
    assert not held_keys(shop)
    assert shop.sources() == shop.truth()


STAGES = {
    "all of it": {"path": "/api/"},
    "a structure list": {"path": "/api/rest/v1/families"},
    "the first page": {"path": PRODUCTS},
    "a single read": {"path": f"{PRODUCTS}/"},
    "the list that proves an absence": {"path": "/api/rest/v1/channels"},
}


async def test_a_proxys_404_page_at_any_stage_deletes_nothing(one_shop: Shop) -> None:
    shop = one_shop
    await shop.reconcile()
    victim, *others = list(shop.truth())
    # Single reads are needed: of one product that is gone, and of those an index does not list.
    shop.http.delete(
        f"{shop.pim_url}/_simulator/products/{victim}", params={"silent": "true"}
    ).raise_for_status()
    shop.control("index", {"forget": others[:5]})
    for stage in [*STAGES.values(), None]:
        toggle(shop, others[5:10])
        if stage is None:  # the second page
            shop.control("answers", {"path": PRODUCTS, "status": 0, "times": 3})
        bring_on(shop, **(stage or {"path": PRODUCTS}), status=404, html=True)
        # It ends where nothing answers; where one kind of question does not, it goes on without.
        with suppress(SourceUnexpectedNotFound):
            await shop.reconcile()
        # Whom the PIM itself says to be gone may go, whatever another of its lists answers.
        assert shop.exported().keys() >= shop.truth().keys()
        assert tombstones(shop) <= 1
        end_faults(shop)
    await shop.drain()
    await shop.reconcile()
    assert tombstones(shop) == 1
    assert shop.sources() == shop.truth()


async def test_a_listing_that_lacks_very_many_is_not_whole_and_they_are_not_asked_for_one_by_one(
    one_shop: Shop,
) -> None:
    await one_shop.reconcile()
    before = one_shop.status().sweeps
    hidden = one_shop.control("rights", {"hidden_share": 1.0})["hidden"]
    assert isinstance(hidden, list)
    async with one_shop.session() as session:
        sweep = Sweep(session, ReconcileReport("full", dry_run=False))
        first = await in_thread(one_shop.store.draw_number)
        assert not await confirm_orphans(sweep, first, at_least=30)
    assert len(sweep.report.not_whole) == 1
    why = sweep.report.not_whole[0]
    assert f"lacks {len(hidden):,} products: 100 were asked for" in why
    assert f"the other {len(hidden) - 100} were not asked for" in why
    assert sweep.report.held == 100
    assert tombstones(one_shop) == 0
    assert one_shop.status().sweeps == before
    regain_rights(one_shop)
