import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pim.json_types import JsonValue
from simulator.errors import ApiError
from simulator.search.criteria import parse_search
from simulator.search.products import in_channel_tree, matching_keys, select_products
from simulator.shop.product import Product
from tests.unit.simulator.small_pim import SmallPim, a_small_pim

PIM = a_small_pim(products=600)
PRODUCTS = PIM.products()
SOME = PRODUCTS[100]


def search(
    criteria: JsonValue, pim: SmallPim = PIM, scope: str | None = None, locale: str | None = None
) -> list[Product]:
    parsed = parse_search(json.dumps(criteria), scope=scope, locale=locale)
    selection = select_products(parsed, pim.simulation.search_context())
    uuids = matching_keys(pim.simulation.index, selection, None)
    found = [pim.simulation.database.get(uuid) for uuid in uuids]
    return [product for product in found if product is not None]


def one(field: str, operator: str, value: JsonValue = None, **more: JsonValue) -> JsonValue:
    return {field: [{"operator": operator, "value": value, **more}]}


def local(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def test_uuids_are_found_in_any_case_and_in_their_order() -> None:
    wanted = [PRODUCTS[3].uuid, PRODUCTS[1].uuid.upper(), "00000000-0000-4000-8000-000000000000"]

    assert search(one("uuid", "IN", [*wanted])) == [PRODUCTS[1], PRODUCTS[3]]
    assert len(search(one("uuid", "NOT IN", [*wanted]))) == len(PRODUCTS) - 2


@pytest.mark.parametrize("field", ["sku", "identifier"])
def test_identifiers_are_found_in_any_case(field: str) -> None:
    named = next(each for each in PRODUCTS if each.identifier and "-" in each.identifier)
    assert named.identifier is not None
    sku = named.identifier.lower()

    assert search(one(field, "=", sku)) == [named]
    assert search(one(field, "IN", [sku, "nothing"])) == [named]
    assert named in search(one(field, "STARTS WITH", sku[:5]))
    assert named in search(one(field, "CONTAINS", sku[2:6]))
    assert named not in search(one(field, "DOES NOT CONTAIN", sku[2:6]))
    assert named not in search(one(field, "!=", sku))
    assert named not in search(one(field, "NOT IN", [sku]))


def test_products_without_identifier_are_found() -> None:
    nameless = [each for each in PRODUCTS if each.identifier is None]

    assert nameless
    assert search(one("sku", "EMPTY")) == nameless
    assert len(search(one("sku", "NOT EMPTY"))) == len(PRODUCTS) - len(nameless)


def test_more_than_a_hundred_identifiers_are_refused() -> None:
    assert refusal(one("sku", "IN", [str(number) for number in range(101)])) == 422


def test_family_filters() -> None:
    tents = [each for each in PRODUCTS if each.family == "tents"]
    homeless = [each for each in PRODUCTS if each.family is None]

    assert search(one("family", "IN", ["tents"])) == tents
    assert search(one("family", "EMPTY")) == homeless
    assert len(search(one("family", "NOT IN", ["tents"]))) == len(PRODUCTS) - len(tents)
    assert len(search(one("family", "NOT EMPTY"))) == len(PRODUCTS) - len(homeless)


def test_group_filters() -> None:
    grouped = [each for each in PRODUCTS if each.groups]

    assert grouped
    assert search(one("groups", "IN", ["winter_favourites"])) == grouped
    assert search(one("groups", "NOT EMPTY")) == grouped
    assert len(search(one("groups", "EMPTY"))) == len(PRODUCTS) - len(grouped)
    assert len(search(one("groups", "NOT IN", ["winter_favourites"]))) == len(PRODUCTS) - len(
        grouped
    )


def test_enabled_filters() -> None:
    on = [each for each in PRODUCTS if each.enabled]

    assert search(one("enabled", "=", value=True)) == on
    assert search(one("enabled", "!=", value=False)) == on
    assert refusal(one("enabled", "=", "yes")) == 422


def test_category_filters_reach_below_only_if_asked() -> None:
    tents = [each for each in PRODUCTS if "tents" in each.categories]
    loose = [each for each in PRODUCTS if not each.categories]

    assert search(one("categories", "IN", ["camping"])) == []
    assert set(search(one("categories", "IN CHILDREN", ["camping"]))) > set(tents)
    assert search(one("categories", "IN", ["tents"])) == tents
    assert search(one("categories", "UNCLASSIFIED")) == loose
    assert set(search(one("categories", "IN OR UNCLASSIFIED", ["tents"]))) == {*tents, *loose}
    assert not set(search(one("categories", "NOT IN", ["tents"]))) & set(tents)
    assert not set(search(one("categories", "NOT IN CHILDREN", ["camping"]))) & set(tents)
    assert refusal(one("categories", "IN", ["no_such"])) == 422


def test_parent_filters_find_no_variant_in_a_shop_of_simple_products() -> None:
    assert search(one("parent", "=", "some_model")) == []
    assert search(one("parent", "NOT EMPTY")) == []
    assert search(one("parent", "IN", ["some_model"])) == []
    assert len(search(one("parent", "EMPTY"))) == len(PRODUCTS)


def test_completeness_filters_count_one_locale_or_all() -> None:
    def complete(product: Product, *, everywhere: bool) -> bool:
        values = PIM.simulation.assortment.values(product)
        percents = [
            each.percent == 100
            for each in PIM.simulation.renderer.scorer.percents(product, values)
            if each.scope == "ecommerce"
        ]
        return bool(percents) and (all(percents) if everywhere else any(percents))

    some = search(one("completeness", "=", 100, scope="ecommerce"))
    every = search(
        one(
            "completeness",
            "GREATER OR EQUALS THAN ON ALL LOCALES",
            100,
            scope="ecommerce",
            locales=["en_US", "de_DE", "fr_FR"],
        )
    )

    assert some == [each for each in PRODUCTS if complete(each, everywhere=False)]
    assert every == [each for each in PRODUCTS if complete(each, everywhere=True)]
    assert 0 < len(every) < len(some) < len(PRODUCTS)
    assert refusal(one("completeness", "=", 100)) == 422
    assert refusal(one("completeness", "=", "100", scope="ecommerce")) == 422


def test_quality_filters_take_letters_for_a_channel_and_a_locale() -> None:
    found = search(one("quality_score", "IN", ["A"], scope="ecommerce", locale="en_US"))

    assert 0 < len(found) < len(PRODUCTS)
    assert refusal(one("quality_score", "IN", ["F"], scope="ecommerce", locale="en_US")) == 422
    assert refusal(one("quality_score", "IN", ["A"])) == 422


def test_updated_is_strict_and_between_is_not() -> None:
    moment = local(SOME.updated)
    later = [each for each in PRODUCTS if each.updated > SOME.updated]

    assert search(one("updated", ">", moment)) == later
    assert SOME not in search(one("updated", "<", moment))
    assert search(one("updated", "=", moment)) == [SOME]
    assert SOME not in search(one("updated", "!=", moment))
    assert SOME in search(one("updated", "BETWEEN", [moment, moment]))
    assert SOME not in search(one("updated", "NOT BETWEEN", [moment, moment]))


def test_created_takes_the_same_operators() -> None:
    assert search(one("created", "=", local(SOME.created))) == [SOME]


def test_since_last_days_counts_whole_days_back_from_now() -> None:
    pim = a_small_pim(products=5)
    product = pim.products()[0]
    pim.change(product, {"enabled": not product.enabled})
    pim.clock.go_on(86_400 * 3 - 1)

    assert [each.uuid for each in search(one("updated", "SINCE LAST N DAYS", 3), pim)] == [
        product.uuid
    ]
    pim.clock.go_on(2)
    assert search(one("updated", "SINCE LAST N DAYS", 3), pim) == []


def test_local_times_are_read_in_the_zone_of_the_pim() -> None:
    pim = a_small_pim(products=600, timezone="Europe/Berlin")
    there = datetime.fromtimestamp(SOME.updated, ZoneInfo("Europe/Berlin"))

    found = search(one("updated", "=", there.strftime("%Y-%m-%d %H:%M:%S")), pim)

    assert [each.uuid for each in found] == [SOME.uuid]


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-17T15:19:32Z",
        "2024-05-17",
        "2024-05-17 15:19",
        "2024-05-17 15:19:32+00:00",
        "2024-13-17 15:19:32",
        1715959172,
        None,
    ],
)
def test_any_other_form_of_date_is_refused(value: JsonValue) -> None:
    assert refusal(one("updated", ">", value)) == 422


