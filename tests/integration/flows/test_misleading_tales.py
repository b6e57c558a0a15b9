"""What the PIM tells late, or not at all, leads nowhere else than to its truth.

One shop for all: each test ends with store equal to source.
"""

from datetime import UTC, datetime

import pytest

from pim.json_types import JsonObject, as_list, as_object
from pim.vocabulary import Drift
from tests.shop import Shop

pytestmark = pytest.mark.anyio


def some_product(shop: Shop) -> JsonObject:
    """One that has an identifier and a name."""
    return next(
        product
        for product in shop.truth().values()
        if {"sku", "name"} <= as_object(product["values"]).keys()
    )


def remove(shop: Shop, uuid: str, *, silent: bool = False) -> None:
    address = f"{shop.pim_url}/_simulator/products/{uuid}"
    shop.http.delete(address, params={"silent": silent}).raise_for_status()


def identifier_of(product: JsonObject) -> str:
    (entry,) = as_list(as_object(product["values"])["sku"])
    identifier = as_object(entry)["data"]
    assert isinstance(identifier, str)
    return identifier


async def test_a_late_removal_leaves_what_was_created_again(filled_shop: Shop) -> None:
    shop = filled_shop
    uuid = str(some_product(shop)["uuid"])
    remove(shop, uuid)
    shop.control(f"products/{uuid}/restore")  # under its own uuid, and nobody is told
    await shop.drain()
    assert uuid in shop.exported()
    assert shop.sources() == shop.truth()


async def test_a_late_removal_leaves_the_new_product_of_the_same_identifier(
    filled_shop: Shop,
) -> None:
    shop = filled_shop
    former = some_product(shop)
    shop.control("deliveries/pause")
    remove(shop, str(former["uuid"]))
    made = shop.control("products", {"changes": {"identifier": identifier_of(former)}})
    await shop.reconcile()  # the new one is stored before the removal of the old one is told
    shop.control("deliveries/resume")
    shop.control("products", {"changes": {"identifier": "told-after-the-removal"}})
    await shop.drain()
    assert made["uuid"] in shop.exported()
    assert former["uuid"] not in shop.exported()
    assert shop.sources() == shop.truth()


async def test_a_late_update_does_not_bring_back_what_is_gone(filled_shop: Shop) -> None:
    shop = filled_shop
    uuid = str(some_product(shop)["uuid"])
    shop.control(f"products/{uuid}", {"changes": {"values": {"name": []}}})
    remove(shop, uuid, silent=True)
    await shop.drain()
    assert uuid not in shop.exported()
    assert shop.exported(tombstones=True)[uuid]["deleted"] is True
    assert shop.sources() == shop.truth()


async def test_a_field_emptied_in_the_pim_is_an_absent_key(filled_shop: Shop) -> None:
    shop = filled_shop
    uuid = str(some_product(shop)["uuid"])
    before = as_object(shop.exported()[uuid]["document"])
    assert "name" in as_object(before["attributes"])
    shop.control(f"products/{uuid}", {"changes": {"values": {"name": []}}})
    await shop.drain()
    line = shop.exported()[uuid]
    assert "name" not in as_object(as_object(line["document"])["attributes"])
    assert "name" not in as_object(as_object(line["source"])["values"])


async def test_a_delta_repairs_what_the_filter_returns_whatever_its_date(
    filled_shop: Shop,
) -> None:
    shop = filled_shop
    uuid = str(some_product(shop)["uuid"])
    now = datetime.now(UTC).isoformat(timespec="seconds")
    is_on = shop.truth()[uuid]["enabled"]
    silently: dict[str, object] = {"silent": True, "updated": now}
    shop.control(f"products/{uuid}", {"changes": {"enabled": not is_on}, **silently})
    await shop.reconcile(full=False)
    shop.control(f"products/{uuid}", {"changes": {"enabled": is_on}, **silently})
    assert shop.truth()[uuid]["updated"] == shop.sources()[uuid]["updated"]
    report = await shop.reconcile(full=False)
    assert report.by_kind()[Drift.DIFFERENT] == 1
    assert shop.sources()[uuid]["enabled"] is is_on
