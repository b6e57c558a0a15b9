"""What a full reconcile finds and repairs, and what it must not do."""

from pathlib import Path

import pytest

from flows.approval import approve_deletions
from flows.sweeps.by_key import UnknownProduct
from pim.errors import SourceError
from pim.ids import ProductKey
from pim.vocabulary import Drift
from storage.products.holds import list_holds
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio


def remove_silently(shop: Shop, uuid: str) -> None:
    shop.http.delete(
        f"{shop.pim_url}/_simulator/products/{uuid}", params={"silent": "true"}
    ).raise_for_status()


def held_keys(shop: Shop) -> list[ProductKey]:
    with shop.store.read() as tx:
        return [hold.key for hold in list_holds(tx)]


async def test_an_empty_store_is_filled_with_sources_and_documents(shop: Shop) -> None:
    report = await shop.reconcile()
    assert report.by_kind() == {Drift.MISSING: 60}
    assert shop.sources() == shop.truth()
    document = next(
        line["document"]
        for line in shop.exported().values()
        if line["source"]["family"]  # type: ignore[index,call-overload]
    )
    assert document["family"]["labels"]  # type: ignore[index,call-overload]


async def test_a_second_reconcile_finds_no_drift(shop: Shop) -> None:
    await shop.reconcile()
    report = await shop.reconcile(dry_run=True)
    assert not report.has_drift
    assert report.products == 60


async def test_a_dry_run_reports_and_repairs_nothing(shop: Shop) -> None:
    await shop.reconcile()
    before = shop.exported()
    changed, removed = list(shop.truth())[:2]
    shop.control(f"products/{changed}", {"changes": {"enabled": False}, "silent": True})
    remove_silently(shop, removed)
    report = await shop.reconcile(dry_run=True)
    assert report.by_kind()[Drift.ORPHAN] == 1
    assert report.has_drift
    assert shop.exported() == before


async def test_an_orphan_is_confirmed_and_becomes_a_tombstone(shop: Shop) -> None:
    await shop.reconcile()
    uuid = next(iter(shop.truth()))
    remove_silently(shop, uuid)
    report = await shop.reconcile()
    assert report.by_kind()[Drift.ORPHAN] == 1
    assert uuid not in shop.exported()


async def test_products_that_a_damaged_index_does_not_list_stay(shop: Shop) -> None:
    await shop.reconcile()
    shop.control("index", {"forget": list(shop.truth())[:30]})
    report = await shop.reconcile()
    assert report.by_kind()[Drift.ORPHAN] == 0
    assert shop.sources() == shop.truth()


async def test_more_deletions_than_an_hour_allows_wait_for_a_person(shop: Shop) -> None:
    await shop.reconcile()
    for uuid in list(shop.truth())[:30]:
        remove_silently(shop, uuid)
    report = await shop.reconcile()
    assert report.held == 30  # 20 are allowed whatever the share; of more, none is more likely
    assert len(shop.exported()) == 60
    approval = await approve_deletions(shop.settings, held_keys(shop))
    assert len(approval.deleted) == 30
    assert shop.sources() == shop.truth()
    assert not held_keys(shop)


async def test_a_rejected_deletion_keeps_the_product(shop: Shop) -> None:
    await shop.reconcile()
    for uuid in list(shop.truth())[:25]:
        remove_silently(shop, uuid)
    await shop.reconcile()
    held = held_keys(shop)
    await approve_deletions(shop.settings, held, reject=True)
    assert not held_keys(shop)
    assert shop.exported().keys() >= set(held)


async def test_approval_reads_again_and_keeps_what_is_back(shop: Shop) -> None:
    await shop.reconcile()
    for uuid in list(shop.truth())[:25]:
        remove_silently(shop, uuid)
    await shop.reconcile()
    held = held_keys(shop)
    shop.control(f"products/{held[0]}/restore", {"silent": True})
    approval = await approve_deletions(shop.settings, held)
    assert approval.still_there == [held[0]]
    assert held[0] in shop.exported()


async def test_a_changed_label_is_rendered_again_without_reading_products(shop: Shop) -> None:
    await shop.reconcile()
    family = next(p["family"] for p in shop.truth().values() if p["family"])
    shop.control(f"structure/families/{family}", {"changes": {"labels": {"en_US": "Renamed"}}})
    report = await shop.reconcile()
    assert report.rendered > 0
    labels = [
        line["document"]["family"]["labels"]["en_US"]  # type: ignore[index,call-overload]
        for line in shop.exported().values()
        if line["source"]["family"] == family  # type: ignore[index,call-overload]
    ]
    assert set(labels) == {"Renamed"}


async def test_an_interrupted_sweep_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with open_shop(tmp_path, products=250) as shop:
        await interrupt_a_sweep(shop)
        assert 0 < len(shop.exported()) < 250
        report = await shop.reconcile()
        assert any("goes on where" in note for note in report.notes)
        assert shop.sources() == shop.truth()


async def interrupt_a_sweep(shop: Shop) -> None:
    products = "/api/rest/v1/products-uuid"
    # What the run asks first (twice), and the first page, are only delayed; the second page fails.
    shop.control("answers", {"path": products, "status": 0, "times": 3})
    shop.control("answers", {"path": products, "status": 500, "times": None})
    with pytest.raises(SourceError):
        await shop.reconcile()
    shop.http.delete(f"{shop.pim_url}/_simulator/answers").raise_for_status()


async def test_one_product_is_reconciled_by_identifier_in_any_case(shop: Shop) -> None:
    await shop.reconcile()
    uuid, identifier = next(
        (key, str(line["identifier"]))
        for key, line in shop.exported().items()
        if line["identifier"]
    )
    shop.control(f"products/{uuid}", {"changes": {"enabled": False}, "silent": True})
    report = await shop.reconcile(key=identifier.lower())
    assert report.repaired == 1
    assert shop.sources()[uuid]["enabled"] is False


async def test_a_key_nobody_knows_is_said_to_be_unknown(shop: Shop) -> None:
    with pytest.raises(UnknownProduct, match="no-such-sku"):
        await shop.reconcile(key="no-such-sku")
