"""Product models and variants: what they inherit and show, and which values they keep."""

import pytest

from pim.json_types import JsonObject, as_object
from simulator.edits.editor import EventAction
from simulator.errors import ApiError
from simulator.render.view import Flavour, View
from simulator.shop.product import ProductModel
from simulator.store.inheritance import find_levels
from tests.unit.simulator.model_pim import FULL, a_shop, body, model_of, roots, text, variant_of
from tests.unit.simulator.small_pim import JULIA, a_small_pim


def test_without_models_the_shop_is_what_it_was() -> None:
    plain, with_models = a_small_pim(30), a_shop()
    simple = [each for each in with_models.products() if each.parent is None]

    assert [each.uuid for each in plain.products()] == [each.uuid for each in simple]
    assert len(with_models.products()) > len(simple)
    assert not plain.simulation.structure.every("family-variants")


def test_every_attribute_of_a_family_is_kept_at_one_level() -> None:
    pim = a_shop(60)
    for model in pim.simulation.database.models:
        levels = find_levels(pim.simulation.structure, model.family, model.family_variant)
        assert levels is not None
        assert sum(map(len, levels.attributes)) == len(frozenset().union(*levels.attributes))
        assert model.values.keys() <= levels.of_model(model)
    assert {len(roots(pim, 1)) > 0, len(roots(pim, 2)) > 0} == {True}


def test_a_variant_shows_what_its_models_have_and_when_it_was_changed_itself() -> None:
    pim = a_shop()
    root = roots(pim, 2)[0]
    variant = variant_of(pim, root)
    sub = model_of(pim, str(variant.parent))
    assert sub.parent == root.code

    shown = body(pim, variant)

    own = {"sku"} if variant.identifier else set()
    assert as_object(shown["values"]).keys() == {
        *(variant.values or {}),
        *sub.values,
        *root.values,
        *own,
    }
    categories = {*variant.categories, *sub.categories, *root.categories}
    assert shown["categories"] == sorted(categories)
    assert (shown["parent"], shown["family"]) == (sub.code, root.family)
    assert str(shown["updated"]) == str(
        pim.simulation.renderer.body(variant, View(Flavour.UUID))["updated"]
    )


def test_a_sub_model_shows_the_values_of_its_root() -> None:
    pim = a_shop()
    root = roots(pim, 2)[0]
    sub = pim.simulation.database.models.subs(root.code)[0]

    shown = pim.simulation.renderer.models.body(sub)

    assert as_object(shown["values"]).keys() == {*root.values, *sub.values}
    assert shown["parent"] == root.code


@pytest.mark.parametrize("depth", [1, 2])
def test_a_models_change_shows_in_its_variants_at_once_and_moves_no_instant_of_theirs(
    depth: int,
) -> None:
    pim = a_shop()
    root = roots(pim, depth)[0]
    variant = variant_of(pim, root)
    before = pim.simulation.renderer.encoded(variant, FULL)

    event = pim.editor.change_model(root, text("Another name"), JULIA)

    assert event is not None
    assert (event.action, event.code) == (EventAction.MODEL_UPDATED, root.code)
    after = pim.simulation.renderer.encoded(pim.reread(variant), FULL)
    assert before != after
    assert b"Another name" in after
    assert pim.reread(variant).updated == variant.updated
    assert model_of(pim, root.code).updated == int(pim.clock().timestamp())


def test_a_save_that_changes_nothing_of_a_model_is_silent() -> None:
    pim = a_shop()
    root = roots(pim, 1)[0]
    same: JsonObject = {"categories": [*root.categories], "values": {**_lists(root)}}

    assert pim.editor.change_model(root, same, JULIA) is None
    assert model_of(pim, root.code) is root


def _lists(model: ProductModel) -> JsonObject:
    return {code: [*entries] for code, entries in model.values.items()}


def test_the_index_compares_the_latest_instant_of_a_variant_and_its_models() -> None:
    pim = a_shop()
    root = roots(pim, 2)[0]
    pim.editor.change_model(root, text("Another name"), JULIA)
    now = int(pim.clock().timestamp())

    index, models = pim.simulation.index, pim.simulation.database.models
    for uuid in models.all_variants(root.code):
        entry = index.entry(uuid)
        assert entry is not None
        assert entry.inherited_updated == now > entry.updated
    sub = pim.simulation.model_index.entry(models.subs(root.code)[0].key)
    assert sub is not None
    assert sub.inherited_updated == now > sub.updated


def test_a_value_of_another_level_is_refused_unless_it_is_the_inherited_one() -> None:
    pim = a_shop()
    root = roots(pim, 1)[0]
    variant = variant_of(pim, root)

    assert pim.change(variant, {"values": {"name": [*root.values["name"]]}}) is variant
    with pytest.raises(ApiError, match="not in the attribute set"):
        pim.change(variant, text("Own name"))
    with pytest.raises(ApiError, match="not in the attribute set"):
        pim.editor.change_model(root, {"values": {"ean": [_plain("4")]}}, JULIA)


def _plain(data: str) -> JsonObject:
    return {"data": data, "locale": None, "scope": None}


@pytest.mark.parametrize(
    "changes",
    [
        {"parent": "no such"},
        {"family": "lamps"},
        {"family_variant": "lamps_by_color"},
        {"enabled": False},
        {"associations": {"PACK": {"product_models": ["no such"]}}},
    ],
)
def test_what_a_model_cannot_be_is_refused(changes: JsonObject) -> None:
    pim = a_shop()
    model = next(each for each in roots(pim, 1) if each.family != "lamps")
    with pytest.raises(ApiError):
        pim.editor.change_model(model, changes, JULIA)
