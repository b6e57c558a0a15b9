"""Attributes of every type, and what becomes of their values when the structure changes."""

import random
import re
from collections import Counter
from decimal import Decimal

import pytest

from pim.json_types import JsonObject, JsonValue, as_list, as_object
from simulator.edits.sessions import EditSessions
from simulator.render.view import Flavour, View, full_view
from simulator.shop.product import Product
from simulator.shop.things import ThingKind
from tests.unit.simulator.small_pim import SmallPim, a_small_pim

FULL = full_view(Flavour.UUID)
EVERY_TYPE = {
    "akeneo_reference_entity",
    "akeneo_reference_entity_collection",
    "pim_catalog_asset_collection",
    "pim_catalog_boolean",
    "pim_catalog_date",
    "pim_catalog_file",
    "pim_catalog_identifier",
    "pim_catalog_image",
    "pim_catalog_metric",
    "pim_catalog_multiselect",
    "pim_catalog_number",
    "pim_catalog_price_collection",
    "pim_catalog_product_link",
    "pim_catalog_simpleselect",
    "pim_catalog_table",
    "pim_catalog_text",
    "pim_catalog_textarea",
    "pim_reference_data_multiselect",
    "pim_reference_data_simpleselect",
}


def an_enterprise(products: int = 150, **settings: object) -> SmallPim:
    return a_small_pim(products, edition="EE", records=40, assets=40, **settings)


def attributes(pim: SmallPim) -> dict[str, JsonObject]:
    return {item.code: item.body for item in pim.simulation.structure.items("attributes")}


def values(pim: SmallPim, product: Product) -> JsonObject:
    return as_object(pim.simulation.renderer.body(product, FULL)["values"])


def entries(pim: SmallPim, code: str) -> list[JsonObject]:
    """All values of an attribute that products show."""
    return [
        as_object(entry)
        for product in pim.products()
        for entry in as_list(values(pim, product).get(code))
    ]


def change(pim: SmallPim, kind: str, code: str, **changes: JsonValue) -> None:
    pim.simulation.structure.change(
        kind, code, changes, parent=None, now=pim.simulation.now_seconds()
    )


def test_an_enterprise_pim_in_the_cloud_has_attributes_of_every_type_and_values_of_each() -> None:
    pim = an_enterprise(saas=True)
    shown = Counter(code for product in pim.products() for code in values(pim, product))
    types = {str(body["type"]) for code, body in attributes(pim).items() if shown[code]}

    assert types == EVERY_TYPE


def test_every_mix_of_locale_and_channel_occurs() -> None:
    pim = a_small_pim(every_type=True)
    described = attributes(pim).values()

    assert {(body["localizable"], body["scopable"]) for body in described} == {
        (False, False),
        (False, True),
        (True, False),
        (True, True),
    }
    assert [body["available_locales"] for body in described if body["available_locales"]] == [
        ["de_DE", "fr_FR"],
        ["de_DE"],
    ]


def test_values_stand_where_their_attribute_says() -> None:
    pim = an_enterprise()
    described = attributes(pim)

    for product in pim.products():
        for code, shown in values(pim, product).items():
            for entry in map(as_object, as_list(shown)):
                assert (entry["locale"] is not None) is described[code]["localizable"]
                assert (entry["scope"] is not None) is described[code]["scopable"]
                locales = as_list(described[code]["available_locales"])
                assert not locales or entry["locale"] in locales


def test_numbers_are_padded_below_zero_or_whole_as_their_attribute_allows() -> None:
    pim = a_small_pim(300, every_type=True)
    ratings = [str(entry["data"]) for entry in entries(pim, "rating")]
    altitudes = [entry["data"] for entry in entries(pim, "lowest_altitude")]
    degrees = [as_object(entry["data"])["amount"] for entry in entries(pim, "freezing_point")]
    fees = [
        as_object(as_list(entry["data"])[0])["amount"] for entry in entries(pim, "shipping_fee")
    ]

    assert all(re.fullmatch(r"\d\.\d000", rating) for rating in ratings)
    assert all(isinstance(altitude, int) for altitude in altitudes)
    assert min(int(str(altitude)) for altitude in altitudes) < 0
    assert min(Decimal(str(amount)) for amount in degrees) < 0
    assert all(isinstance(fee, int) for fee in fees)


def test_labels_are_missing_in_some_locales_and_sometimes_in_all() -> None:
    pim = a_small_pim(1, every_type=True)
    labels = [body["labels"] for body in attributes(pim).values()]

    # A map without entries is PHP's list.
    assert [] in labels
    assert {len(as_object(each)) for each in labels} == {0, 1, 2, 3}


