"""Odd spellings with one meaning are read as meant; whatever else is odd costs only itself."""

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pim.canonical import load_json
from pim.events import parse_batch
from pim.json_types import JsonObject, JsonValue, as_code, as_list, as_object
from pim.product.fingerprint import fingerprint_item
from pim.product.oddities import find_oddities
from pim.search import updated_at, updated_since
from pim.structure import Reference
from pim.texts import moved, parse_instant
from pim.vocabulary import CatalogKind
from tests.unit.pim.small_documents import (
    UUID,
    Catalog,
    entry_of,
    product_of,
    render_document,
    rendered,
    value_of,
)


def test_a_list_with_holes_is_a_list_in_the_order_of_its_numbers() -> None:
    assert as_list({"10": "c", "2": "b", "0": "a"}) == ["a", "b", "c"]
    for name in ("x", "", "-1", "1.5", "\u0661", "9" * 19):
        assert as_list({"0": "a", name: "b"}) == []


def test_only_whole_numbers_are_codes() -> None:
    values = load_json('[12, "012", 1.0, 1e3, true, null, [], {}]')
    assert [as_code(value) for value in as_list(values)] == ["12", "012", *[None] * 6]


@pytest.mark.parametrize(
    "date",
    [None, "", 7, [], "yesterday", "2024-02-30T10:00:00+00:00", "-0001-11-30T00:00:00+00:00",
     "2026-11-23T10:00:00", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00"],
)  # fmt: skip
def test_a_product_without_a_readable_date_is_a_product(date: JsonValue) -> None:
    product = product_of({"name": [value_of("x")]}, updated=date, created=date)
    assert (product.updated, product.created) == (None, None)
    assert "updated: no date that can be read" in product.notes
    assert rendered(product)["updated"] == date
    assert product.content_hash == product_of({"name": [value_of("x")]}, created=date).content_hash


def test_no_reckoning_leaves_the_calendar() -> None:
    for text in ("0002-01-01T00:00:00+00:00", "9998-12-31T23:59:59+00:00"):
        instant = parse_instant(text)
        assert instant is not None
        for zone in map(ZoneInfo, ("Pacific/Kiritimati", "Pacific/Midway", "Europe/Paris")):
            assert updated_since(instant, zone)
            assert updated_at(instant, zone)
    edge = datetime(1, 1, 1, tzinfo=UTC)
    assert moved(edge, -timedelta(days=1)) > edge
    assert moved(datetime(9999, 12, 31, tzinfo=UTC), timedelta(days=9)).year < 9999


@pytest.mark.parametrize("identifier", ["\u00a0", "a\x00b", "x" * 300, "", None, 1.5, []])
def test_an_event_needs_one_name_that_can_be_used(identifier: JsonValue) -> None:
    def told(**resource: JsonValue) -> bytes:
        event = {"action": "product.updated", "event_id": "e", "data": {"resource": resource}}
        return json.dumps({"events": [event]}).encode()

    (event,) = parse_batch(told(uuid=UUID, identifier=identifier)).events
    assert (event.uuid, event.identifier) == (UUID, None)
    assert parse_batch(told(uuid=" ", identifier=identifier)).events == ()
    (event,) = parse_batch(told(uuid=" ", identifier=12)).events
    assert (event.uuid, event.identifier) == (None, "12")


def test_each_thing_of_a_set_is_shown_once_in_the_order_of_the_source() -> None:
    product = product_of(
        {"rooms": [value_of(["b", "a", "b"])], "size": [value_of({"2": "l", "0": "s"})]},
        categories=["sale", "lamps", "sale"],
        groups={"3": 12, "1": "g"},
        associations={"X": {"products": {"0": "p", "4": "p", "7": 7}}},
        completenesses=[{"data": 1}, {"data": 1}],
    )
    shown = rendered(product)
    assert [as_object(each)["code"] for each in as_list(shown["categories"])] == ["sale", "lamps"]
    assert shown["groups"] == ["g", "12"]
    assert shown["associations"] == {"X": {"products": ["p", "7"]}}
    assert shown["completenesses"] == [{"data": 1}]
    assert entry_of(product, "rooms")["data"] == ["b", "a"]
    assert entry_of(product, "size")["data"] == ["s", "l"]
    assert product.notes == ()
    assert product.body["categories"] == ["sale", "lamps", "sale"]


def test_a_number_where_a_code_belongs_is_the_code_and_a_number_elsewhere_stays_one() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "size", type="pim_catalog_simpleselect")
    catalog.add(CatalogKind.OPTION, "7", home="size", labels={"en_US": "Seven"})
    catalog.add(CatalogKind.ATTRIBUTE, "count", type="pim_catalog_number")
    product = product_of({"size": [value_of(7)], "count": [value_of(7)]}, family=12)
    size = entry_of(product, "size", catalog)
    assert (size["data"], size["labels"]) == ("7", {"en_US": "Seven"})
    assert entry_of(product, "count", catalog)["data"] == 7
    assert product.family == "12"


def test_what_a_tables_cells_point_to_is_known_by_its_shape() -> None:
    rows: list[JsonValue] = [{"part": {"type": "product", "id": "u-1"}, "n": {"unit": "KG"}},
                             {"part": {"type": "product_model", "code": "arc"}}]  # fmt: skip
    references = render_document(product_of({"parts": [value_of(rows)]}), Catalog()).references
    assert Reference(CatalogKind.PRODUCT, "", "u-1") in references
    assert Reference(CatalogKind.ASSOCIATED_MODEL, "", "arc") in references


def test_a_link_of_an_items_value_counts_and_where_the_item_lives_does_not() -> None:
    def item(link: str, home: str) -> JsonObject:
        value: JsonObject = {"data": "a", "_links": {"download": {"href": link}}}
        return {"code": "a", "values": {"media": [value]}, "_links": {"self": {"href": home}}}

    assert fingerprint_item(item("x", "1")) == fingerprint_item(item("x", "2"))
    assert fingerprint_item(item("x", "1")) != fingerprint_item(item("y", "1"))


def test_what_is_odd_is_named_and_left_as_it_came() -> None:
    catalog = Catalog()
    catalog.add(CatalogKind.ATTRIBUTE, "weight", type="pim_catalog_metric", metric_family="W")
    product = product_of(
        {"weight": [value_of(["heavy"])], "name": "Arc", "x": [5, value_of(1)]},
        enabled=0, categories=["a", None], family={"code": "x"},
    )  # fmt: skip
    document = render_document(product, catalog).body
    assert document["enabled"] is False
    assert set(as_object(document["attributes"])) == {"weight", "x"}
    assert entry_of(product, "weight", catalog)["data"] == ["heavy"]
    assert find_oddities(product.body, document) == (
        "family: no usable code",
        "categories: what is no code is left out",
        "values.name: no list of values; left out",
        "values.x: what is no value is left out",
        "values.weight: no data of a pim_catalog_metric; shown as it came",
    )
