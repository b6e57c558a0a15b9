"""`GET /products` and `GET /structure`: what a shop shows."""

from dataclasses import replace

import pytest

from pim.canonical import load_json
from pim.document import Document
from pim.json_types import JsonValue, as_list, as_object
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Store
from storage.catalog import write_items
from tests.integration.api.api_scene import (
    DESK,
    HOME,
    LAMPS,
    Caller,
    mirror_structure,
    shown,
)
from tests.integration.storage.catalog_scene import read_of
from tests.store_builders import absent, uuid_of, write

pytestmark = pytest.mark.anyio


def keys_of(page: JsonValue) -> list[JsonValue]:
    return [as_object(each)["key"] for each in as_list(as_object(page)["products"])]


@pytest.fixture
def filled(store: Store) -> Store:
    mirror_structure(store)
    write(store, shown(1, 1, LAMPS, DESK, HOME), shown(2, 1, LAMPS, HOME))
    write(store, shown(3, 1), absent(4, 1, 2))
    return store


async def test_a_product_is_found_by_uuid_and_identifier_in_any_case(
    caller: Caller, filled: Store
) -> None:
    assert filled is not None
    for name in (uuid_of(1).upper(), "SKU-1", "sku-1", "%20SKU-1%20"):
        product = await caller.read(f"/products/{name}")
        assert (product["key"], product["identifier"]) == (uuid_of(1), "SKU-1")
        assert as_object(product["document"])["key"] == uuid_of(1)


async def test_a_model_is_found_by_its_code_with_what_hangs_below(
    caller: Caller, store: Store
) -> None:
    model = Reference(CatalogKind.PRODUCT_MODEL, "", "Arc/A")
    store.run(lambda tx: write_items(tx, [read_of(model, "Arc", tx.draw_numbers(1)[0])]))
    write(store, shown(1, 1, model))
    found = await caller.read("/products/arc/a")
    assert (found["code"], found["variants"]) == ("Arc/A", [uuid_of(1)])


@pytest.mark.parametrize(("name", "said"), [("nobody", "there is no"), (uuid_of(1), "was deleted")])
async def test_what_is_not_live_is_404_with_the_reason(
    caller: Caller, store: Store, name: str, said: str
) -> None:
    write(store, shown(1, 1))
    write(store, absent(1, 3, 4))
    answer = await caller.get(f"/products/{name}")
    assert answer.status_code == 404
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3]),
        ("?family=LAMPS", [1, 2]),
        ("?category=home", [1, 2]),
        ("?category=desk&family=lamps", [1]),
        ("?category=desk&category=home", [1, 2]),
        ("?family=chairs&family=lamps", [1, 2]),
        ("?channel=print", [1, 2]),
        ("?channel=print&channel=shop", [1, 2, 3]),
        ("?family=chairs", []),
        (f"?after={uuid_of(1)}", [2, 3]),
        ("?updated_after=2026-11-23T11:59:59Z", [1, 2, 3]),
        ("?updated_after=2026-11-23T13:00:00%2B01:00", []),
    ],
)
async def test_lists_are_live_products_in_key_order(
    caller: Caller, filled: Store, query: str, found: list[int]
) -> None:
    assert filled is not None
    page = await caller.read(f"/products{query}")
    assert keys_of(page) == [uuid_of(n) for n in found]
    assert page["next"] is None


async def test_pages_end_with_where_to_go_on(caller: Caller, filled: Store) -> None:
    assert filled is not None
    first = await caller.read("/products?limit=2")
    rest = await caller.read(f"/products?limit=2&after={first['next']}")
    assert keys_of(first) + keys_of(rest) == [uuid_of(n) for n in (1, 2, 3)]
    assert (first["next"], rest["next"]) == (uuid_of(2), None)


async def test_a_channel_and_a_locale_keep_their_values_and_those_of_all(
    caller: Caller, filled: Store
) -> None:
    assert filled is not None
    product = await caller.read("/products/SKU-1?locale=EN&channel=shop")
    document = as_object(product["document"])
    attributes = as_object(document["attributes"])
    assert set(attributes) == {"name", "price"}
    (name,) = as_list(as_object(attributes["name"])["values"])
    assert as_object(name)["locale"] == "en"
    assert document["completenesses"] == []
    page = await caller.read("/products?locale=de&channel=print")
    for each in map(as_object, as_list(page["products"])):
        assert set(as_object(as_object(each["document"])["attributes"])) == {"name", "note"}


async def test_numbers_stand_as_they_were_written(caller: Caller, store: Store) -> None:
    mirror_structure(store)
    body = as_object(load_json('{"attributes":{"w":{"values":[{"data":1.50}]}}}'))
    write(store, replace(shown(1, 1), document=Document(body, frozenset())))
    for query in ("", "?locale=de"):
        assert '"data":1.50' in (await caller.get(f"/products/SKU-1{query}")).text


async def test_the_structure_is_listed_page_by_page(caller: Caller, store: Store) -> None:
    items = [
        Reference(CatalogKind.OPTION, "colour", "Red"),
        Reference(CatalogKind.OPTION, "colour", "blue"),
        Reference(CatalogKind.OPTION, "size", "l"),
        LAMPS,
    ]
    reads = [read_of(each, each.code, store.draw_number()) for each in items]
    store.run(lambda tx: write_items(tx, reads))
    codes: list[JsonValue] = []
    path = "/structure/option?limit=2"
    while True:
        page = await caller.read(path)
        codes += [as_object(each)["code"] for each in as_list(page["items"])]
        if page["next"] is None:
            break
        path = f"/structure/option?limit=2&after={page['next']}"
    assert codes == ["blue", "Red", "l"]
    below = await caller.read("/structure/option?parent=COLOUR")
    assert [as_object(each)["code"] for each in as_list(below["items"])] == ["blue", "Red"]
    (family,) = as_list((await caller.read("/structure/family"))["items"])
    assert as_object(family)["body"] == {"code": "lamps", "labels": {"en_US": "lamps"}, "sort": 1.5}
    for kind in ("nothing", "partner"):
        assert (await caller.get(f"/structure/{kind}")).status_code == 422
