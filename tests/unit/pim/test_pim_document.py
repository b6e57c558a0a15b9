"""Documents: what a shop can show without asking the PIM again."""

import json
from dataclasses import dataclass, field

import pytest

from pim.canonical import dump_json, load_json
from pim.document import needed_references, render_document, unresolved_references
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.product import SourceProduct, parse_product
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Identity

UUID = "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"


@dataclass
class Catalog:
    items: dict[tuple[CatalogKind, str, str], JsonObject] = field(default_factory=dict)

    def add(self, kind: CatalogKind, code: str, *, home: str = "", **body: JsonValue) -> None:
        self.items[kind, home.casefold(), code.casefold()] = {"code": code, **body}

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:
        return self.items.get((kind, parent.casefold(), code.casefold()))


def _product(values: JsonValue = None, **more: JsonValue) -> SourceProduct:
    body: JsonObject = {
        "uuid": UUID,
        "enabled": True,
        "values": {} if values is None else values,
        "updated": "2024-03-05T09:10:11+00:00",
        **more,
    }
    return parse_product(body, identity=Identity.UUID, main_identifier="sku")


def _value(data: JsonValue, **more: JsonValue) -> JsonObject:
    return {"data": data, "locale": None, "scope": None, **more}


def _rendered(product: SourceProduct, catalog: Catalog | None = None) -> JsonObject:
    return render_document(product, catalog or Catalog()).body


def _entry(product: SourceProduct, code: str, catalog: Catalog | None = None) -> JsonObject:
    attribute = as_object(as_object(_rendered(product, catalog)["attributes"])[code])
    (entry,) = as_list(attribute["values"])
    return as_object(entry)


def test_a_bare_product_has_the_whole_shape_with_the_key_first() -> None:
    assert list(_rendered(_product()).items()) == [
        ("key", UUID),
        ("uuid", UUID),
        ("identifier", None),
        ("enabled", True),
        ("family", None),
        ("parent", None),
        ("root", None),
        ("categories", []),
        ("attributes", {}),
        ("associations", {}),
        ("quantified_associations", {}),
        ("completenesses", []),
        ("created", None),
        ("updated", "2024-03-05T09:10:11+00:00"),
    ]


def test_a_family_has_its_labels_in_every_locale() -> None:
    catalog = Catalog()
    labels: JsonObject = {"en_US": "Lamps", "de_DE": "Lampen", "fr_FR": None, "it_IT": ""}
    catalog.add(CatalogKind.FAMILY, "lamps", labels=labels)
    assert _rendered(_product(family="Lamps"), catalog)["family"] == {
        "code": "Lamps",
        "labels": {"en_US": "Lamps", "de_DE": "Lampen"},
    }


def test_an_unknown_family_is_its_code() -> None:
    assert _rendered(_product(family="lamps"))["family"] == {"code": "lamps"}


def test_labels_that_php_wrote_as_a_list_are_empty_labels() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.FAMILY, "lamps", labels=[])
    family = _rendered(_product(family="lamps"), catalog)["family"]
    assert family == {"code": "lamps", "labels": {}}


def test_categories_carry_labels_and_the_path_from_the_root() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.CATEGORY, "master", parent="", labels={"en_US": "Master"})
    catalog.add(CatalogKind.CATEGORY, "lamps", parent="master")
    catalog.add(CatalogKind.CATEGORY, "desk", parent="lamps", labels={"en_US": "Desk"})
    document = render_document(_product(categories=["desk", "unknown"]), catalog)
    assert document.body["categories"] == [
        {"code": "desk", "labels": {"en_US": "Desk"}, "path": ["master", "lamps", "desk"]},
        {"code": "unknown"},
    ]
    assert document.references == {
        Reference(CatalogKind.CATEGORY, "", code) for code in ("desk", "lamps", "master", "unknown")
    }


def test_a_category_whose_ancestors_are_not_known_has_no_path() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.CATEGORY, "desk", parent="lamps")
    assert _rendered(_product(categories=["desk"]), catalog)["categories"] == [
        {"code": "desk", "labels": {}}
    ]


