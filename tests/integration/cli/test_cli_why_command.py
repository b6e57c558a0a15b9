"""`why` on a real store."""

import json

import pytest

from tests.integration.cli.shop_store import Call, Shop, uuid_of


def test_a_product_is_found_by_uuid_and_identifier_in_any_case(shop: Shop, call: Call) -> None:
    uuid = shop.write("Sku-1")

    for asked in ("Sku-1", "SKU-1", "sku-1", uuid, uuid.upper(), f" {uuid} "):
        result = call("why", asked, "--json")
        assert result.exit_code == 0, asked
        (product,) = json.loads(result.stdout)["products"]
        assert product["product"]["uuid"] == uuid
        assert product["changes"][0]["op"] == "created"
        assert product["changes"][0]["cause"] == "sweep"


def test_the_story_tells_what_was_said_what_was_written_and_what_is_next(
    shop: Shop, call: Call
) -> None:
    shop.write("SKU-1")
    shop.tell("SKU-1", event_id="e-77")

    result = call("why", "SKU-1")

    assert result.exit_code == 0
    assert "product.updated e-77" in result.stdout
    assert "created" in result.stdout
    assert "1 event due: the next drain reads the product" in result.stdout
    assert result.stdout.index("created") < result.stdout.index("e-77")


def test_a_product_known_by_events_only_has_a_story(shop: Shop, call: Call) -> None:
    shop.tell("SKU-9", event_id="e-9")

    result = call("why", uuid_of("SKU-9"))

    assert result.exit_code == 0
    assert "not in the store; only events are known" in result.stdout


def test_a_deleted_product_keeps_its_story(shop: Shop, call: Call) -> None:
    shop.write("SKU-1")
    shop.delete("SKU-1")

    result = call("why", uuid_of("SKU-1"))

    assert "deleted" in result.stdout
    assert result.exit_code == 0


def test_several_products_of_one_identifier_are_all_shown(shop: Shop, call: Call) -> None:
    first = shop.write("SKU-1", uuid=uuid_of("one"))
    second = shop.write("sku-1", uuid=uuid_of("two"))

    result = call("why", "SKU-1")

    assert result.stdout.startswith("2 products are known by 'SKU-1'")
    assert first in result.stdout
    assert second in result.stdout


@pytest.mark.parametrize("asked", ["SKU-404", "%", "7f3c1c7a-5f0e-4a37-8f0b-6f0d3c9f2b10", ""])
def test_an_unknown_key_says_what_was_looked_for(shop: Shop, call: Call, asked: str) -> None:
    shop.write("SKU-1")

    result = call("why", asked)

    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert repr(asked) in result.stderr
