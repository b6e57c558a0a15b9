"""Products that are known by their identifier only, where the source calls them by uuid."""

import httpx
import pytest

from pim.errors import SourceServerError, SourceUnexpectedNotFound
from pim.ids import ProductKey
from pim.json_types import JsonObject
from pim.reading.discovery import SourceFacts
from pim.reads import FailedRead, ProductRead
from pim.vocabulary import Identity
from tests.unit.pim.fake_pim import NOBODY, FakePim, akeneo_404, client_of, ok, page, product, uuid

pytestmark = pytest.mark.anyio

NO_ROUTE = akeneo_404('No route found for "GET /api/rest/v1/products/SKU-1"')


def _named(number: int, identifier: str) -> JsonObject:
    """As the route by identifier shows it: the identifier at the top, and not among the values."""
    return {**product(uuid(number)), "identifier": identifier}


async def test_who_is_called_so_is_read_by_its_uuid() -> None:
    pim = FakePim()
    pim.on("products/SKU-1", ok(_named(1, "SKU-1")))
    entry: JsonObject = {"data": "SKU-1", "locale": None, "scope": None}
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1), values={"sku": [entry]})))
    async with client_of(pim) as client:
        (read,) = await client.find_products(["SKU-1"])
    assert isinstance(read, ProductRead)
    assert read.product is not None
    assert (read.key, read.product.identifier) == (uuid(1), "SKU-1")
    assert read.product.body["values"]  # what is stored is the answer by uuid
    assert not pim.asked("products-uuid")  # no index was asked, which lags


async def test_an_absence_is_the_databases_and_keeps_the_name() -> None:
    pim = FakePim()
    pim.on("products/SKU-1", akeneo_404())
    async with client_of(pim) as client:
        (read,) = await client.find_products(["SKU-1"])
    assert isinstance(read, ProductRead)
    assert (read.key, read.product) == ("sku-1", None)
    assert pim.asked("channels")  # and counts only while a known list answers


@pytest.mark.parametrize(
    "answer", [httpx.Response(404, text="nginx"), httpx.Response(500), ok([]), ok({"uuid": None})]
)
async def test_a_name_that_could_not_be_asked_for_is_no_absence_and_costs_no_other(
    answer: httpx.Response,
) -> None:
    pim = FakePim()
    pim.on("products/SKU-1", answer)
    pim.on("products/SKU-2", akeneo_404())
    async with client_of(pim) as client:
        first, second = await client.find_products(["SKU-1", "SKU-2"])
    assert isinstance(first, FailedRead)
    assert isinstance(second, ProductRead)


async def test_a_source_that_fails_is_nobodys_absence() -> None:
    pim = FakePim()
    pim.on("products/SKU-1", httpx.Response(502))
    pim.on(f"products-uuid/{NOBODY}", httpx.Response(502))
    async with client_of(pim) as client:
        with pytest.raises(SourceServerError):
            await client.find_products(["SKU-1"])


async def test_without_that_route_the_search_may_find_it_and_proves_no_absence() -> None:
    pim = FakePim()
    pim.on("products/SKU-1", NO_ROUTE)
    pim.on("products-uuid", page([product(uuid(1))]), page([]))
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1))))
    async with client_of(pim) as client:
        (found,) = await client.find_products(["SKU-1"])
        (not_shown,) = await client.find_products(["SKU-1"])
    assert isinstance(found, ProductRead)
    assert found.key == uuid(1)
    assert isinstance(not_shown, FailedRead)
    assert isinstance(not_shown.error, SourceUnexpectedNotFound)


async def test_a_product_stored_under_its_identifier_is_asked_for_by_it() -> None:
    """Among others that are stored under their uuids: no search takes it, and no URL by uuid."""
    pim = FakePim()
    pim.on("products-uuid", page([product(uuid(2))]))
    pim.on("products/SKU-1", ok(_named(1, "SKU-1")))
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1))))
    pim.on("products/SKU-3", akeneo_404())
    names = {ProductKey("sku-1"): "SKU-1", uuid(2): "SKU-2", ProductKey("sku-3"): "SKU-3"}
    async with client_of(pim) as client:
        reads = await client.read_products(list(names), identifiers=names)
        alone = await client.read_product(ProductKey("sku-1"), identifier="SKU-1")
    found = [read for read in reads if isinstance(read, ProductRead)]
    assert [read.key for read in found] == [uuid(1), uuid(2), "sku-3"]
    assert found[2].product is None
    assert alone.key == uuid(1)
    (search,) = pim.asked("products-uuid")
    assert "sku-1" not in search.url.params["search"].casefold()


async def test_where_products_are_known_by_identifier_nothing_is_asked_otherwise() -> None:
    pim = FakePim()
    body: JsonObject = {**product("none"), "identifier": "SKU-1"}
    del body["uuid"]
    pim.on("products", page([body]))
    facts = SourceFacts(Identity.IDENTIFIER, "sku", "6.0.1", "CE")
    key = ProductKey("sku-1")
    async with client_of(pim, facts=facts) as client:
        (read,) = await client.read_products([key], identifiers={key: "SKU-1"})
    assert isinstance(read, ProductRead)
    assert read.key == key
