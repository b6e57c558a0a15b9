"""Deletions, moves, two-way associations, backups and random edits of models and variants."""

import random
from collections import Counter

from pim.json_types import JsonObject, as_object
from simulator.edits.editor import AuthorType, EventAction
from simulator.edits.sessions import EditSessions
from simulator.shop.product import ProductModel
from tests.unit.simulator.model_pim import a_shop, body, model_of, roots, text, variant_of
from tests.unit.simulator.small_pim import JULIA


def test_a_models_deletion_takes_all_below_it_along_and_out_of_associations() -> None:
    pim = a_shop()
    root, other = roots(pim, 2)[0], roots(pim, 1)[0]
    variant = variant_of(pim, root)
    simple = next(each for each in pim.products() if each.parent is None)
    link: JsonObject = {
        "associations": {"PACK": {"products": [variant.uuid], "product_models": [root.code]}},
        "quantified_associations": {
            "PRODUCT_SET": {"product_models": [{"code": root.code, "quantity": 2}]}
        },
    }
    simple = pim.change(simple, link)
    pim.editor.change_model(other, link, JULIA)
    database = pim.simulation.database
    below = [*database.models.all_variants(root.code)]
    subs = [sub.code for sub in database.models.subs(root.code)]

    event = pim.editor.remove_model(root, JULIA)

    assert event is not None
    assert (event.action, event.code) == (EventAction.MODEL_REMOVED, root.code)
    assert not any(map(database.get, below))
    assert not any(map(database.models.get, [root.code, *subs]))
    assert not {*below} & {*pim.simulation.index.keys()}
    assert pim.simulation.model_index.entry(root.key) is None
    for entity in (pim.reread(simple), model_of(pim, other.code)):
        assert "PACK" not in {*entity.associations, *entity.linked_models}
        assert root.code not in dict(entity.quantified_models.get("PRODUCT_SET", ()))
    assert pim.reread(simple).updated == simple.updated


def test_a_variant_moved_to_another_model_inherits_from_that_one() -> None:
    pim = a_shop(40)
    one, other = same_variant(roots(pim, 1))
    variant = variant_of(pim, one)

    moved = pim.change(variant, {"parent": other.code.swapcase()})

    assert moved.parent == other.code
    assert as_object(body(pim, moved)["values"])["name"] == other.values["name"]
    assert moved.values == variant.values
    assert moved.uuid not in pim.simulation.database.models.all_variants(one.code)


def same_variant(models: list[ProductModel]) -> tuple[ProductModel, ProductModel]:
    counts = Counter(model.family_variant for model in models)
    most = counts.most_common(1)[0][0]
    first, second, *_ = (model for model in models if model.family_variant == most)
    return first, second


def test_a_sub_model_moved_to_another_root_takes_its_variants_along() -> None:
    pim = a_shop(40)
    one, other = same_variant(roots(pim, 2))
    sub = pim.simulation.database.models.subs(one.code)[0]
    variant = variant_of(pim, sub)

    event = pim.editor.change_model(sub, {"parent": other.code}, JULIA)

    assert event is not None
    assert event.code == sub.code
    assert as_object(body(pim, variant)["values"])["name"] == other.values["name"]
    entry = pim.simulation.index.entry(variant.uuid)
    assert entry is not None
    assert entry.ancestors == (sub.code, other.code)


def test_a_variant_turned_simple_keeps_what_it_inherited() -> None:
    pim = a_shop()
    root = roots(pim, 2)[0]
    variant = variant_of(pim, root)
    before = body(pim, variant)

    simple = pim.change(variant, {"parent": None})
    pim.editor.change_model(root, text("Not for this one"), JULIA)

    after = body(pim, simple)
    assert after["parent"] is None
    for name in ("values", "categories", "associations", "quantified_associations"):
        assert after[name] == before[name]
    assert simple.uuid not in pim.simulation.database.models.all_variants(root.code)


def test_a_simple_product_turned_variant_keeps_the_values_of_its_level_alone() -> None:
    pim = a_shop()
    root = roots(pim, 1)[0]
    variant = variant_of(pim, root)
    simple = pim.change(variant, {"parent": None})

    again = pim.change(simple, {"parent": root.code})

    assert again.values == variant.values
    assert again.parent == root.code


