"""What stands beside units, assets, tables, links and records in a document."""

from pim.document.document import associated
from pim.json_types import JsonObject, JsonValue, as_object
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from tests.unit.pim.small_documents import Catalog, entry_of, product_of, render_document, value_of

KILOGRAM: JsonObject = {"code": "KILOGRAM", "labels": {"en_US": "Kilogram", "fr_FR": ""}}
ASSETS = "pim_catalog_asset_collection"


def with_metric(units: JsonValue) -> Catalog:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "weight", type="pim_catalog_metric", metric_family="Weight")
    catalog.add(CatalogKind.MEASUREMENT_FAMILY, "weight", units=units)
    return catalog


def test_a_metric_has_the_labels_of_its_unit_and_its_amount_as_written() -> None:
    product = product_of({"weight": [value_of({"amount": "1.2500", "unit": "kilogram"})]})
    written: list[JsonValue] = [{"KILOGRAM": KILOGRAM}, [KILOGRAM]]  # PHP writes either
    for units in written:
        entry = entry_of(product, "weight", with_metric(units))
        assert entry["data"] == {"amount": "1.2500", "unit": "kilogram"}
        assert entry["labels"] == {"en_US": "Kilogram"}
    assert (
        Reference(CatalogKind.MEASUREMENT_FAMILY, "", "Weight")
        in render_document(product, with_metric([])).references
    )


def test_a_unit_without_label_leaves_the_code_alone() -> None:
    product = product_of({"weight": [value_of({"amount": 1, "unit": "STONE"})]})
    nameless: JsonObject = {"code": "STONE", "labels": []}
    written: list[JsonValue] = [[], {"KILOGRAM": KILOGRAM}, [nameless]]
    for units in written:
        assert "labels" not in entry_of(product, "weight", with_metric(units))


def pictures(main: str | None, **values: JsonValue) -> Catalog:
    """A catalog with a family of assets and the asset `front`."""
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "photos", type=ASSETS, reference_data_name="pictures")
    catalog.add(CatalogKind.ASSET_FAMILY, "pictures", attribute_as_main_media=main)
    catalog.add(CatalogKind.ASSET, "front", home="pictures", values={**values})
    return catalog


def asset(catalog: Catalog) -> JsonObject:
    product = product_of({"photos": [value_of(["front"])]})
    return as_object(as_object(entry_of(product, "photos", catalog)["asset"])["front"])


def test_an_asset_has_the_links_of_its_familys_main_media() -> None:
    file: JsonObject = {
        "locale": "de_DE",
        "channel": "print",
        "data": "a/b.png",
        "_links": {"download": {"href": "https://pim.example.test/asset-media-files/a/b.png"}},
    }
    other: JsonObject = {"locale": None, "channel": None, "data": "c.png", "_links": file["_links"]}
    catalog = pictures("Picture", picture=[file], thumbnail=[other])
    assert asset(catalog)["media"] == [
        {
            "locale": "de_DE",
            "scope": "print",
            "url": "https://pim.example.test/asset-media-files/a/b.png",
        }
    ]
    assert asset(pictures("picture"))["media"] == []
    assert "media" not in asset(pictures(None, picture=[file]))


def test_a_link_to_media_elsewhere_is_said_by_the_cloud_or_spelled_by_its_attribute() -> None:
    said: JsonObject = {"full_url": "https://films.example.test/x?dl"}
    value: JsonObject = {"locale": None, "channel": None, "data": "x"}
    assert asset(pictures("film", film=[{**value, "linked_data": said}]))["media"] == [
        {"locale": None, "scope": None, "url": "https://films.example.test/x?dl"}
    ]
    catalog = pictures("film", film=[value])
    assert asset(catalog)["media"] == []
    catalog.add(
        CatalogKind.ASSET_ATTRIBUTE,
        "film",
        home="pictures",
        type="media_link",
        prefix="https://f.test/",
        suffix=None,
    )
    assert asset(catalog)["media"] == [{"locale": None, "scope": None, "url": "https://f.test/x"}]


def test_an_asset_depends_on_its_family_and_on_the_attribute_of_its_main_media() -> None:
    product = product_of({"photos": [value_of(["front"])]})
    references = render_document(product, pictures("picture")).references
    assert Reference(CatalogKind.ASSET_FAMILY, "", "pictures") in references
    assert Reference(CatalogKind.ASSET_ATTRIBUTE, "pictures", "picture") in references


def test_a_record_that_names_another_record_shows_its_code() -> None:
    """One level only: a change of the other record concerns no product of this one."""
    catalog = Catalog()
    catalog.add(
        CatalogKind.ATTRIBUTE, "brand", type="akeneo_reference_entity", reference_data_name="brands"
    )
    country: JsonObject = {"locale": None, "channel": None, "data": "italy"}
    catalog.add(CatalogKind.RECORD, "acme", home="brands", values={"country": [country]})
    product = product_of({"brand": [value_of("ACME")]})
    assert entry_of(product, "brand", catalog)["record"] == {
        "code": "ACME",
        "labels": {},
        "values": {"country": [country]},
    }
    references = render_document(product, catalog).references
    assert {each.code for each in references if each.kind is CatalogKind.RECORD} == {"ACME"}


