"""What changed between two answers about one product."""

import pytest

from pim.canonical import load_json
from pim.json_types import JsonObject, JsonValue, as_object
from pim.product.product import content_hash
from storage.products.differences import Changed, changed_from_json, diff_products

NAME: JsonObject = {"locale": "en_US", "scope": None, "data": "Arc"}
NOM: JsonObject = {"locale": "fr_FR", "scope": None, "data": "Arc"}


def _with(**fields: JsonValue) -> JsonObject:
    body: JsonObject = {"uuid": "u", "enabled": True, "categories": ["a", "b"], "values": {}}
    return body | fields


def test_fields_come_before_values_each_by_name() -> None:
    old = _with(values={"name": [NAME, NOM], "size": [{"locale": None, "scope": "web", "data": 1}]})
    new = _with(
        enabled=False,
        categories=["a"],
        values={"name": [NAME | {"data": "Bow"}, NOM], "colour": [NAME]},
    )
    assert diff_products(old, new) == (
        Changed("categories", field=True),
        Changed("enabled", field=True),
        Changed("colour", locale="en_US"),
        Changed("name", locale="en_US"),
        Changed("size", scope="web"),
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_with(updated="2026-01-01"), _with(updated="2026-02-02")),
        (_with(_links={"self": "x"}), _with()),
        (_with(categories=["a", "b"]), _with(categories=["b", "a"])),
        (_with(values={"name": [NAME, NOM]}), _with(values={"name": [NOM, NAME]})),
        (_with(values={"photo": [NAME | {"_links": {"a": 1}}]}), _with(values={"photo": [NAME]})),
        (_with(values=[]), _with(values={})),
        (_with(associations={}), _with(associations=[])),
    ],
)
def test_what_the_content_hash_ignores_is_no_difference(old: JsonObject, new: JsonObject) -> None:
    assert content_hash(old) == content_hash(new)
    assert diff_products(old, new) == ()


@pytest.mark.parametrize(
    ("old", "new"), [("1.50", "1.5"), ("1", "1.0"), ("1", "true"), ("1e2", "100"), ("0", "null")]
)
def test_numbers_are_compared_as_written(old: str, new: str) -> None:
    def body(number: str) -> JsonObject:
        text = f'{{"values":{{"weight":[{{"locale":null,"scope":null,"data":{number}}}]}}}}'
        return as_object(load_json(text))

    assert diff_products(body(old), body(new)) == (Changed("weight"),)


def test_absent_null_and_unknown_keys_are_nothing_that_is_shown() -> None:
    assert diff_products(_with(parent=None, groups=[]), _with(metadata={"state": "draft"})) == ()
    assert diff_products(_with(parent="a"), _with()) == (Changed("parent", field=True),)


def test_an_attribute_named_like_a_field_is_told_apart() -> None:
    old, new = _with(values={"enabled": [NAME]}), _with(enabled=False)
    assert diff_products(old, new) == (
        Changed("enabled", field=True),
        Changed("enabled", locale="en_US"),
    )


def test_nothing_against_something_is_everything() -> None:
    assert diff_products(None, {"enabled": True}) == (Changed("enabled", field=True),)
    assert diff_products({"enabled": True}, None) == (Changed("enabled", field=True),)
    assert diff_products(None, None) == ()


@pytest.mark.parametrize(
    "changed", [Changed("enabled", field=True), Changed("name", locale="en_US", scope="web")]
)
def test_the_stored_form_reads_back(changed: Changed) -> None:
    assert changed_from_json(changed.to_json()) == changed


@pytest.mark.parametrize("values", [None, "odd", {"name": "odd"}, {"name": [1, None]}])
def test_odd_answers_do_not_break_it(values: JsonValue) -> None:
    diff_products(_with(values=values), _with(values={"name": [NAME]}))
