from dataclasses import replace

import orjson

from pim.json_types import JsonObject, as_list, as_object
from simulator.render.view import Flavour, View, full_view
from simulator.shop.product import Product
from tests.unit.simulator.small_pim import SmallPim, a_small_pim

FULL = full_view(Flavour.UUID)
BARE = View(Flavour.UUID)


def a_product(pim: SmallPim, *having: str) -> Product:
    """A named product of a family, with values of these attributes."""
    for product in pim.products():
        filled = pim.simulation.assortment.values(product).keys()
        if product.identifier and product.family and set(having) <= filled:
            return product
    raise AssertionError(f"no product has {having}")


def body(pim: SmallPim, product: Product, view: View = FULL) -> JsonObject:
    return pim.simulation.renderer.body(product, view)


def value(shown: JsonObject, code: str) -> JsonObject:
    return as_object(as_list(as_object(shown["values"])[code])[0])


def test_by_uuid_the_identifier_is_a_value() -> None:
    pim = a_small_pim()
    product = a_product(pim)

    shown = body(pim, product)

    assert shown["uuid"] == product.uuid
    assert "identifier" not in shown
    assert value(shown, "sku") == {"data": product.identifier, "locale": None, "scope": None}


def test_by_identifier_it_stands_at_the_top_and_not_among_the_values() -> None:
    pim = a_small_pim()
    product = a_product(pim)

    shown = body(pim, product, View(Flavour.IDENTIFIER))

    assert (shown["uuid"], shown["identifier"]) == (product.uuid, product.identifier)
    assert "sku" not in as_object(shown["values"])


def test_before_version_7_there_is_no_uuid() -> None:
    pim = a_small_pim()

    assert "uuid" not in body(pim, a_product(pim), View(Flavour.LEGACY))


def test_a_product_without_identifier_has_no_value_of_it() -> None:
    pim = a_small_pim(products=600)
    nameless = next(each for each in pim.products() if each.identifier is None)

    assert "sku" not in as_object(body(pim, nameless)["values"])


def test_flags_add_labels_scores_and_completenesses() -> None:
    pim = a_small_pim()
    product = a_product(pim, "brand", "material")

    bare, full = body(pim, product, BARE), body(pim, product)

    assert "linked_data" not in value(bare, "brand")
    assert {"quality_scores", "completenesses"}.isdisjoint(bare)
    brand = value(full, "brand")
    assert as_object(brand["linked_data"])["code"] == brand["data"]
    material = value(full, "material")
    assert [*as_object(material["linked_data"])] == material["data"]
    places = {(as_object(each)["scope"], as_object(each)["locale"]) for each in complete(full)}
    assert places == {
        ("ecommerce", "en_US"),
        ("ecommerce", "de_DE"),
        ("ecommerce", "fr_FR"),
        ("print", "en_US"),
        ("print", "de_DE"),
    }


def complete(shown: JsonObject) -> list[JsonObject]:
    return [as_object(each) for each in as_list(shown["completenesses"])]


def test_completeness_falls_where_a_required_value_is_cleared() -> None:
    pim = a_small_pim()
    product = a_product(pim, "price")
    before = complete(body(pim, product))

    after = complete(body(pim, pim.change(product, {"values": {"price": []}})))

    for old, new in zip(before, after, strict=True):
        assert isinstance(old["data"], int)
        assert isinstance(new["data"], int)
        assert new["data"] < old["data"]


def test_a_product_without_family_has_neither_scores_nor_completenesses() -> None:
    pim = a_small_pim(products=600)
    homeless = next(each for each in pim.products() if each.family is None)

    shown = body(pim, homeless)

    assert (shown["quality_scores"], shown["completenesses"]) == ([], [])


def test_some_products_have_no_scores_yet() -> None:
    pim = a_small_pim(products=200)
    unscored = [each for each in pim.products() if body(pim, each)["quality_scores"] == []]

    assert 0 < len([each for each in unscored if each.family]) < 20


def test_every_plain_association_type_shows_even_when_empty() -> None:
    pim = a_small_pim()
    lonely = replace(a_product(pim), associations={})

    associations = as_object(body(pim, lonely)["associations"])

    assert sorted(associations) == ["PACK", "SUBSTITUTION", "UPSELL", "X_SELL"]
    assert associations["PACK"] == {"products": [], "product_models": [], "groups": []}


def test_empty_quantities_are_a_list_and_full_ones_a_map() -> None:
    pim = a_small_pim(products=300)
    empty = next(each for each in pim.products() if not each.quantified)
    full = next(each for each in pim.products() if each.quantified)
    part, count = full.quantified["PRODUCT_SET"][0]

    assert body(pim, empty)["quantified_associations"] == []
    shown = as_object(as_object(body(pim, full)["quantified_associations"])["PRODUCT_SET"])
    assert as_list(shown["products"])[0] == {"uuid": part, "quantity": count}