def test_all_criteria_must_hold() -> None:
    found = search(
        {
            "family": [{"operator": "IN", "value": ["tents"]}],
            "enabled": [{"operator": "=", "value": False}],
            "created": [
                {"operator": ">", "value": "2021-01-01 00:00:00"},
                {"operator": "<", "value": "2024-01-01 00:00:00"},
            ],
        }
    )

    assert found
    assert all(each.family == "tents" and not each.enabled for each in found)


@pytest.mark.parametrize(
    "criteria",
    [
        one("no_such_field", "=", 1),
        one("uuid", "=", "x"),
        one("uuid", "IN", "x"),
        one("family", "CONTAINS", "x"),
        one("groups", "=", "x"),
        one("enabled", ">", value=True),
        one("categories", "=", ["tents"]),
        one("parent", "STARTS WITH", "x"),
        one("completeness", "IN", 1, scope="ecommerce"),
        one("updated", "IN", ["2024-01-01 00:00:00"]),
        one("updated", "SINCE LAST N DAYS", "3"),
        one("updated", "BETWEEN", ["2024-01-01 00:00:00"]),
        one("updated_including_linked_entities", ">", "2024-01-01 00:00:00"),
        {"enabled": {"operator": "=", "value": True}},
        {"enabled": [True]},
        {"enabled": [{"value": True}]},
        "a text",
    ],
)
def test_what_the_pim_does_not_know_is_refused(criteria: JsonValue) -> None:
    assert refusal(criteria) == 422


def test_a_search_that_is_no_json_is_a_bad_request() -> None:
    with pytest.raises(ApiError) as caught:
        parse_search("{", scope=None, locale=None)

    assert caught.value.status == 400


def test_an_empty_search_selects_everything() -> None:
    assert len(search({})) == len(search([])) == len(PRODUCTS)


def test_before_version_7_newer_filters_are_refused() -> None:
    pim = a_small_pim(products=20, identifier_only=True)
    sku = pim.products()[0].identifier

    for criteria in (one("uuid", "IN", []), one("sku", "IN", [sku]), one("parent", "EMPTY")):
        assert refusal(criteria, pim) == 422
    assert search(one("identifier", "IN", [sku]), pim) == [pim.products()[0]]


def test_a_scope_restricts_to_the_tree_of_its_channel() -> None:
    context = PIM.simulation.search_context()
    is_in_tree = in_channel_tree("print", context)

    printed = [each for each in PRODUCTS if is_in_tree(each)]

    assert printed
    assert all(set(each.categories) & {"print_spring", "print_autumn"} for each in printed)
    with pytest.raises(ApiError):
        in_channel_tree("no_such", context)


def refusal(criteria: JsonValue, pim: SmallPim = PIM) -> int:
    with pytest.raises(ApiError) as caught:
        search(criteria, pim)
    return int(caught.value.status)
