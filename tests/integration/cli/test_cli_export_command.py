"""`export` on a real store."""

import json

from tests.integration.cli.shop_store import Call, Shop, uuid_of

KEYS = ["key", "uuid", "identifier", "updated", "deleted", "source", "document"]


def test_each_product_is_one_line_with_the_fixed_keys(shop: Shop, call: Call) -> None:
    shop.write("SKU-1")
    shop.write("SKU-2")

    result = call("export")

    assert result.exit_code == 0
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert {line["identifier"] for line in lines} == {"SKU-1", "SKU-2"}
    assert all(list(line) == KEYS for line in lines)
    assert all(line["deleted"] is False for line in lines)
    assert all(line["document"]["key"] == line["key"] for line in lines)


def test_numbers_texts_and_times_stand_as_the_source_wrote_them(shop: Shop, call: Call) -> None:
    values = '{"weight":[{"locale":null,"scope":null,"data":{"amount":1.50,"x":1e3,"n":123456789012345678901}}],"name":[{"locale":"de_DE","scope":null,"data":"Größe 日本"}]}'  # noqa: E501 -- one line of JSON
    shop.write("SKU-1", raw=values)

    line = call("export").stdout

    assert '"amount":1.50,"x":1e3,"n":123456789012345678901' in line
    assert "Größe 日本" in line
    assert json.loads(line)["updated"] == "2026-11-02T10:00:00+01:00"


def test_tombstones_are_exported_when_asked_for(shop: Shop, call: Call) -> None:
    shop.write("SKU-1")
    shop.write("SKU-2")
    shop.delete("SKU-2")

    without = call("export").stdout.splitlines()
    with_them = [json.loads(line) for line in call("export", "--tombstones").stdout.splitlines()]

    assert len(without) == 1
    (grave,) = [line for line in with_them if line["deleted"]]
    assert grave["key"] == uuid_of("SKU-2")
    assert list(grave) == KEYS
    assert len(with_them) == 2


def test_an_empty_store_exports_nothing_and_that_is_fine(shop: Shop, call: Call) -> None:
    assert shop.store is not None
    result = call("export")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
