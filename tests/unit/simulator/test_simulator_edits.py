import itertools
import random
from collections import Counter

import pytest

from pim.json_types import JsonObject
from simulator.edits.changes import merge_changes, parse_instant
from simulator.edits.editor import EventAction, PimEvent
from simulator.edits.sessions import EditSessions
from simulator.errors import ApiError
from simulator.shop.product import Product
from tests.unit.simulator.small_pim import JULIA, SmallPim, a_small_pim

PRODUCT_ACTIONS = (EventAction.CREATED, EventAction.UPDATED, EventAction.REMOVED)


def a_named_product(pim: SmallPim) -> Product:
    return next(each for each in pim.products() if each.identifier and each.family)


def name(data: str | None, locale: str = "en_US") -> JsonObject:
    return {"data": data, "locale": locale, "scope": None}


def names(pim: SmallPim, product: Product) -> dict[object, object]:
    entries = pim.simulation.assortment.values(product).get("name", [])
    return {entry["locale"]: entry["data"] for entry in entries}


def test_a_value_replaces_the_one_of_its_locale_and_leaves_the_others() -> None:
    pim = a_small_pim()
    product = a_named_product(pim)
    before = names(pim, product)

    after = names(pim, pim.change(product, {"values": {"name": [name("Other")]}}))

    assert after == {**before, "en_US": "Other"}


def test_null_clears_one_locale_and_an_empty_list_all() -> None:
    pim = a_small_pim()
    product = a_named_product(pim)

    product = pim.change(product, {"values": {"name": [name(None)]}})
    assert "en_US" not in names(pim, product)
    assert "de_DE" in names(pim, product)
    product = pim.change(product, {"values": {"name": []}})
    assert "name" not in pim.simulation.assortment.values(product)


def test_what_is_not_mentioned_stays() -> None:
    pim = a_small_pim()
    product = a_named_product(pim)
    values = pim.simulation.assortment.values(product)

    after = pim.change(product, {"enabled": not product.enabled})

    assert pim.simulation.assortment.values(after) == values
    assert (after.identifier, after.categories) == (product.identifier, product.categories)


def test_a_save_that_changes_nothing_is_silent_and_moves_no_instant() -> None:
    pim = a_small_pim()
    product = a_named_product(pim)
    same: JsonObject = {"enabled": product.enabled, "categories": [*product.categories]}

    event = pim.editor.change(product, same, JULIA)

    assert event is None
    assert pim.reread(product) is product


def test_a_save_stamps_whole_seconds_of_the_pims_clock() -> None:
    pim = a_small_pim()
    product = a_named_product(pim)

    event = pim.editor.change(product, {"enabled": not product.enabled}, JULIA)

    assert event is not None
    assert event.at == pim.reread(product).updated == int(pim.clock.now.timestamp())


def test_the_identifier_can_be_given_as_a_value() -> None:
    pim = a_small_pim()
    product = a_named_product(pim)
    value: JsonObject = {"data": "000777", "locale": None, "scope": None}

    assert pim.change(product, {"values": {"sku": [value]}}).identifier == "000777"


def test_a_property_that_no_product_has_is_refused() -> None:
    pim = a_small_pim()
    with pytest.raises(ApiError):
        merge_changes(pim.products()[0], {}, {"colour": "red"})


@pytest.mark.parametrize("text", ["yesterday", "2024-01-01T00:00:00"])
def test_an_instant_needs_a_zone(text: str) -> None:
    with pytest.raises(ApiError):
        parse_instant(text)


def many_saves(pim: SmallPim, operations: int, seed: int = 3) -> list[list[PimEvent]]:
    sessions = EditSessions(pim.simulation, random.Random(seed))
    saves = []
    while operations > 0:
        saved = sessions.save(operations)
        operations -= saved.operations
        saves.append(saved.events)
    return saves


def test_the_same_seed_makes_the_same_edits() -> None:
    pims = [a_small_pim(), a_small_pim()]
    events = [
        [
            (event.action, event.uuid, event.identifier)
            for save in many_saves(pim, 300)
            for event in save
        ]
        for pim in pims
    ]

    assert events[0] == events[1]
    assert [each.uuid for each in pims[0].products()] == [each.uuid for each in pims[1].products()]


def test_event_ids_differ_between_runs_of_one_seed() -> None:
    first, second = many_saves(a_small_pim(), 20), many_saves(a_small_pim(), 20)

    ids = [event.event_id for save in (*first, *second) for event in save]
    assert len(set(ids)) == len(ids)


def test_edits_are_of_every_kind() -> None:
    pim = a_small_pim()
    before = {each.uuid: each for each in pim.products()}
    saves = many_saves(pim, 2000)

    actions = Counter(event.action for save in saves for event in save)
    assert min(actions[action] for action in PRODUCT_ACTIONS) > 50
    kept = [(before[each.uuid], each) for each in pim.products() if each.uuid in before]
    for changed in ("enabled", "identifier", "categories", "values"):
        assert any(getattr(old, changed) != getattr(new, changed) for old, new in kept), changed


def test_a_removed_product_comes_back_with_a_new_uuid_and_now_and_then_with_its_own() -> None:
    removed: dict[str, str | None] = {}
    again = Counter[str]()
    for event in (event for save in many_saves(a_small_pim(), 4000) for event in save):
        if event.action is EventAction.REMOVED:
            removed[str(event.uuid)] = event.identifier
        elif event.action is EventAction.CREATED and event.uuid in removed:
            again["same uuid"] += 1
        elif event.action is EventAction.CREATED and event.identifier in removed.values():
            again["same identifier"] += event.identifier is not None

    assert again["same uuid"] > 3
    assert again["same identifier"] > again["same uuid"]


def test_people_save_one_product_and_systems_up_to_ten() -> None:
    by_type = {"ui": set[int](), "other": set[int]()}
    for save in many_saves(a_small_pim(), 1000):
        if save:
            by_type["ui" if save[0].author.type == "ui" else "other"].add(len(save))

    assert by_type["ui"] == {1}
    assert max(by_type["other"]) == 10


def test_one_product_is_edited_several_times_within_a_second() -> None:
    events = [event for save in many_saves(a_small_pim(), 300) for event in save]

    same = sum(first.uuid == second.uuid for first, second in itertools.pairwise(events))
    assert same > 10
    assert len({event.at for event in events}) == 1


def test_records_made_and_removed_change_no_value_of_products_that_nobody_saved() -> None:
    pim = a_small_pim(200, edition="EE", saas=True, records=20, assets=20)
    values = pim.simulation.assortment.values
    before = {each.uuid: (each, values(each)) for each in pim.products()}
    pools = pim.simulation.pools.as_they_are()
    many_saves(pim, 200)

    kept = [each for each in pim.products() if before.get(each.uuid, (None,))[0] is each]
    assert len(kept) > 5
    assert pim.simulation.pools.as_they_are() != pools
    for product in kept:
        assert values(product) == before[product.uuid][1]
