"""Values in documents: data as written, joined with options, records, assets and links."""

import json

import pytest

from pim.canonical import dump_json, load_json
from pim.json_types import JsonObject, JsonValue
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from tests.unit.pim.small_documents import (
    Catalog,
    draft_of,
    entry_of,
    product_of,
    render_document,
    rendered,
    value_of,
)


def test_an_attribute_carries_type_labels_and_group() -> None:
    catalog = Catalog()
    catalog.add(
        CatalogKind.ATTRIBUTE,
        "name",
        type="pim_catalog_text",
        group="texts",
        labels={"en_US": "Name"},
    )
    entries: list[JsonValue] = [
        {"data": "Arc lamp", "locale": "en_US", "scope": None},
        {"data": "Lampe arc", "locale": "fr_FR", "scope": "print"},
    ]
    assert rendered(product_of({"name": entries}), catalog)["attributes"] == {
        "name": {
            "type": "pim_catalog_text",
            "labels": {"en_US": "Name"},
            "group": "texts",
            "values": [
                {"locale": "en_US", "scope": None, "data": "Arc lamp"},
                {"locale": "fr_FR", "scope": "print", "data": "Lampe arc"},
            ],
        }
    }


def test_an_unknown_attribute_has_its_values_and_the_type_that_the_answer_tells() -> None:
    values: JsonObject = {
        "a": [value_of(1)],
        "b": [value_of(2, attribute_type="pim_catalog_number")],
    }
    assert rendered(product_of(values))["attributes"] == {
        "a": {"values": [{"locale": None, "scope": None, "data": 1}]},
        "b": {
            "type": "pim_catalog_number",
            "values": [{"locale": None, "scope": None, "data": 2}],
        },
    }


@pytest.mark.parametrize("values", [[], {}, None, "x", {"a": []}, {"a": {}}, {"a": [5]}])
def test_without_values_there_are_no_attributes(values: JsonValue) -> None:
    assert rendered(product_of(values))["attributes"] == {}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("pim_catalog_identifier", '"000123"'),
        ("pim_catalog_text", '"a"'),
        ("pim_catalog_textarea", '"<p>a</p>"'),
        ("pim_catalog_number", "1.50"),
        ("pim_catalog_number", '"800.0000"'),
        ("pim_catalog_boolean", "false"),
        ("pim_catalog_date", '"2024-02-01T00:00:00+00:00"'),
        ("pim_catalog_metric", '{"amount":"1.2500","unit":"KILOGRAM","symbol":"kg"}'),
        ("pim_catalog_price_collection", '[{"amount":"49.90","currency":"EUR"}]'),
        ("pim_catalog_table", '[{"ingredient":"salt","quantity":1.0}]'),
        ("pim_catalog_product_link", '{"type":"product","uuid":"x"}'),
        ("pim_reference_data_simpleselect", '"red"'),
        ("some_type_to_come", "[[1]]"),
        ("pim_catalog_text", "null"),
    ],
)
def test_data_of_every_type_is_kept_as_the_source_wrote_it(kind: str, text: str) -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "a", type=kind)
    entry = entry_of(product_of({"a": [value_of(load_json(text))]}), "a", catalog)
    assert dump_json(entry) == f'{{"locale":null,"scope":null,"data":{text}}}'


def test_a_chosen_option_has_the_labels_of_the_mirrored_structure() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "color", type="pim_catalog_simpleselect")
    catalog.add(CatalogKind.OPTION, "red", home="color", labels={"en_US": "Red", "de_DE": "Rot"})
    stale: JsonObject = {"attribute": "color", "code": "red", "labels": {"en_US": "Old red"}}
    for entry in (value_of("red"), value_of("RED"), value_of("red", linked_data=stale)):
        rendered = entry_of(product_of({"color": [entry]}), "color", catalog)
        assert rendered["labels"] == {"en_US": "Red", "de_DE": "Rot"}