def test_associations_name_products_as_their_flavour_does() -> None:
    pim = a_small_pim()
    target, product = a_product(pim), pim.products()[-1]
    linked = replace(product, associations={"X_SELL": (target.uuid,)})

    def names(flavour: Flavour) -> object:
        shown = as_object(body(pim, linked, View(flavour))["associations"])
        return as_object(shown["X_SELL"])["products"]

    assert names(Flavour.UUID) == [target.uuid]
    assert names(Flavour.IDENTIFIER) == [target.identifier]
    pim.change(target, {"identifier": None})
    assert names(Flavour.IDENTIFIER) == [None]


def test_what_others_see_of_a_renamed_product_is_its_new_identifier() -> None:
    pim = a_small_pim()
    target, other = a_product(pim), pim.products()[-1]
    links: JsonObject = {"X_SELL": {"products": [target.uuid]}}
    other = pim.change(other, {"associations": links, "identifier": "REFERRER"})
    view = View(Flavour.IDENTIFIER)
    before = pim.simulation.renderer.encoded(other, view)

    pim.change(target, {"identifier": "NEW-NAME"})

    after = pim.simulation.renderer.encoded(pim.reread(other), view)
    assert b"NEW-NAME" not in before
    assert b"NEW-NAME" in after


def test_instants_are_whole_seconds_with_a_zone() -> None:
    pim = a_small_pim()
    product = pim.change(a_product(pim), {"enabled": False, "categories": []})

    assert body(pim, product)["updated"] == "2026-03-05T12:00:00+00:00"


def test_files_carry_a_link_to_their_download() -> None:
    pim = a_small_pim(public_url="https://pim.example.test/")
    shown = value(body(pim, a_product(pim, "image")), "image")

    href = f"https://pim.example.test/api/rest/v1/media-files/{shown['data']}/download"
    assert shown["_links"] == {"download": {"href": href}}


def test_a_value_whose_option_is_gone_is_not_shown_and_the_product_stays_as_it_was() -> None:
    pim = a_small_pim()
    product = a_product(pim, "brand")
    shown = body(pim, product)
    brand = value(shown, "brand")["data"]
    assert isinstance(brand, str)

    pim.simulation.structure.remove("options", brand, "brand")

    after = body(pim, product)
    assert "brand" not in as_object(after["values"])
    assert after["updated"] == shown["updated"]


def test_of_several_options_those_that_are_left_are_shown() -> None:
    pim = a_small_pim()
    product = a_product(pim)
    entry: JsonObject = {"data": ["wool", "oak"], "locale": None, "scope": None}
    product = pim.change(product, {"values": {"material": [entry]}})

    pim.simulation.structure.remove("options", "oak", "material")

    shown = value(body(pim, product), "material")
    assert shown["data"] == ["wool"]
    assert [*as_object(shown["linked_data"])] == ["wool"]


def test_values_of_a_locale_or_currency_that_is_off_are_not_shown() -> None:
    pim = a_small_pim()
    product = a_product(pim, "name", "price")
    off: JsonObject = {"enabled": False}

    pim.simulation.structure.change("locales", "de_DE", off, parent=None, now=0)
    pim.simulation.structure.change("currencies", "USD", off, parent=None, now=0)

    values = as_object(body(pim, product)["values"])
    locales = {as_object(each)["locale"] for each in as_list(values["name"])}
    assert "de_DE" not in locales
    amounts = as_list(as_object(as_list(values["price"])[0])["data"])
    assert [as_object(each)["currency"] for each in amounts] == ["EUR"]


def test_a_changed_label_shows_at_once_in_pages_that_were_kept() -> None:
    pim = a_small_pim()
    product = a_product(pim, "brand")
    before = pim.simulation.renderer.item(product, FULL)
    code = str(value(body(pim, product), "brand")["data"])

    labels: JsonObject = {"labels": {"en_US": "Renamed Brand"}}
    pim.simulation.structure.change("options", code, labels, parent="brand", now=0)

    assert b"Renamed Brand" not in before
    assert b"Renamed Brand" in pim.simulation.renderer.item(product, FULL)


def test_an_item_of_a_list_is_the_single_answer_with_a_link_to_itself() -> None:
    pim = a_small_pim(public_url="https://pim.example.test")
    product = a_product(pim)

    item = orjson.loads(pim.simulation.renderer.item(product, FULL))

    href = f"https://pim.example.test/api/rest/v1/products-uuid/{product.uuid}"
    assert item.pop("_links") == {"self": {"href": href}}
    assert item == orjson.loads(orjson.dumps(body(pim, product)))


def test_a_narrowed_view_leaves_values_out() -> None:
    pim = a_small_pim()
    product = a_product(pim, "name", "description", "price")
    narrow = replace(
        BARE,
        attributes=frozenset({"name", "description"}),
        scope="ecommerce",
        locales=frozenset({"en_US"}),
    )

    values = as_object(body(pim, product, narrow)["values"])

    assert sorted(values) == ["description", "name"]
    places = {
        (as_object(each)["locale"], as_object(each)["scope"])
        for entries in values.values()
        for each in as_list(entries)
    }
    assert places == {("en_US", None), ("en_US", "ecommerce")}
