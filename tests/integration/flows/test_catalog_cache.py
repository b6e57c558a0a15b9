"""What a run keeps of the mirrored structure while it renders."""

import pytest

from flows.run.catalog_cache import CatalogCache
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.product import SourceProduct, parse_product
from pim.reading import PimClient
from pim.reads import ItemRead, ReadInterval
from pim.structure import Reference, parse_item
from pim.vocabulary import CatalogKind, Identity
from storage import Store
from storage.catalog import write_items
from tests.store_builders import NOW, uuid_of

pytestmark = pytest.mark.anyio

COLOR = Reference(CatalogKind.ATTRIBUTE, "", "color")
RED = Reference(CatalogKind.OPTION, "color", "red")


class NoClient(PimClient):
    """No PIM is asked: whatever is missing is in the store."""

    def __init__(self) -> None:
        """Connect nowhere."""


def put(store: Store, reference: Reference, **body: JsonValue) -> None:
    """Mirror an item as read just now."""
    number = store.draw_number()
    item = parse_item(reference.kind, reference.parent, {"code": reference.code, **body})
    read = ItemRead(reference, ReadInterval(number, number, NOW), item)
    store.run(lambda tx: write_items(tx, [read]))


def product_of(color: str, number: int = 1) -> SourceProduct:
    """A product that brings the labels of its option along."""
    linked: JsonObject = {"attribute": "color", "code": color, "labels": {"en_US": "Brought"}}
    value: JsonObject = {"locale": None, "scope": None, "data": color, "linked_data": linked}
    body: JsonObject = {"uuid": uuid_of(number), "values": {"color": [value]}}
    return parse_product(body, identity=Identity.UUID, main_identifier="sku")


async def label(cache: CatalogCache, product: SourceProduct) -> JsonValue:
    """The label that a document shows of the option."""
    body = (await cache.render([product]))[product.key].document.body
    (entry,) = as_list(as_object(as_object(body["attributes"])["color"])["values"])
    return as_object(as_object(entry)["labels"])["en_US"]


async def test_the_mirrored_label_counts_where_a_product_brings_one_along(store: Store) -> None:
    put(store, COLOR, type="pim_catalog_simpleselect")
    put(store, RED, labels={"en_US": "Crimson"})
    cache = CatalogCache(store, NoClient())
    assert await label(cache, product_of("blue")) == "Brought"
    assert await label(cache, product_of("red")) == "Crimson"


async def test_a_changed_label_is_seen_by_the_next_rendering(store: Store) -> None:
    put(store, COLOR, type="pim_catalog_simpleselect")
    put(store, RED, labels={"en_US": "Crimson"})
    cache = CatalogCache(store, NoClient())
    assert await label(cache, product_of("red")) == "Crimson"
    put(store, RED, labels={"en_US": "Scarlet"})
    assert await label(cache, product_of("red", 2)) == "Scarlet"