def test_categories_in_a_circle_end_without_a_path() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.CATEGORY, "a", parent="b")
    catalog.add(CatalogKind.CATEGORY, "b", parent="A")
    assert _rendered(_product(categories=["a"]), catalog)["categories"] == [
        {"code": "a", "labels": {}}
    ]


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
    assert _rendered(_product({"name": entries}), catalog)["attributes"] == {
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
    values: JsonObject = {"a": [_value(1)], "b": [_value(2, attribute_type="pim_catalog_number")]}
    assert _rendered(_product(values))["attributes"] == {
        "a": {"values": [{"locale": None, "scope": None, "data": 1}]},
        "b": {
            "type": "pim_catalog_number",
            "values": [{"locale": None, "scope": None, "data": 2}],
        },
    }


@pytest.mark.parametrize("values", [[], {}, None, "x", {"a": []}, {"a": {}}, {"a": [5]}])
def test_without_values_there_are_no_attributes(values: JsonValue) -> None:
    assert _rendered(_product(values))["attributes"] == {}


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
    entry = _entry(_product({"a": [_value(load_json(text))]}), "a", catalog)
    assert dump_json(entry) == f'{{"locale":null,"scope":null,"data":{text}}}'


def test_a_chosen_option_has_the_labels_of_the_mirrored_structure() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "color", type="pim_catalog_simpleselect")
    catalog.add(CatalogKind.OPTION, "red", home="color", labels={"en_US": "Red", "de_DE": "Rot"})
    stale: JsonObject = {"attribute": "color", "code": "red", "labels": {"en_US": "Old red"}}
    for entry in (_value("red"), _value("RED"), _value("red", linked_data=stale)):
        rendered = _entry(_product({"color": [entry]}), "color", catalog)
        assert rendered["labels"] == {"en_US": "Red", "de_DE": "Rot"}


def test_an_option_that_is_not_mirrored_has_the_labels_that_came_along() -> None:
    linked: JsonObject = {"attribute": "color", "code": "red", "labels": {"en_US": "Red"}}
    entry = _entry(_product({"color": [_value("red", linked_data=linked)]}), "color")
    assert entry == {"locale": None, "scope": None, "data": "red", "labels": {"en_US": "Red"}}


def test_several_options_have_labels_by_code() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "rooms", type="pim_catalog_multiselect")
    catalog.add(CatalogKind.OPTION, "office", home="rooms", labels={"en_US": "Office"})
    linked: JsonObject = {"bedroom": {"code": "bedroom", "labels": {"en_US": "Bedroom"}}}
    entry = _value(["office", "bedroom", "attic"], linked_data=linked)
    assert _entry(_product({"rooms": [entry]}), "rooms", catalog)["labels"] == {
        "office": {"en_US": "Office"},
        "bedroom": {"en_US": "Bedroom"},
    }


@pytest.mark.parametrize("linked", [None, [], {}, "x", {"labels": []}, {"red": None}])
def test_without_any_label_the_code_stands_alone(linked: JsonValue) -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "color", type="pim_catalog_simpleselect")
    entry = _entry(_product({"color": [_value("red", linked_data=linked)]}), "color", catalog)
    assert entry == {"locale": None, "scope": None, "data": "red"}
    assert "Unknown" not in json.dumps(entry)


def test_a_media_file_has_its_url() -> None:
    href = "https://pim.example.test/api/rest/v1/media-files/a/b.jpg/download"
    entry = _value("a/b.jpg", _links={"download": {"href": href}})
    assert _entry(_product({"photo": [entry]}), "photo") == {
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
    product = _product({"brand": [_value("acme")], "photos": [_value(["front", "back"])]})
    assert _entry(product, "brand", catalog)["record"] == {
        "code": "acme",
        "labels": {"en_US": "Acme"},
        "values": {"label": [label]},
    }
    assert _entry(product, "photos", catalog)["asset"] == {
        "front": {"code": "front", "labels": {"en_US": "Front"}, "values": {}}
    }
    references = render_document(product, catalog).references
    assert Reference(CatalogKind.RECORD, "brands", "acme") in references
    assert Reference(CatalogKind.ASSET, "pictures", "back") in references
    assert not {r for r in unresolved_references(product, catalog) if r.code in {"acme", "back"}}


def test_a_variant_knows_parent_and_root() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.PRODUCT_MODEL, "root_model")
    catalog.add(CatalogKind.PRODUCT_MODEL, "sub", parent="root_model")
    body = _rendered(_product(parent="sub"), catalog)
    assert (body["parent"], body["root"]) == ("sub", "root_model")
    body = _rendered(_product(parent="root_model"), catalog)
    assert (body["parent"], body["root"]) == ("root_model", "root_model")