def test_a_records_options_have_their_labels_beside_them() -> None:
    catalog = Catalog()
    catalog.add(
        CatalogKind.ATTRIBUTE, "brand", type="akeneo_reference_entity", reference_data_name="Brands"
    )
    values: JsonObject = {
        "Country": [{"locale": None, "channel": None, "data": "IT"}],
        "crafts": [{"locale": None, "channel": "web", "data": ["wood", "clay", "tin"]}],
        "note": [{"locale": None, "channel": None, "data": "it"}],
    }
    catalog.add(CatalogKind.RECORD, "acme", home="Brands", values=values)
    options: JsonObject = {
        "country": {"it": {"en_US": "Italy"}},
        "crafts": {"wood": {"en_US": "Wood"}, "clay": {"en_US": "Clay"}, "tin": {}},
    }
    catalog.items[CatalogKind.RECORD_OPTIONS, "", "brands"] = options
    product = product_of({"brand": [value_of("acme")]})
    record = as_object(entry_of(product, "brand", catalog)["record"])
    crafts: JsonObject = {"wood": {"en_US": "Wood"}, "clay": {"en_US": "Clay"}}
    assert record["values"] == {
        "Country": [{"locale": None, "channel": None, "data": "IT", "labels": {"en_US": "Italy"}}],
        "crafts": [
            {
                "locale": None,
                "channel": "web",
                "data": ["wood", "clay", "tin"],
                "labels": crafts,
            }
        ],
        "note": values["note"],
    }
    references = render_document(product, catalog).references
    assert Reference(CatalogKind.RECORD_OPTIONS, "", "Brands") in references


def test_an_assets_options_have_their_labels_beside_them() -> None:
    catalog = pictures("picture")
    view: JsonObject = {"locale": None, "channel": None, "data": "top"}
    catalog.add(CatalogKind.ASSET, "front", home="pictures", values={"view": [view]})
    catalog.items[CatalogKind.ASSET_OPTIONS, "", "pictures"] = {"view": {"top": {"de_DE": "Oben"}}}
    values = as_object(asset(catalog)["values"])
    assert values["view"] == [{**view, "labels": {"de_DE": "Oben"}}]


COLUMNS: list[JsonValue] = [
    {
        "code": "Ingredient",
        "data_type": "select",
        "labels": {"en_US": "Ingredient", "de_DE": None},
        "options": [{"code": "salt", "labels": {"en_US": "Salt"}}, {"code": "0", "labels": []}],
    },
    {"code": "amount", "data_type": "number", "labels": []},
    {
        "code": "origin",
        "data_type": "reference_entity",
        "labels": {},
        "reference_entity_identifier": "countries",
    },
    {"code": "mass", "data_type": "measurement", "measurement_family_code": "Weight"},
]
ROWS: list[JsonValue] = [
    {
        "ingredient": "SALT",
        "amount": 1,
        "origin": "italy",
        "mass": {"amount": 5, "unit": "KILOGRAM"},
    },
    {"ingredient": "0", "amount": "2.50", "origin": "nowhere"},
    {"ingredient": "salt"},
]


def test_a_table_keeps_its_rows_and_says_what_its_columns_and_codes_mean() -> None:
    catalog = Catalog()
    catalog.add(
        CatalogKind.ATTRIBUTE, "food", type="pim_catalog_table", table_configuration=[*COLUMNS]
    )
    catalog.add(CatalogKind.RECORD, "italy", home="countries", labels={"en_US": "Italy"})
    catalog.add(CatalogKind.MEASUREMENT_FAMILY, "Weight", units=[KILOGRAM])
    product = product_of({"food": [value_of([*ROWS])]})
    entry = entry_of(product, "food", catalog)
    assert entry["data"] == ROWS
    assert entry["labels"] == {
        "Ingredient": {
            "labels": {"en_US": "Ingredient"},
            "options": {"SALT": {"en_US": "Salt"}, "salt": {"en_US": "Salt"}},
        },
        "amount": {"labels": {}},
        "origin": {"labels": {}},
        "mass": {"labels": {}, "options": {"KILOGRAM": {"en_US": "Kilogram"}}},
    }
    italy: JsonObject = {"code": "italy", "labels": {"en_US": "Italy"}, "values": {}}
    assert entry["record"] == {"origin": {"italy": italy}}
    references = render_document(product, catalog).references
    assert Reference(CatalogKind.RECORD, "countries", "nowhere") in references
    assert Reference(CatalogKind.MEASUREMENT_FAMILY, "", "Weight") in references


def test_a_table_whose_columns_are_not_known_stands_alone() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "food", type="pim_catalog_table")
    entry = entry_of(product_of({"food": [value_of([*ROWS])]}), "food", catalog)
    assert entry == {"locale": None, "scope": None, "data": ROWS}


def test_a_link_to_a_product_is_followed_when_that_product_goes() -> None:
    """A deleted target leaves the answer without an event, as with associations."""
    linked = value_of({"type": "product", "id": "7F3c"})
    model = value_of({"type": "product_model", "id": "arc"})
    product = product_of({"see": [linked, model]})
    assert associated(product) == {
        Reference(CatalogKind.PRODUCT, "", "7F3c"),
        Reference(CatalogKind.ASSOCIATED_MODEL, "", "arc"),
    }
    assert entry_of(product_of({"see": [linked]}), "see")["data"] == linked["data"]


def test_options_that_php_lists_without_keys_are_found_by_their_own_code() -> None:
    """Numeric codes: PHP may write the map {"0": …, "1": …} as a list."""
    listed: list[JsonValue] = [
        {"attribute": "size", "code": "1", "labels": {"en_US": "One"}},
        {"attribute": "size", "code": "000123", "labels": {"en_US": "Padded"}},
    ]
    entry = value_of(["1", "000123", "0"], linked_data=listed)
    assert entry_of(product_of({"size": [entry]}), "size")["labels"] == {
        "1": {"en_US": "One"},
        "000123": {"en_US": "Padded"},
    }
