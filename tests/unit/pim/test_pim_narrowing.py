"""Documents narrowed to channels, locales and attributes; and what is outside."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pim.canonical import load_json
from pim.document import EVERYTHING, Narrowing
from pim.json_types import JsonObject, JsonValue, as_list, as_object

GOLDEN = [
    as_object(as_object(load_json(line))["document"])
    for line in Path(__file__).with_name("golden_documents.jsonl").read_text().splitlines()
    if '"document":' in line
]

DOCUMENT: JsonObject = {
    "key": "k",
    "family": {"code": "Lamps", "labels": {"en_US": "Lamps", "de_DE": "Leuchten"}},
    "categories": [
        {"code": "desk", "labels": {"de_DE": "Tisch"}, "path": ["master", "home", "desk"]},
        {"code": "sale"},
    ],
    "attributes": {
        "name": {
            "labels": {"en_US": "Name", "fr_FR": "Nom"},
            "values": [
                {"locale": "en_US", "scope": None, "data": "Arc"},
                {"locale": "de_DE", "scope": None, "data": "Bogen"},
            ],
        },
        "note": {"values": [{"locale": "de_DE", "scope": "print", "data": "x"}]},
        "weight": {
            "values": [
                {
                    "locale": None,
                    "scope": "shop",
                    "data": {"amount": "1.50", "unit": "KG"},
                    "labels": {"en_US": "Kilo", "de_DE": "Kilogramm"},
                }
            ]
        },
        "colours": {
            "values": [
                {
                    "locale": None,
                    "scope": None,
                    "data": ["red", "blue"],
                    "labels": {"red": {"en_US": "Red", "de_DE": "Rot"}, "blue": {"fr_FR": "Bleu"}},
                }
            ]
        },
        "maker": {
            "values": [
                {
                    "locale": None,
                    "scope": None,
                    "data": "acme",
                    "record": {
                        "code": "acme",
                        "labels": {"en_US": "Acme", "de_DE": "Akme"},
                        "values": {
                            "label": [{"locale": "en_US", "channel": None, "data": "Acme"}],
                            "slogan": [{"locale": "de_DE", "channel": "print", "data": "Ja"}],
                        },
                    },
                }
            ]
        },
        "films": {
            "values": [
                {
                    "locale": None,
                    "scope": None,
                    "data": ["f1"],
                    "asset": {
                        "f1": {
                            "code": "f1",
                            "labels": {"de_DE": "Film"},
                            "media": [
                                {"locale": "en_US", "scope": "shop", "url": "e"},
                                {"locale": "de_DE", "scope": None, "url": "d"},
                            ],
                            "values": {},
                        }
                    },
                }
            ]
        },
        "parts": {
            "values": [
                {
                    "locale": None,
                    "scope": None,
                    "data": [{"part": "arm"}],
                    "labels": {
                        "part": {
                            "labels": {"en_US": "Part", "de_DE": "Teil"},
                            "options": {"arm": {"en_US": "Arm", "fr_FR": "Bras"}},
                        }
                    },
                    "record": {"part": {"arm": {"code": "arm", "labels": {"fr_FR": "Bras"}}}},
                }
            ]
        },
    },
    "completenesses": [
        {"scope": "shop", "locale": "en_US", "data": 80},
        {"scope": "print", "locale": "en_US", "data": 90},
    ],
    "quality_scores": [{"scope": "print", "locale": "de_DE", "data": "A"}],
}


def only(**wanted: str) -> Narrowing:
    """A narrowing of the codes, blank-separated."""
    return Narrowing(**{kind: frozenset(codes.split()) for kind, codes in wanted.items()})


def narrowed(**wanted: str) -> JsonObject:
    document = only(**wanted).narrow(DOCUMENT)
    assert document is not None
    return document


def value_of(document: JsonObject, code: str) -> JsonObject:
    (value,) = as_list(as_object(as_object(document["attributes"])[code])["values"])
    return as_object(value)


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"families": "lamps"},
        {"families": "chairs lamps"},
        {"categories": "home"},
        {"categories": "master"},
        {"categories": "sale other"},
        {"trees": "master"},
        {"families": "lamps", "categories": "desk", "trees": "master"},
    ],
)
def test_a_product_that_has_one_of_each_kind_named_is_inside_as_it_is(
    wanted: dict[str, str],
) -> None:
    assert only(**wanted).narrow(DOCUMENT) == DOCUMENT


@pytest.mark.parametrize(
    "wanted",
    [
        {"families": "chairs"},
        {"categories": "chairs"},
        {"trees": "print"},
        {"families": "lamps", "categories": "chairs"},
        {"categories": "desk", "trees": "print"},
        {"families": "chairs", "locales": "en_us"},
    ],
)
def test_a_product_that_lacks_one_kind_is_outside(wanted: dict[str, str]) -> None:
    assert only(**wanted).narrow(DOCUMENT) is None
    assert only(**wanted).narrow_text(json.dumps(DOCUMENT)) is None


def test_a_product_without_family_and_categories_is_outside_of_any() -> None:
    bare: JsonObject = {"family": None, "categories": [], "attributes": {}}
    assert only(families="lamps").narrow(bare) is None
    assert only(categories="desk").narrow(bare) is None
    assert only(attributes="name").narrow(bare) == bare


def test_values_of_other_channels_and_locales_are_left_out_and_those_of_none_stay() -> None:
    english = narrowed(locales="en_us", channels="shop")
    assert value_of(english, "name")["data"] == "Arc"
    assert set(as_object(english["attributes"])) == {
        *("name", "weight", "colours", "maker", "films", "parts")
    }
    assert english["completenesses"] == as_list(DOCUMENT["completenesses"])[:1]
    assert english["quality_scores"] == []
    printed = narrowed(channels="print")
    assert "note" in as_object(printed["attributes"])
    assert "weight" not in as_object(printed["attributes"])


def test_attributes_that_are_not_named_are_left_out() -> None:
    assert set(as_object(narrowed(attributes="name NOTE note")["attributes"])) == {"name", "note"}


def labels_in(part: JsonValue) -> Iterator[str]:
    """Locales of labels, wherever they stand."""
    if isinstance(part, list):
        for each in part:
            yield from labels_in(each)
    elif isinstance(part, dict):
        for name, each in part.items():
            yield from innermost(each) if name == "labels" else labels_in(each)


def innermost(labels: JsonValue) -> Iterator[str]:
    for name, each in as_object(labels).items():
        if isinstance(each, str):
            yield name
        else:
            yield from innermost(each)


def test_labels_of_other_locales_are_left_out_wherever_they_stand() -> None:
    assert set(labels_in(DOCUMENT)) == {"en_US", "de_DE", "fr_FR"}
    german = narrowed(locales="de_de")
    assert set(labels_in(german)) == {"de_DE"}
    assert value_of(german, "colours")["labels"] == {"red": {"de_DE": "Rot"}, "blue": {}}
    assert value_of(german, "parts")["labels"] == {
        "part": {"labels": {"de_DE": "Teil"}, "options": {"arm": {}}}
    }
    assert set(labels_in(narrowed(channels="shop"))) == {"en_US", "de_DE", "fr_FR"}


def test_records_and_assets_are_narrowed_too() -> None:
    english = narrowed(locales="en_us", channels="shop")
    record = as_object(value_of(english, "maker")["record"])
    assert (record["labels"], set(as_object(record["values"]))) == ({"en_US": "Acme"}, {"label"})
    asset = as_object(as_object(value_of(english, "films")["asset"])["f1"])
    assert [as_object(each)["url"] for each in as_list(asset["media"])] == ["e"]


def test_what_is_not_narrowed_is_the_same_text() -> None:
    text = '{"attributes": {"w": 1.50}, "odd":1e3}'
    assert EVERYTHING.narrow_text(text) == text
    raw = '{"attributes":{"w":{"values":[{"data":1.50,"n":123456789012345678901}]}}}'
    assert only(locales="en").narrow_text(raw) == raw


def test_odd_parts_of_a_document_are_no_error() -> None:
    odd: JsonObject = {
        "family": "lamps",
        "categories": {"code": "desk"},
        "attributes": {"a": {"values": ["x", {"data": 1, "labels": 5, "record": [1]}]}, "b": 7},
        "completenesses": None,
    }
    for wanted in ({"families": "lamps"}, {"categories": "desk"}):
        assert only(**wanted).narrow(odd) is None
    shown = only(locales="en", channels="shop", attributes="a").narrow(odd)
    assert set(as_object(as_object(shown)["attributes"])) == {"a"}


@pytest.mark.parametrize("document", GOLDEN, ids=range(len(GOLDEN)))
def test_of_real_documents_a_narrowing_shows_what_is_wanted_and_nothing_else(
    document: JsonObject,
) -> None:
    """Over values of every type: what is left is of the locale, and of the channel."""
    assert len(GOLDEN) == 4
    shown = only(locales="de_de", channels="ecommerce").narrow(document)
    assert shown is not None
    assert list(shown) == list(document)
    assert set(labels_in(shown)) <= {"de_DE"}
    places = [*places_in(shown)]
    assert places
    assert {place[1] for place in places} <= {"ecommerce", None}
    assert {place[0] for place in places} <= {"de_DE", None}
    for code, attribute in as_object(document["attributes"]).items():
        fitting = [each for each in as_list(as_object(attribute)["values"]) if fits(each)]
        left = as_object(as_object(shown["attributes"]).get(code)).get("values")
        assert [as_object(each)["data"] for each in as_list(left)] == [
            as_object(each)["data"] for each in fitting
        ]


def fits(value: JsonValue) -> bool:
    place = as_object(value)
    return place["locale"] in {"de_DE", None} and place["scope"] in {"ecommerce", None}


def places_in(part: JsonValue) -> Iterator[tuple[JsonValue, JsonValue]]:
    """Locale and channel of everything that is of one, records' and assets' values among it."""
    if isinstance(part, list):
        for each in part:
            yield from places_in(each)
    elif isinstance(part, dict):
        if "locale" in part:
            yield part["locale"], part.get("scope") or part.get("channel")
        for each in part.values():
            yield from places_in(each)
