"""Products as the source shows them, and when two answers are the same product."""

import copy
from datetime import UTC, datetime

import pytest

from pim.canonical import load_json
from pim.errors import InvalidAnswer
from pim.json_types import JsonObject, JsonValue, as_object
from pim.product import is_same_to_source, parse_product, product_key
from pim.product.product import content_hash
from pim.vocabulary import Identity

UUID = "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10"
LAMP = """
{"_links":{"self":{"href":"https://pim.example.test/api/rest/v1/products-uuid/7f3c1c7a"}},
 "uuid":"7F3C1C7A-5f0e-4a37-8f0b-6f0d3c9f2b10","enabled":true,"family":"lamps",
 "categories":["desk_lamps","sale"],"groups":["g1","g2"],"parent":"lamp_arc",
 "values":{
  "sku":[{"data":"LMP-001-RD","locale":null,"scope":null}],
  "name":[{"data":"Arc lamp","locale":"en_US","scope":null},
          {"data":"Lampe arc","locale":"fr_FR","scope":null}],
  "weight":[{"data":{"amount":1.50,"unit":"KILOGRAM"},"locale":null,"scope":null}],
  "rooms":[{"data":["office","bedroom"],"locale":null,"scope":null,"linked_data":{}}],
  "photo":[{"data":"a/b.jpg","locale":null,"scope":null,
            "_links":{"download":{"href":"https://pim.example.test/a/b.jpg/download"}}}]},
 "created":"2024-02-01T08:00:00+00:00","updated":"2024-03-05T10:10:11+01:00",
 "associations":{"X_SELL":{"products":["p2","p1"],"product_models":[],"groups":[]}},
 "quantified_associations":{"KIT":{"products":[{"uuid":"b","quantity":2},{"uuid":"a","quantity":1}],
                                   "product_models":[]}},
 "quality_scores":[{"scope":"e","locale":"en_US","data":"B"},{"scope":"e","locale":"fr_FR","data":"C"}],
 "completenesses":[{"scope":"e","locale":"en_US","data":85},{"scope":"e","locale":"fr_FR","data":70}]}
"""


def _lamp(**changes: JsonValue) -> JsonObject:
    body = as_object(load_json(LAMP))
    return {name: value for name, value in {**body, **changes}.items() if value != "absent"}


def _at(body: JsonObject, *path: str) -> JsonObject:
    for name in path:
        body = as_object(body[name])
    return body


def _reversed_lists(value: JsonValue) -> JsonValue:
    match value:
        case dict():
            return {key: _reversed_lists(item) for key, item in reversed(value.items())}
        case list():
            return [_reversed_lists(item) for item in reversed(value)]
        case _:
            return value


def test_the_head_of_a_product_is_taken_from_its_answer() -> None:
    body = _lamp()
    product = parse_product(body, identity=Identity.UUID, main_identifier="sku")
    assert (product.key, product.uuid, product.identifier) == (UUID, UUID, "LMP-001-RD")
    assert (product.enabled, product.family, product.parent) == (True, "lamps", "lamp_arc")
    assert product.categories == ("desk_lamps", "sale")
    assert product.created == datetime(2024, 2, 1, 8, tzinfo=UTC)
    assert product.updated == datetime(2024, 3, 5, 9, 10, 11, tzinfo=UTC)
    assert product.body is body
    assert product.content_hash == content_hash(body)


def test_an_old_pim_keys_products_by_casefolded_identifier() -> None:
    body = _lamp(uuid="absent", identifier="Straße-1")
    product = parse_product(body, identity=Identity.IDENTIFIER, main_identifier=None)
    assert (product.key, product.uuid, product.identifier) == ("strasse-1", None, "Straße-1")


@pytest.mark.parametrize("identifier", ["absent", None, "", True, [], "\u00a0", "a\x00", "x" * 300])
def test_a_product_may_have_no_identifier(identifier: JsonValue) -> None:
    body = _lamp(identifier=identifier, values=[])
    product = parse_product(body, identity=Identity.UUID, main_identifier="sku")
    assert (product.key, product.identifier) == (UUID, None)


@pytest.mark.parametrize("empty", [None, "absent", "", False, {}])
def test_missing_family_parent_and_categories_are_normal(empty: JsonValue) -> None:
    body = _lamp(family=empty, parent=empty, categories=empty, created=empty, enabled="absent")
    product = parse_product(body, identity=Identity.UUID, main_identifier=None)
    assert (product.family, product.parent, product.categories) == (None, None, ())
    assert (product.created, product.enabled) == (None, True)


def test_a_disabled_product_is_disabled() -> None:
    body = _lamp(enabled=False)
    assert not parse_product(body, identity=Identity.UUID, main_identifier=None).enabled


def test_the_head_can_always_be_stored() -> None:
    body = _lamp(identifier="a\x00b", family="f\ud800", categories=["c\x00", 5.0, "d"], values={})
    product = parse_product(body, identity=Identity.UUID, main_identifier=None)
    mark = "\N{REPLACEMENT CHARACTER}"
    assert (product.identifier, product.family) == (None, f"f{mark}")
    assert product.categories == (f"c{mark}", "d")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"uuid": "absent"}, "without usable uuid"),
        ({"uuid": None}, "without usable uuid"),
        ({"uuid": 5}, "without usable uuid"),
        ({"uuid": "a\x00"}, "without usable uuid"),
    ],
)
def test_a_product_without_a_usable_key_is_an_invalid_answer(
    changes: JsonObject, reason: str
) -> None:
    with pytest.raises(InvalidAnswer, match=reason):
        parse_product(_lamp(**changes), identity=Identity.UUID, main_identifier="sku")