def test_a_root_that_is_not_known_is_absent_unless_the_source_tells_it() -> None:
    assert "root" not in _rendered(_product(parent="sub"))
    assert _rendered(_product(parent="sub", root_parent="top"))["root"] == "top"


def test_associations_are_maps_of_lists_whatever_php_made_of_them() -> None:
    product = _product(
        associations={"X_SELL": {"products": ["a"], "groups": {}}, "PACK": []},
        quantified_associations=[],
        completenesses={},
        quality_scores=[],
    )
    body = _rendered(product)
    assert body["associations"] == {"X_SELL": {"products": ["a"], "groups": []}, "PACK": {}}
    assert body["quantified_associations"] == {}
    assert body["completenesses"] == []
    assert "quality_scores" not in body


def test_quantified_models_are_named_by_code_in_either_spelling() -> None:
    quantified: JsonObject = {
        "KIT": {
            "products": [{"uuid": "a", "quantity": 2}],
            "product_models": [{"identifier": "m", "quantity": 1}, {"code": "n", "quantity": 3}],
        }
    }
    product = _product(quantified_associations=quantified)
    assert _rendered(product)["quantified_associations"] == {
        "KIT": {
            "products": [{"uuid": "a", "quantity": 2}],
            "product_models": [{"code": "m", "quantity": 1}, {"code": "n", "quantity": 3}],
        }
    }
    assert product.body["quantified_associations"] == quantified


def test_scores_and_completenesses_are_kept() -> None:
    scores: list[JsonValue] = [{"scope": "ecommerce", "locale": "en_US", "data": "B"}]
    body = _rendered(_product(quality_scores=scores, completenesses=scores))
    assert (body["quality_scores"], body["completenesses"]) == (scores, scores)


def test_a_product_names_what_it_needs() -> None:
    linked: JsonObject = {"code": "red", "labels": {}}
    product = _product(
        {
            "name": [_value("x")],
            "color": [_value("red", linked_data=linked)],
            "rooms": [_value(["a", "b"], attribute_type="pim_catalog_multiselect")],
        },
        family="lamps",
        categories=["desk"],
        parent="sub",
    )
    kinds = CatalogKind
    assert needed_references(product) == {
        Reference(kinds.FAMILY, "", "lamps"),
        Reference(kinds.CATEGORY, "", "desk"),
        Reference(kinds.PRODUCT_MODEL, "", "sub"),
        Reference(kinds.ATTRIBUTE, "", "name"),
        Reference(kinds.ATTRIBUTE, "", "color"),
        Reference(kinds.ATTRIBUTE, "", "rooms"),
        Reference(kinds.OPTION, "color", "red"),
        Reference(kinds.OPTION, "rooms", "a"),
        Reference(kinds.OPTION, "rooms", "b"),
    }


def test_what_must_be_read_shrinks_to_nothing_and_spares_options_that_came_along() -> None:
    catalog = Catalog()
    linked: JsonObject = {"code": "red", "labels": {"en_US": "Red"}}
    product = _product(
        {"color": [_value("red", linked_data=linked)], "size": [_value("xl")]},
        categories=["desk"],
    )
    rounds: list[set[Reference]] = []
    bodies: dict[str, JsonObject] = {
        "size": {"type": "pim_catalog_simpleselect"},
        "color": {"type": "pim_catalog_simpleselect"},
        "desk": {"parent": "lamps"},
        "lamps": {"parent": None},
        "xl": {},
    }
    while missing := unresolved_references(product, catalog):
        rounds.append(set(missing))
        for reference in missing:
            body = bodies[reference.code]
            catalog.add(reference.kind, reference.code, home=reference.parent, **body)
    assert [{reference.code for reference in each} for each in rounds] == [
        {"color", "size", "desk"},
        {"lamps", "xl"},
    ]


def test_codes_that_cannot_be_looked_up_are_no_references() -> None:
    product = _product({"a\x00": [_value("x")], "b": [_value("\ud800", linked_data={})]})
    assert needed_references(product) == {Reference(CatalogKind.ATTRIBUTE, "", "b")}
    dump_json(_rendered(product)).encode()


def test_rendering_leaves_the_product_as_it_was() -> None:
    quantified: JsonObject = {"KIT": {"product_models": [{"identifier": "m", "quantity": 1}]}}
    product = _product({"name": [_value("x")]}, quantified_associations=quantified)
    before = dump_json(product.body)
    _rendered(product)
    assert dump_json(product.body) == before
