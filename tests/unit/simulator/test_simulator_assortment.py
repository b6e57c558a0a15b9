import random
from collections import Counter
from dataclasses import replace

from pim.json_types import JsonValue, as_list, as_object, texts
from simulator.shop.assortment import Assortment
from simulator.shop.attributes import SPEC_BY_CODE
from simulator.shop.families import list_family_attributes
from simulator.shop.structure import make_structure
from simulator.shop.values import fillable, fresh_value

SHOP = Assortment(seed=7)
PRODUCTS = SHOP.products(3000)


def test_a_seed_stands_for_one_catalogue() -> None:
    again = Assortment(seed=7)

    for product, twin in zip(PRODUCTS, again.products(3000), strict=True):
        assert product.uuid == twin.uuid
        assert product.identifier == twin.identifier
    assert SHOP.values(PRODUCTS[5]) == again.values(again.products(6)[5])


def test_another_seed_is_another_catalogue() -> None:
    assert Assortment(seed=8).products(1)[0].uuid != PRODUCTS[0].uuid


def test_a_longer_catalogue_begins_with_the_shorter_one() -> None:
    uuids = [product.uuid for product in SHOP.products(50)]

    assert uuids == [product.uuid for product in PRODUCTS[:50]]


def test_identifiers_are_unique_whatever_their_case() -> None:
    folded = Counter(each.identifier.casefold() for each in PRODUCTS if each.identifier)

    assert folded.most_common(1)[0][1] == 1


def test_some_identifiers_are_digits_with_leading_zeros() -> None:
    digits = [each.identifier for each in PRODUCTS if each.identifier and each.identifier.isdigit()]

    assert len(digits) > 500
    assert any(identifier.startswith("0") for identifier in digits)


def test_a_few_products_lack_what_most_have() -> None:
    def share(count: int) -> float:
        return count / len(PRODUCTS)

    assert 0.003 < share(sum(each.identifier is None for each in PRODUCTS)) < 0.03
    assert 0.005 < share(sum(each.family is None for each in PRODUCTS)) < 0.05
    assert 0.01 < share(sum(not each.categories for each in PRODUCTS)) < 0.1
    assert 0.03 < share(sum(not each.enabled for each in PRODUCTS)) < 0.2


def test_before_version_7_every_product_has_an_identifier() -> None:
    products = Assortment(seed=7, every_identifier=True).products(3000)

    assert all(product.identifier for product in products)


def test_associations_lead_to_products_of_the_catalogue() -> None:
    uuids = {product.uuid for product in PRODUCTS}
    linked = {
        uuid
        for product in PRODUCTS
        for targets in product.associations.values()
        for uuid in targets
    }

    assert len(linked) > 500
    assert linked <= uuids


def test_values_belong_to_the_family_and_have_the_form_of_their_attribute() -> None:
    for product in PRODUCTS[:400]:
        values = SHOP.values(product)
        if product.family is not None:
            assert values.keys() <= set(list_family_attributes(product.family))
        for code, entries in values.items():
            spec = SPEC_BY_CODE[code]
            for entry in entries:
                assert (entry["locale"] is not None) is spec.localizable, code
                assert (entry["scope"] is not None) is spec.scopable, code
                assert is_of_type(spec.type, entry["data"], decimals=spec.decimals is True), code


def is_of_type(kind: str, data: JsonValue, *, decimals: bool) -> bool:
    number = str if decimals else int
    if kind == "pim_catalog_number":
        return isinstance(data, number)
    if kind == "pim_catalog_metric":
        return isinstance(data, dict) and isinstance(data["amount"], number)
    if kind == "pim_catalog_price_collection":
        return all(isinstance(as_object(price)["amount"], number) for price in as_list(data))
    if kind == "pim_catalog_multiselect":
        return texts(data) == sorted(set(texts(data))) and data != []
    if kind == "pim_catalog_boolean":
        return isinstance(data, bool)
    return isinstance(data, str) and data != ""


def test_names_are_words_of_a_shop() -> None:
    names = Counter(
        entry["data"]
        for product in PRODUCTS
        for entry in SHOP.values(product)["name"]
        if entry["locale"] == "en_US"
    )

    assert len(names) > 1500
    assert not any("product" in str(name).lower() for name in names)


def test_every_attribute_of_every_family_can_be_filled() -> None:
    rng = random.Random(1)
    by_family = {product.family: product for product in PRODUCTS}

    for product in by_family.values():
        for code in fillable(product):
            assert fresh_value(rng, code, product), code


def test_a_product_without_values_keeps_none() -> None:
    assert SHOP.values(replace(PRODUCTS[0], values={})) == {}


def test_the_structure_names_only_what_it_holds() -> None:
    items = list(make_structure())
    codes = {(item.kind, item.code) for item in items}

    for item in items:
        if item.kind == "families":
            assert isinstance(item.body["attributes"], list)
            assert {("attributes", code) for code in item.body["attributes"]} <= codes
        if item.kind == "categories" and item.body["parent"] is not None:
            assert ("categories", item.body["parent"]) in codes
        if item.kind == "attributes":
            assert ("attribute-groups", item.body["group"]) in codes