def test_a_product_nested_past_all_reason_is_an_invalid_answer() -> None:
    deep: JsonValue = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(InvalidAnswer, match="nested"):
        parse_product(_lamp(extra=deep), identity=Identity.UUID, main_identifier=None)


def test_keys_follow_the_identity_of_the_source() -> None:
    assert product_key("AB", "Xy", Identity.UUID) == "ab"
    assert product_key("AB", "Xy", Identity.IDENTIFIER) == "xy"
    assert product_key(None, "Xy", Identity.UUID) is None
    assert product_key("AB", None, Identity.IDENTIFIER) is None
    assert product_key("", "  ", Identity.IDENTIFIER) is None


@pytest.mark.parametrize(
    "change",
    [
        {"updated": "2030-01-01T00:00:00+00:00"},
        {"_links": "absent"},
        {"_links": {"self": {"href": "https://other.example.test"}}},
        {"values": "reordered"},
        {"metadata": {"workflow_status": "draft"}},
    ],
)
def test_what_is_no_content_leaves_the_hash_alone(change: JsonObject) -> None:
    body = _lamp(**{k: v for k, v in change.items() if v != "reordered"})
    if change.get("values") == "reordered":
        body["values"] = dict(reversed(as_object(body["values"]).items()))
    assert content_hash(body) == content_hash(_lamp())


def test_links_of_media_are_no_content() -> None:
    body = _lamp()
    photo = as_object(body["values"])["photo"]
    assert isinstance(photo, list)
    as_object(photo[0])["_links"] = {"download": {"href": "https://moved.example.test/"}}
    assert content_hash(body) == content_hash(_lamp())


@pytest.mark.parametrize(
    "path",
    [
        ("categories",),
        ("groups",),
        ("values", "name"),
        ("associations", "X_SELL", "products"),
        ("quantified_associations", "KIT", "products"),
        ("quality_scores",),
        ("completenesses",),
    ],
)
def test_the_order_of_sets_is_no_content(path: tuple[str, ...]) -> None:
    body = _lamp()
    holder = _at(body, *path[:-1])
    holder[path[-1]] = _reversed_lists(holder[path[-1]])
    assert content_hash(body) == content_hash(_lamp())


def test_the_order_of_a_values_data_is_content() -> None:
    body = _lamp()
    rooms = as_object(body["values"])["rooms"]
    assert isinstance(rooms, list)
    as_object(rooms[0])["data"] = ["bedroom", "office"]
    assert content_hash(body) != content_hash(_lamp())


@pytest.mark.parametrize(
    "name", ["values", "associations", "quantified_associations", "completenesses", "metadata"]
)
def test_both_empties_are_the_same(name: str) -> None:
    assert content_hash(_lamp(**{name: {}})) == content_hash(_lamp(**{name: []}))


def test_both_empties_are_the_same_further_inside() -> None:
    one, other = _lamp(), _lamp()
    for body, empty in ((one, {}), (other, [])):
        quantified: dict[str, JsonValue] = {"KIT": {"products": empty}, "PACK": empty}
        body["quantified_associations"] = quantified
        _at(body, "values")["table"] = [{"data": [{"labels": empty}], "locale": None}]
    assert content_hash(one) == content_hash(other)


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"family": "other"},
        {"categories": ["desk_lamps"]},
        {"parent": None},
        {"values": {}},
        {"associations": {}},
        {"completenesses": []},
        {"quality_scores": "absent"},
        {"created": "2024-02-01T08:00:01+00:00"},
        {"values": "ruined"},
    ],
)
def test_every_other_change_is_content(change: JsonObject) -> None:
    assert content_hash(_lamp(**change)) != content_hash(_lamp())


def test_numbers_count_as_written() -> None:
    first, second = (as_object(load_json(LAMP.replace("1.50", text))) for text in ("1.5", "1.500"))
    assert len({content_hash(first), content_hash(second), content_hash(_lamp())}) == 3


def test_hashing_changes_nothing() -> None:
    body = _lamp()
    before = copy.deepcopy(body)
    content_hash(body)
    assert body == before
    assert list(body) == list(before)


def test_the_hash_is_stable_across_releases() -> None:
    body = as_object(load_json('{"uuid":"a","values":{"n":[{"data":1.50}]},"updated":"x"}'))
    assert content_hash(body) == (
        "ddec515605cf4d44f9ccdc7ad9fa7b98c3773045f49d9ec4cd06e809547b5357"
    )


def test_keys_tell_apart_no_more_than_case_and_no_less() -> None:
    """What shares a key is one identifier to the PIM, too; ß is ss, which `lower` would miss."""
    for one, other in (("Straße", "STRASSE"), ("ΣΟΦΟΣ", "σοφος"), ("ﬁt", "FIT")):
        assert product_key(None, one, Identity.IDENTIFIER) == product_key(
            None, other, Identity.IDENTIFIER
        )
        assert is_same_to_source(one, other)
    for one, other in (("café", "cafe"), ("İ", "i"), ("000123", "123"), ("a ", "a")):
        assert product_key(None, one, Identity.IDENTIFIER) != product_key(
            None, other, Identity.IDENTIFIER
        )