def test_a_community_shop_is_what_it_was_and_the_others_have_more() -> None:
    """The same seed makes the same products, whatever comes on top of their values."""
    community, every_type = a_small_pim(60), a_small_pim(60, every_type=True)
    enterprise = an_enterprise(60)

    for plain, more, most in zip(
        community.products(), every_type.products(), enterprise.products(), strict=True
    ):
        base = values(community, plain)
        assert plain.uuid == more.uuid == most.uuid
        assert base.items() <= values(every_type, more).items() <= values(enterprise, most).items()
    assert "metadata" not in community.simulation.renderer.body(community.products()[0], FULL)


def test_random_edits_of_a_community_shop_are_what_they_were() -> None:
    """An Enterprise shop draws more; a Community one must not draw for what it does not have."""
    one, other = a_small_pim(80), a_small_pim(80, records=3, assets=3)

    for pim in (one, other):
        sessions = EditSessions(pim.simulation, random.Random(5))
        for _ in range(60):
            sessions.save()

    assert [values(one, each) for each in one.products()] == [
        values(other, each) for each in other.products()
    ]


def test_random_edits_reach_records_assets_and_the_values_that_name_them() -> None:
    pim = an_enterprise(60)
    things = pim.simulation.things
    before = {kind: list(things.all(kind)) for kind in ThingKind}
    linked = {each.uuid: values(pim, each).get("gallery") for each in pim.products()}
    sessions = EditSessions(pim.simulation, random.Random(3))
    pim.clock.go_on(60)

    for _ in range(500):
        sessions.save()

    for kind in ThingKind:
        after = list(things.all(kind))
        assert {each.code for each in before[kind]} - {each.code for each in after}
        assert {each.code for each in after} - {each.code for each in before[kind]}
        assert any(each.updated == pim.simulation.now_seconds() for each in after)
    assert any(
        values(pim, each).get("gallery") != linked[each.uuid]
        for each in pim.products()
        if each.uuid in linked
    )


def test_rows_of_a_table_name_columns_and_leave_empty_cells_out() -> None:
    pim = an_enterprise(300)
    columns = as_list(attributes(pim)["composition"]["table_configuration"])
    codes = [as_object(column)["code"] for column in columns]
    rows = [
        as_object(row) for entry in entries(pim, "composition") for row in as_list(entry["data"])
    ]

    assert all("material" in row and set(row) <= set(codes) for row in rows)
    assert any(set(row) < set(codes) for row in rows)
    assert {type(row["recycled"]) for row in rows if "recycled" in row} == {bool}


def test_a_row_goes_with_the_option_of_its_first_cell_and_a_cell_with_its_record() -> None:
    pim = an_enterprise(300)
    body = attributes(pim)["composition"]
    columns = [as_object(column) for column in as_list(body["table_configuration"])]
    updated = [each.updated for each in pim.products()]
    workshops = pim.simulation.things.items(ThingKind.RECORD, "Workshop")

    first: JsonObject = {**columns[0], "options": [{"code": "cotton", "labels": {}}]}
    change(pim, "attributes", "composition", table_configuration=[first, *columns[1:]])
    for workshop in workshops:
        pim.simulation.things.remove(ThingKind.RECORD, "Workshop", workshop.code)

    rows = [
        as_object(row) for entry in entries(pim, "composition") for row in as_list(entry["data"])
    ]
    assert {row["material"] for row in rows} == {"cotton"}
    assert all("workshop" not in row for row in rows)
    assert [each.updated for each in pim.products()] == updated


def test_a_table_hides_when_no_row_is_left() -> None:
    pim = an_enterprise(100)
    columns = as_list(attributes(pim)["composition"]["table_configuration"])
    first: JsonObject = {**as_object(columns[0]), "options": []}
    change(pim, "attributes", "composition", table_configuration=[first, *columns[1:]])

    assert entries(pim, "composition") == []


def test_a_measure_hides_when_its_unit_is_gone() -> None:
    """A deleted unit of measure hides values at read time, and no product moves."""
    pim = a_small_pim()
    before = len(entries(pim, "weight"))
    updated = [each.updated for each in pim.products()]
    change(pim, "measurement-families", "Weight", units={"GRAM": {"code": "GRAM", "labels": []}})

    assert before > 0
    assert entries(pim, "weight") == []
    assert [each.updated for each in pim.products()] == updated


@pytest.mark.parametrize("is_removed", [True, False])
def test_values_of_a_channel_hide_with_it_or_with_its_locale(*, is_removed: bool) -> None:
    """A removed channel, and a locale that a channel drops, hide values at read time."""
    pim = a_small_pim()
    places = {(entry["scope"], entry["locale"]) for entry in entries(pim, "description")}
    if is_removed:
        pim.simulation.structure.remove("channels", "print")
        gone = {(scope, locale) for scope, locale in places if scope == "print"}
    else:
        change(pim, "channels", "print", locales=["en_US"])
        gone = {("print", "de_DE")}

    shown = {(entry["scope"], entry["locale"]) for entry in entries(pim, "description")}

    assert gone
    assert shown == places - gone


