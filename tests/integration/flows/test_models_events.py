"""One event of a product model brings all that hangs below it up to the source."""

import pytest

from pim.json_types import as_list, as_object
from storage.views.history import read_history
from tests.integration.flows.model_scene import (
    calls_of_a_drain,
    change_model,
    delete_model,
    document,
    model_events,
    models_of,
    name_of,
    rename_model,
    root_of,
    stored_models,
    subs_of,
    tell,
    variants_of,
)
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def test_inherited_values_follow_within_one_drain_though_updated_stands_still(
    model_shop: Shop,
) -> None:
    code = root_of(model_shop, levels=2)
    before = {uuid: model_shop.truth()[uuid]["updated"] for uuid in variants_of(model_shop, code)}
    rename_model(model_shop, code, "Renamed by its model")
    await model_shop.drain()
    sources = model_shop.sources()
    for uuid, updated in before.items():
        assert name_of(sources[uuid]) == "Renamed by its model"
        assert sources[uuid]["updated"] == updated
    state, reason = model_events(model_shop)[0]
    assert state == "applied"
    assert reason == f"model read; {len(before)} variants: {len(before)} updated"
    assert sources == model_shop.truth()
    assert model_shop.status().products.marks_open == 0  # nobody waits for a rendering any more


async def test_inherited_categories_and_associations_follow(model_shop: Shop) -> None:
    code = root_of(model_shop, levels=1)
    other = next(uuid for uuid, it in model_shop.truth().items() if it["parent"] is None)
    named = {"UPSELL": {"products": [model_shop.truth()[other]["uuid"]]}}
    category = next(
        it for each in model_shop.truth().values() for it in as_list(each["categories"])
    )
    change_model(model_shop, code, categories=[category], associations=named)
    await model_shop.drain()
    assert model_shop.sources() == model_shop.truth()
    for uuid in variants_of(model_shop, code):
        shown = model_shop.sources()[uuid]
        assert category in as_list(shown["categories"])
        assert other in str(as_object(shown["associations"])["UPSELL"])


async def test_a_deleted_model_takes_its_sub_models_and_variants_along_by_one_event(
    model_shop: Shop,
) -> None:
    code = root_of(model_shop, levels=2)
    subs, variants = subs_of(model_shop, code), variants_of(model_shop, code)
    delete_model(model_shop, code)
    await model_shop.drain()
    assert model_shop.sources() == model_shop.truth()
    stones = model_shop.exported(tombstones=True)
    assert all(stones[uuid]["deleted"] for uuid in variants)
    assert stored_models(model_shop).keys() == models_of(model_shop).keys()
    assert not stored_models(model_shop).keys() & {code, *subs}
    state, reason = model_events(model_shop)[0]
    assert (state, reason.split(";")[1]) == (
        "gone",
        f" {len(variants)} variants: {len(variants)} deleted",
    )
    with model_shop.store.read() as tx:
        changes = [each for key in variants for each in read_history(tx, key)[0].changes]
    assert {c.cause for c in changes if c.op == "deleted"} == {f"event of model {code}"}


async def test_a_late_removal_of_a_model_that_was_made_again_deletes_nothing(
    model_shop: Shop,
) -> None:
    code = root_of(model_shop, levels=1)
    shown = models_of(model_shop)[code]
    old = variants_of(model_shop, code)
    delete_model(model_shop, code, silent=True)
    kept = ("family_variant", "values", "categories")
    change_model(model_shop, code, silent=True, **{name: shown[name] for name in kept})
    body = {"changes": {"parent": code}, "silent": True}
    new = str(model_shop.control("products", body)["uuid"])
    tell(model_shop, "product_model.removed", code)
    await model_shop.drain()
    assert model_shop.sources() == model_shop.truth()
    assert code in stored_models(model_shop)
    assert new in model_shop.sources()
    assert not set(old) & set(model_shop.sources())
    assert model_events(model_shop)[0][0] == "applied"


async def test_a_sub_model_that_moves_takes_the_root_of_its_variants_along(
    model_shop: Shop,
) -> None:
    models = models_of(model_shop)
    old = root_of(model_shop, levels=2)
    new = next(
        code
        for code, model in models.items()
        if model["parent"] is None
        and code != old
        and model["family_variant"] == models[old]["family_variant"]
    )
    sub = next(code for code in subs_of(model_shop, old) if variants_of(model_shop, code))
    change_model(model_shop, sub, parent=new)
    await model_shop.drain()
    assert model_shop.sources() == model_shop.truth()
    for uuid in variants_of(model_shop, sub):
        assert document(model_shop, uuid)["root"] == new


async def test_a_variant_turns_simple_and_back(model_shop: Shop) -> None:
    code = root_of(model_shop, levels=1)
    variant = variants_of(model_shop, code)[0]
    model_shop.control(f"products/{variant}", {"changes": {"parent": None}})
    await model_shop.drain()
    assert document(model_shop, variant)["parent"] is None
    assert document(model_shop, variant)["root"] is None
    assert model_shop.sources() == model_shop.truth()
    model_shop.control(f"products/{variant}", {"changes": {"parent": code}})
    await model_shop.drain()
    assert document(model_shop, variant)["root"] == code
    assert model_shop.sources() == model_shop.truth()


async def test_a_variants_own_event_in_the_chunk_is_settled_by_its_models_read(
    model_shop: Shop,
) -> None:
    code = root_of(model_shop, levels=1)
    variant = variants_of(model_shop, code)[0]
    model_shop.control(f"products/{variant}", {"changes": {"enabled": False}})
    rename_model(model_shop, code, "With an event of its own")
    rename_model(model_shop, code, "Twice renamed")
    calls = await calls_of_a_drain(model_shop)
    assert {(event.action, event.state) for event in model_shop.events()[:3]} == {
        ("product.updated", "applied"),
        ("product_model.updated", "applied"),
        ("product_model.updated", "coalesced"),
    }
    assert calls == {"product-models": 1, "products-uuid": 1}
    assert model_shop.sources() == model_shop.truth()
