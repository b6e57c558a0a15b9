"""Sweeps find what no event told of models: changes, deletions, moves."""

from pathlib import Path

import pytest

from flows.sweeps.by_key import UnknownProduct
from pim.vocabulary import CatalogKind, Drift
from tests.integration.flows.model_scene import (
    delete_model,
    model_events,
    models_of,
    name_of,
    rename_model,
    root_of,
    stored_models,
    subs_of,
    variants_of,
)
from tests.shop import Shop, open_shop

pytestmark = pytest.mark.anyio


def assert_true(shop: Shop) -> None:
    assert shop.sources() == shop.truth()
    assert stored_models(shop) == models_of(shop)


async def test_a_full_sweep_mirrors_every_model_whole(model_shop: Shop) -> None:
    report = await model_shop.reconcile()
    assert not report.has_drift
    assert_true(model_shop)


async def test_a_lost_event_of_a_model_is_made_up_for_by_the_next_delta(model_shop: Shop) -> None:
    """Its variants come with an `updated` older than the watermark, and are not discarded."""
    code = root_of(model_shop, levels=2)
    rename_model(model_shop, code, "Nobody was told", silent=True)
    report = await model_shop.reconcile(full=False)
    variants = variants_of(model_shop, code)
    assert {name_of(model_shop.sources()[uuid]) for uuid in variants} == {"Nobody was told"}
    assert report.by_kind()[Drift.DIFFERENT] == len(variants)
    assert report.structure[CatalogKind.PRODUCT_MODEL] >= 1
    assert model_events(model_shop) == []
    assert_true(model_shop)


async def test_a_lost_event_is_made_up_for_by_a_full_sweep_and_told_by_a_dry_run(
    model_shop: Shop,
) -> None:
    code = root_of(model_shop, levels=1)
    rename_model(model_shop, code, "Told by a dry run", silent=True)
    before = stored_models(model_shop)
    dry = await model_shop.reconcile(dry_run=True)
    assert dry.structure[CatalogKind.PRODUCT_MODEL] == 1
    assert stored_models(model_shop) == before
    wet = await model_shop.reconcile()
    assert wet.structure == dry.structure
    assert wet.by_kind() == dry.by_kind()
    assert_true(model_shop)


async def test_a_removed_model_whose_event_was_lost_goes_with_the_next_full_sweep(
    model_shop: Shop,
) -> None:
    code = root_of(model_shop, levels=2)
    subs, variants = subs_of(model_shop, code), variants_of(model_shop, code)
    delete_model(model_shop, code, silent=True)
    dry = await model_shop.reconcile(dry_run=True)
    assert dry.structure[CatalogKind.PRODUCT_MODEL] == 1 + len(subs)
    report = await model_shop.reconcile()
    assert report.structure[CatalogKind.PRODUCT_MODEL] == 1 + len(subs)
    assert report.by_kind()[Drift.ORPHAN] == len(variants)
    assert_true(model_shop)


async def test_one_model_is_reconciled_by_its_code_with_all_its_variants(
    model_shop: Shop,
) -> None:
    code = root_of(model_shop, levels=1)
    other = root_of(model_shop, levels=2)
    variants = variants_of(model_shop, code)
    rename_model(model_shop, code, "By its code", silent=True)
    rename_model(model_shop, other, "Not asked for", silent=True)
    gone = variants.pop()
    url = f"{model_shop.pim_url}/_simulator/products/{gone}"
    model_shop.http.delete(url, params={"silent": "true"}).raise_for_status()
    dry = await model_shop.reconcile(key=code.swapcase(), dry_run=True)
    assert dry.by_kind() == {Drift.DIFFERENT: len(variants), Drift.ORPHAN: 1}
    report = await model_shop.reconcile(key=code.swapcase())
    assert report.by_kind() == dry.by_kind()
    assert report.structure == dry.structure == {CatalogKind.PRODUCT_MODEL: 1}
    assert {name_of(model_shop.sources()[uuid]) for uuid in variants} == {"By its code"}
    assert gone not in model_shop.sources()
    assert stored_models(model_shop)[other] != models_of(model_shop)[other]
    await model_shop.reconcile()
    assert_true(model_shop)


async def test_a_name_that_neither_product_nor_model_has_is_unknown(model_shop: Shop) -> None:
    with pytest.raises(UnknownProduct, match="no-such"):
        await model_shop.reconcile(key="no-such")


async def test_variants_of_many_models_that_vanish_at_once_are_held(tmp_path: Path) -> None:
    """Lost rights look so: what nobody announced waits for a person, as a whole."""
    with open_shop(tmp_path, products=5, models=12) as shop:
        await shop.reconcile()
        live = shop.sources().keys()
        for code, model in models_of(shop).items():
            if model["parent"] is None:
                delete_model(shop, code, silent=True)
        report = await shop.reconcile()
        assert shop.sources().keys() == live
        assert report.held > 20