def test_a_category_or_association_that_is_inherited_is_not_kept_twice() -> None:
    pim = a_shop()
    root = roots(pim, 2)[0]
    sub = pim.simulation.database.models.subs(root.code)[0]
    simple = next(each for each in pim.products() if each.parent is None)
    link: JsonObject = {"associations": {"PACK": {"products": [simple.uuid]}}}
    pim.editor.change_model(root, link, JULIA)
    variant = variant_of(pim, sub)
    inherited = pim.simulation.database.merged(variant)

    assert pim.change(variant, {**link, "categories": [*inherited.categories]}) is variant
    assert pim.editor.change_model(sub, link, JULIA) is None
    linked = as_object(as_object(body(pim, variant)["associations"])["PACK"])
    assert linked["products"] == [simple.uuid]


def test_the_other_side_of_a_two_way_association_follows_untold_and_unmoved() -> None:
    pim = a_shop()
    pim.simulation.structure.change(
        "association-types", "PACK", {"is_two_way": True}, parent=None, now=0
    )
    one, other = [each for each in pim.products() if each.parent is None][:2]
    root = roots(pim, 1)[0]
    link: JsonObject = {
        "associations": {"PACK": {"products": [other.uuid], "product_models": [root.code]}}
    }

    one = pim.change(one, link)

    assert pim.reread(other).associations["PACK"] == (one.uuid,)
    assert model_of(pim, root.code).associations["PACK"] == (one.uuid,)
    assert pim.reread(other).updated == other.updated
    assert model_of(pim, root.code).updated == root.updated
    pim.change(one, {"associations": {"PACK": {"products": [], "product_models": []}}})
    assert "PACK" not in pim.reread(other).associations
    assert "PACK" not in model_of(pim, root.code).associations


def test_a_restored_backup_brings_models_and_variants_back() -> None:
    pim = a_shop()
    root, other = roots(pim, 2)[0], roots(pim, 1)[0]
    variant, lasting = variant_of(pim, root), variant_of(pim, other)
    backup = pim.simulation.database.snapshot()
    before = body(pim, variant), body(pim, lasting)
    pim.editor.change_model(other, text("Later"), JULIA)
    pim.editor.remove_model(root, JULIA)

    pim.simulation.database.restore(backup)

    assert (body(pim, variant), body(pim, lasting)) == before
    assert pim.simulation.model_index.entry(root.key) is not None
    entry = pim.simulation.index.entry(lasting.uuid)
    assert entry is not None
    assert entry.inherited_updated == other.updated


def test_random_edits_reach_models_and_variants_and_tell_of_what_was_saved_alone() -> None:
    pim = a_shop(20)
    sessions = EditSessions(pim.simulation, random.Random(5))
    seen: Counter[EventAction] = Counter()
    for _ in range(1500):
        pim.clock.go_on(1)
        variants = {each.uuid: each for each in pim.products() if each.parent is not None}
        events = sessions.save(1).events
        seen.update(event.action for event in events)
        told = {event.uuid for event in events}
        now = {each.uuid: each for each in pim.products()}
        for uuid in variants.keys() & now.keys():
            assert (now[uuid].updated != variants[uuid].updated) <= (uuid in told)
    assert min(seen[action] for action in EventAction) > 10
    assert {each.parent is None for each in pim.products()} == {True, False}


def test_the_index_holds_what_the_database_does_after_any_edits() -> None:
    pim = a_shop(20)
    sessions = EditSessions(pim.simulation, random.Random(6))
    for _ in range(400):
        pim.clock.go_on(1)
        sessions.save()

    database, index = pim.simulation.database, pim.simulation.index
    assert index.keys() == [each.uuid for each in pim.products()]
    assert pim.simulation.model_index.keys() == [each.key for each in database.models]
    for product in pim.products():
        entry, merged = index.entry(product.uuid), database.merged(product)
        assert entry is not None
        for name in ("categories", "ancestors", "inherited_updated", "updated", "values"):
            assert getattr(entry, name) == getattr(merged, name)


def test_a_person_saves_one_model_or_product_at_a_time() -> None:
    pim = a_shop(20)
    sessions = EditSessions(pim.simulation, random.Random(7))
    saves = [sessions.save().events for _ in range(600)]

    by_people = [save for save in saves if save and save[0].author.type is AuthorType.UI]
    assert {len(save) for save in by_people} == {1}
    assert any(event.code for save in by_people for event in save)
    assert any(len(save) > 10 for save in saves)