def test_an_answer_that_labels_an_option_otherwise_tells_that_it_was_renamed() -> None:
    option = Reference(CatalogKind.OPTION, "color", "red")
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "color", type="pim_catalog_simpleselect")
    catalog.add(CatalogKind.OPTION, "red", home="color", labels={"en_US": "Red", "de_DE": "Rot"})
    told: list[tuple[JsonValue, set[Reference]]] = [
        ({"en_US": "Crimson", "de_DE": "Rot"}, {option}),
        ({"en_US": "Red", "fr_FR": "Rouge"}, {option}),
        ({"en_US": "Red"}, set()),  # fewer words say nothing
        ({"en_US": "Red", "de_DE": None}, set()),
        ([], set()),
    ]
    for labels, expected in told:
        linked: JsonObject = {"attribute": "color", "code": "red", "labels": labels}
        product = product_of({"color": [value_of("red", linked_data=linked)]})
        assert draft_of(product, catalog).contradicted() == expected
        assert draft_of(product).contradicted() == set()


def test_an_option_that_is_not_mirrored_has_the_labels_that_came_along() -> None:
    linked: JsonObject = {"attribute": "color", "code": "red", "labels": {"en_US": "Red"}}
    entry = entry_of(product_of({"color": [value_of("red", linked_data=linked)]}), "color")
    assert entry == {"locale": None, "scope": None, "data": "red", "labels": {"en_US": "Red"}}


def test_several_options_have_labels_by_code() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "rooms", type="pim_catalog_multiselect")
    catalog.add(CatalogKind.OPTION, "office", home="rooms", labels={"en_US": "Office"})
    linked: JsonObject = {"bedroom": {"code": "bedroom", "labels": {"en_US": "Bedroom"}}}
    entry = value_of(["office", "bedroom", "attic"], linked_data=linked)
    assert entry_of(product_of({"rooms": [entry]}), "rooms", catalog)["labels"] == {
        "office": {"en_US": "Office"},
        "bedroom": {"en_US": "Bedroom"},
    }


@pytest.mark.parametrize("linked", [None, [], {}, "x", {"labels": []}, {"red": None}])
def test_without_any_label_the_code_stands_alone(linked: JsonValue) -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "color", type="pim_catalog_simpleselect")
    entry = entry_of(product_of({"color": [value_of("red", linked_data=linked)]}), "color", catalog)
    assert entry == {"locale": None, "scope": None, "data": "red"}
    assert "Unknown" not in json.dumps(entry)


def test_a_media_file_has_its_url() -> None:
    href = "https://pim.example.test/api/rest/v1/media-files/a/b.jpg/download"
    entry = value_of("a/b.jpg", _links={"download": {"href": href}})
    assert entry_of(product_of({"photo": [entry]}), "photo") == {
        "locale": None,
        "scope": None,
        "data": "a/b.jpg",
        "url": href,
    }


def test_records_and_assets_are_joined_where_they_are_mirrored() -> None:
    catalog = Catalog()
    entity, family = "akeneo_reference_entity", "pim_catalog_asset_collection"
    catalog.add(CatalogKind.ATTRIBUTE, "brand", type=entity, reference_data_name="brands")
    catalog.add(CatalogKind.ATTRIBUTE, "photos", type=family, reference_data_name="pictures")
    label: JsonObject = {"locale": "en_US", "channel": None, "data": "Acme"}
    catalog.add(CatalogKind.RECORD, "acme", home="brands", values={"label": [label]})
    catalog.add(CatalogKind.ASSET, "front", home="pictures", labels={"en_US": "Front"})
    product = product_of({"brand": [value_of("acme")], "photos": [value_of(["front", "back"])]})
    assert entry_of(product, "brand", catalog)["record"] == {
        "code": "acme",
        "labels": {"en_US": "Acme"},
        "values": {"label": [label]},
    }
    assert entry_of(product, "photos", catalog)["asset"] == {
        "front": {"code": "front", "labels": {"en_US": "Front"}, "values": {}}
    }
    references = render_document(product, catalog).references
    assert Reference(CatalogKind.RECORD, "brands", "acme") in references
    assert Reference(CatalogKind.ASSET, "pictures", "back") in references
    unresolved = draft_of(product, catalog).unresolved()
    assert {each.code for each in unresolved if each.parent} == {"back"}  # read on a miss
