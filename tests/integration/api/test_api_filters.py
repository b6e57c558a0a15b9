"""Filters of `GET /changes`, `/products` and `/products/{key}`."""

from dataclasses import replace

import pytest

from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Store
from tests.integration.api.api_scene import DESK, HOME, LAMPS, Caller, mirror_structure, shown
from tests.store_builders import mirror, uuid_of, write

pytestmark = pytest.mark.anyio


@pytest.fixture
def mirrored(store: Store) -> Store:
    mirror_structure(store)
    return store


async def test_changes_are_told_through_the_filter(caller: Caller, mirrored: Store) -> None:
    write(mirrored, shown(1, 1, LAMPS, DESK), shown(2, 1))
    write(mirrored, shown(1, 3), shown(2, 3, LAMPS, DESK))
    query = "/changes?after=0&family=lamps&locale=de&attribute=name&documents="
    told = [as_object(each) for each in as_list((await caller.read(f"{query}true"))["changes"])]
    assert [(line["key"], line["change"]) for line in told] == [
        *((uuid_of(1), "outside"), (uuid_of(2), "created")),
        *((uuid_of(1), "outside"), (uuid_of(2), "rendered")),
    ]
    assert [line["document"] is None for line in told] == [True, False, True, False]
    attributes = as_object(as_object(told[1]["document"])["attributes"])
    (name,) = as_list(as_object(attributes["name"])["values"])
    assert (set(attributes), as_object(name)["locale"]) == ({"name"}, "de")
    bare = as_list((await caller.read(f"{query}false"))["changes"])
    assert [as_object(each)["change"] for each in bare] == [line["change"] for line in told]


async def test_a_product_that_is_outside_is_404_and_one_inside_is_narrowed(
    caller: Caller, mirrored: Store
) -> None:
    write(mirrored, shown(1, 1, LAMPS, DESK, HOME))
    product = await caller.read(
        "/products/SKU-1?family=chairs&family=lamps&locale=de&channel=print"
    )
    document = as_object(product["document"])
    assert set(as_object(document["attributes"])) == {"name", "note"}
    assert as_object(document["family"])["labels"] == {"de": "lamps!"}
    answer = await caller.get("/products/SKU-1?family=chairs")
    assert answer.status_code == 404
    assert "'SKU-1' is outside of what the filters name" in answer.json()["detail"]


async def test_a_model_is_inside_with_its_variants_that_are(
    caller: Caller, mirrored: Store
) -> None:
    model = Reference(CatalogKind.PRODUCT_MODEL, "", "arc")
    names: list[JsonValue] = [
        {"locale": locale, "scope": None, "data": locale} for locale in ("en", "de")
    ]
    prices: list[JsonValue] = [{"locale": None, "scope": "shop", "data": 1}]
    values: JsonObject = {"name": names, "price": prices}
    mirror(mirrored, CatalogKind.PRODUCT_MODEL, {"code": "arc", "values": values})
    write(mirrored, shown(1, 1, LAMPS, model), shown(2, 1, model))
    whole = await caller.read("/products/arc")
    assert whole["variants"] == [uuid_of(1), uuid_of(2)]
    found = await caller.read("/products/arc?family=lamps&locale=de&channel=shop&attribute=name")
    assert found["variants"] == [uuid_of(1)]
    assert as_object(found["model"])["values"] == {"name": names[1:]}
    assert (await caller.get("/products/arc?family=chairs")).status_code == 404


async def test_pages_that_hold_few_products_lead_on_to_the_end(
    caller: Caller, mirrored: Store
) -> None:
    """What a way up that is known in part lets through is outside of the page, not of the walk."""
    for number in range(5):
        product = shown(number, 1, HOME)
        assert product.document is not None
        if number not in {0, 4}:
            body: JsonObject = {**product.document.body, "categories": [{"code": "unknown"}]}
            product = replace(product, document=replace(product.document, body=body))
        write(mirrored, product)
    keys: list[object] = []
    after = ""
    while True:
        page = await caller.read(f"/products?limit=1&category=home{after}")
        keys += [as_object(each)["key"] for each in as_list(page["products"])]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert keys == [uuid_of(0), uuid_of(4)]


@pytest.mark.parametrize("path", ["/products", "/products/SKU-1", "/changes", "/changes?after=0"])
@pytest.mark.parametrize("name", ["channel", "locale", "family", "category", "attribute"])
async def test_a_code_that_there_is_not_is_422_and_named(
    caller: Caller, mirrored: Store, path: str, name: str
) -> None:
    write(mirrored, shown(1, 1))
    sign = "&" if "?" in path else "?"
    answer = await caller.get(f"{path}{sign}{name}=de&{name}=lampz")
    wrong = answer.json()["detail"]
    assert answer.status_code == 422
    (problem,) = wrong
    assert problem["loc"] == ["query", name]
    assert f"there is no {name} " in problem["msg"]
    assert "\n" not in problem["msg"]


@pytest.mark.parametrize("query", ["family=", f"family={'x' * 501}", "&".join(["family=a"] * 101)])
async def test_what_no_code_can_be_is_422(caller: Caller, mirrored: Store, query: str) -> None:
    assert mirrored is not None
    assert (await caller.get(f"/products?{query}")).status_code == 422
