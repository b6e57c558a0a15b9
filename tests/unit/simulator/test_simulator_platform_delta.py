"""Deltas: each kind of value in the form that the Event Platform tells it in."""

from dataclasses import replace

import pytest

from pim.json_types import JsonObject, JsonValue, as_list, as_object
from simulator.news.delta import product_changes
from simulator.shop.product import Product
from simulator.shop.structure import StructureItem
from tests.unit.simulator.model_pim import a_shop
from tests.unit.simulator.small_pim import SmallPim, a_small_pim


def changed(pim: SmallPim, before: Product, values: dict[str, list[JsonObject]]) -> JsonObject:
    former = replace(before, values=pim.simulation.assortment.values(before))
    return product_changes(pim.simulation, former, replace(before, values=values))


def entry(data: JsonValue, locale: str | None = None, scope: str | None = None) -> JsonObject:
    return {"data": data, "locale": locale, "scope": scope}


def a_pim(kind: str) -> tuple[SmallPim, Product]:
    pim = a_small_pim(3)
    pim.simulation.structure.put(StructureItem("attributes", None, "made", {"type": kind}, 0))
    return pim, pim.products()[0]


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("pim_catalog_text", "Arc", "Arc"),
        ("pim_catalog_number", 7, 7),
        ("pim_catalog_boolean", False, False),
        ("pim_catalog_multiselect", ["a", "b"], ["a", "b"]),
        (
            "pim_catalog_metric",
            {"amount": "1.20", "unit": "KILOGRAM"},
            {"data": "1.20", "unit": "KILOGRAM"},
        ),
        (
            "pim_catalog_file",
            "3/6/e/f/36ef_a.zip",
            {"file_name": "a.zip", "key": "3/6/e/f/36ef_a.zip"},
        ),
        (
            "pim_catalog_date",
            "2026-03-05T00:00:00+00:00",
            {"date": "2026-03-05T00:00:00+00:00", "timezone": "+00.00"},
        ),
        (
            "pim_catalog_table",
            [{"size": "s", "weight": 2}],
            {"rows": [{"cells": [{"cell": "size", "data": "s"}, {"cell": "weight", "data": 2}]}]},
        ),
    ],
)
def test_a_value_has_the_form_of_its_type(kind: str, data: JsonValue, told: JsonValue) -> None:
    pim, product = a_pim(kind)
    values = pim.simulation.assortment.values(product)

    found = changed(pim, product, {**values, "made": [entry(data)]})

    expected = {"previous": None, "new": told, "type": kind, "locale": None, "scope": None}
    assert found == {"values": {"made": [expected]}}


def test_each_currency_is_a_change_of_its_own() -> None:
    pim, product = a_pim("pim_catalog_price_collection")
    euros: JsonObject = {"amount": "1.00", "currency": "EUR"}
    dollars: JsonObject = {"amount": "2.00", "currency": "USD"}
    before = replace(product, values={"made": [entry([euros, dollars])]})
    after = replace(before, values={"made": [entry([{**euros, "amount": "3.00"}])]})

    found = as_object(product_changes(pim.simulation, before, after)["values"])

    assert [(each["previous"], each["new"]) for each in map(as_object, as_list(found["made"]))] == [
        (euros, {**euros, "amount": "3.00"}),
        (dollars, None),
    ]


def test_only_the_changed_place_of_a_value_is_told() -> None:
    pim, product = a_pim("pim_catalog_text")
    before = replace(product, values={"made": [entry("A", "en_US"), entry("B", "de_DE")]})
    after = replace(before, values={"made": [entry("A", "en_US"), entry("C", "de_DE")]})

    found = as_object(product_changes(pim.simulation, before, after)["values"])

    (told,) = map(as_object, as_list(found["made"]))
    assert (told["locale"], told["previous"], told["new"]) == ("de_DE", "B", "C")


def test_a_save_without_a_change_has_no_changes() -> None:
    pim, product = a_pim("pim_catalog_text")

    assert product_changes(pim.simulation, product, replace(product)) == {}


def test_a_model_tells_its_own_values_and_no_family() -> None:
    pim = a_shop()
    model = next(iter(pim.simulation.database.models))
    values = {**model.values, "name": [entry("Other", "en_US")]}

    found = product_changes(pim.simulation, model, replace(model, values=values, family="x"))

    assert set(found) == {"values"}
    assert set(as_object(found["values"])) == {"name"}


def test_quantities_are_told_as_added_changed_and_removed() -> None:
    pim, product = a_pim("pim_catalog_text")
    before = replace(product, quantified={"SET": (("a", 1), ("b", 2))})
    after = replace(
        before, quantified={"SET": (("b", 3), ("c", 4))}, quantified_models={"SET": (("m", 1),)}
    )

    found = product_changes(pim.simulation, before, after)

    assert found["quantified_associations"] == {
        "SET": {
            "added": {
                "products": [{"uuid": "c", "quantity": 4}],
                "product_models": [{"code": "m", "quantity": 1}],
            },
            "updated": {
                "products": [{"uuid": "b", "quantity": 3, "previous_quantity": 2}],
                "product_models": [],
            },
            "removed": {"products": ["a"], "product_models": []},
        }
    }