def test_a_locale_that_an_attribute_is_no_more_meant_for_hides() -> None:
    pim = a_small_pim(200, every_type=True)
    before = {entry["locale"] for entry in entries(pim, "claim")}
    change(pim, "attributes", "claim", available_locales=["fr_FR"])

    assert before == {"de_DE", "fr_FR"}
    assert {entry["locale"] for entry in entries(pim, "claim")} == {"fr_FR"}


def test_the_cloud_says_types_links_and_symbols_beside_values() -> None:
    pim = an_enterprise(saas=True)
    described = attributes(pim)

    for product in pim.products():
        for code, shown in values(pim, product).items():
            for entry in map(as_object, as_list(shown)):
                assert entry["attribute_type"] == described[code]["type"]
                linked = described[code]["reference_data_name"]
                assert entry.get("reference_data_name") == linked
    assert {as_object(entry["data"])["symbol"] for entry in entries(pim, "weight")} == {"kg"}


def test_elsewhere_values_do_not_say_their_type() -> None:
    pim = an_enterprise()

    assert all("attribute_type" not in entry for entry in entries(pim, "designed_by"))
    assert all("symbol" not in as_object(entry["data"]) for entry in entries(pim, "weight"))


def test_a_link_to_a_product_names_its_kind_and_its_uuid() -> None:
    pim = an_enterprise(saas=True)
    uuids = {product.uuid for product in pim.products()}
    links = [as_object(entry["data"]) for entry in entries(pim, "replaced_by")]

    assert links
    assert {link["type"] for link in links} == {"product"}
    assert {str(link["id"]) for link in links} <= uuids


def test_codes_are_saved_as_the_pim_has_them_whatever_their_case() -> None:
    """Codes are compared whatever their case, and kept as they were written first."""
    pim = a_small_pim(every_type=True)
    product = pim.products()[0]
    changes: JsonObject = {
        "family": "TENTS",
        "categories": ["GIFTS"],
        "values": {
            "ECOSCORE": [{"data": "a", "locale": None, "scope": None}],
            "Material": [{"data": ["COTTON", "Oak"], "locale": None, "scope": None}],
        },
    }

    saved = pim.change(product, changes)

    shown = values(pim, saved)
    assert (saved.family, saved.categories) == ("tents", ("gifts",))
    assert as_object(as_list(shown["EcoScore"])[0])["data"] == "A"
    assert as_object(as_list(shown["material"])[0])["data"] == ["cotton", "oak"]


def test_a_changed_case_of_an_option_shows_in_values() -> None:
    pim = a_small_pim()
    structure = pim.simulation.structure
    before = {entry["data"] for entry in entries(pim, "brand")}
    structure.remove("options", "nordhavn", "brand")
    structure.change("options", "NordHavn", {}, parent="brand", now=0)

    brands = entries(pim, "brand")

    assert "nordhavn" in before
    assert {entry["data"] for entry in brands} == {*before - {"nordhavn"}, "NordHavn"}
    assert all(as_object(entry["linked_data"])["code"] == entry["data"] for entry in brands)


def test_roots_of_models_have_the_extra_values_that_their_variants_show() -> None:
    pim = an_enterprise(10, models=20)
    extra = set(pim.simulation.assortment.extras.codes)
    variants = [each for each in pim.products() if each.parent is not None]

    assert variants
    assert any(extra & values(pim, variant).keys() for variant in variants)


def test_before_version_7_tables_name_no_records() -> None:
    pim = an_enterprise(5, identifier_only=True)
    columns = as_list(attributes(pim)["composition"]["table_configuration"])

    assert "reference_entity" not in {as_object(column)["data_type"] for column in columns}


def test_empty_maps_are_lists_in_some_places_and_objects_in_others() -> None:
    """`{}` and `[]` are the same empty; a PIM writes both."""
    pim = an_enterprise(1)
    cleared: JsonObject = {code: [] for code in values(pim, pim.products()[0])}
    bare = pim.change(pim.products()[0], {"family": None, "values": cleared})
    shown = pim.simulation.renderer.body(bare, View(Flavour.IDENTIFIER))
    entity = pim.simulation.structure.get("asset-families", "user_guides")
    group = pim.simulation.structure.get("attribute-groups", "other")

    assert shown["values"] == {}
    assert shown["quantified_associations"] == []
    assert entity is not None
    assert group is not None
    assert (entity.body["labels"], group.body["labels"]) == ({}, [])


def test_random_edits_reach_the_extra_values_of_models() -> None:
    pim = an_enterprise(1, models=12)
    extra = set(pim.simulation.assortment.extras.codes)

    def kept() -> dict[str, JsonObject]:
        models = pim.simulation.database.models
        return {
            model.code: {code: [*each] for code, each in model.values.items() if code in extra}
            for model in models
        }

    before = kept()
    sessions = EditSessions(pim.simulation, random.Random(4))
    for _ in range(150):
        sessions.save()

    after = kept()
    assert any(after[code] != former for code, former in before.items() if code in after)
