"""Whatever is read of a product is read whole, so that what is absent is empty in the PIM."""

import pytest

from tests.unit.pim.fake_pim import FakePim, client_of, collect, ok, page, product, uuid

pytestmark = pytest.mark.anyio

NARROWING = {"scope", "locales", "attributes", "channel"}


async def test_no_read_hides_products_or_values() -> None:
    pim = FakePim()
    pim.serve_products([product(uuid(1))])
    pim.on(f"products-uuid/{uuid(2)}", ok(product(uuid(2))))
    async with client_of(pim) as client:
        await client.read_products([uuid(1), uuid(2)])  # the second by its own URL
        await client.read_product(uuid(1))
        pim.on("products-uuid", page([product(uuid(1))]))
        await collect(client.product_pages())
    asked = [request for request in pim.requests if "products-uuid" in request.url.path]
    assert len(asked) == 4
    assert not [request for request in asked if NARROWING & set(request.url.params)]
