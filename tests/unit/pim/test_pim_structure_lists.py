"""Every kind of structure is listed and read where it lives."""

import httpx
import pytest

from pim.errors import SourceNotFound
from pim.json_types import JsonObject
from pim.search import code_in
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from tests.unit.pim.fake_pim import BASE, FakePim, akeneo_404, client_of, collect, ok, page

pytestmark = pytest.mark.anyio

LISTING = "/api/rest/v1/products-uuid"


async def test_numbered_pages_that_time_out_lose_and_repeat_nothing() -> None:
    pim = FakePim()

    def families(request: httpx.Request) -> httpx.Response | Exception:
        limit, number = int(request.url.params["limit"]), int(request.url.params.get("page", "1"))
        first = (number - 1) * limit
        if limit == 100 and first > 0:
            return httpx.ReadTimeout("slow")
        codes = range(first, min(first + limit, 240))
        link = f"{BASE}/api/rest/v1/families?page={number + 1}&limit={limit}"
        items: list[JsonObject] = [{"code": f"f{code}"} for code in codes]
        return page(items, following=link if codes.stop < 240 else None)

    pim.serve("families", families)
    async with client_of(pim) as client:
        listed = await collect(client.list_items(CatalogKind.FAMILY))
    assert [read.reference.code for each in listed for read in each.reads] == [
        f"f{n}" for n in range(240)
    ]


@pytest.mark.parametrize(
    ("kind", "parent", "path"),
    [
        (CatalogKind.FAMILY, None, "families"),
        (CatalogKind.FAMILY_VARIANT, "lamps", "families/lamps/variants"),
        (CatalogKind.ATTRIBUTE, None, "attributes"),
        (CatalogKind.ATTRIBUTE_GROUP, None, "attribute-groups"),
        (CatalogKind.OPTION, "color", "attributes/color/options"),
        (CatalogKind.CATEGORY, None, "categories"),
        (CatalogKind.CHANNEL, None, "channels"),
        (CatalogKind.LOCALE, None, "locales"),
        (CatalogKind.CURRENCY, None, "currencies"),
        (CatalogKind.ASSOCIATION_TYPE, None, "association-types"),
        (CatalogKind.PRODUCT_MODEL, None, "product-models"),
        (CatalogKind.REFERENCE_ENTITY, None, "reference-entities"),
        (CatalogKind.RECORD, "brand", "reference-entities/brand/records"),
        (CatalogKind.ASSET_FAMILY, None, "asset-families"),
        (CatalogKind.ASSET, "photos", "asset-families/photos/assets"),
    ],
)
async def test_every_kind_is_listed_and_read_where_it_lives(
    kind: CatalogKind, parent: str | None, path: str
) -> None:
    pim = FakePim()
    pim.on(path, page([{"code": "Red/1"}]))
    pim.on(f"{path}/Red/1", ok({"code": "Red/1"}))
    pim.on(f"{path}/blue", akeneo_404())
    async with client_of(pim) as client:
        (only,) = await collect(client.list_items(kind, parent))
        (listed,) = only.reads
        read = await client.read_item(kind, parent or "", "Red/1")
        blue = await client.read_item(kind, parent or "", "blue")
    assert listed.item == read.item
    assert listed.reference == read.reference == Reference(kind, parent or "", "Red/1")
    assert (blue.reference.code, blue.item) == ("blue", None)
    assert listed.interval.read_to < read.interval.read_from < blue.interval.read_from


async def test_a_route_that_the_pim_lacks_says_nothing_about_an_item() -> None:
    async with client_of(FakePim()) as client:
        with pytest.raises(SourceNotFound, match="No route found"):
            await client.read_item(CatalogKind.RECORD, "brand", "blue")


async def test_measurement_families_are_one_plain_list() -> None:
    pim = FakePim()
    pim.on("measurement-families", ok([{"code": "Weight"}, {"code": "Length"}]))
    async with client_of(pim) as client:
        (listed,) = await collect(client.list_items(CatalogKind.MEASUREMENT_FAMILY))
        found = await client.read_item(CatalogKind.MEASUREMENT_FAMILY, "", "length")
        missing = await client.read_item(CatalogKind.MEASUREMENT_FAMILY, "", "area")
    assert [read.reference.code for read in listed.reads] == ["Weight", "Length"]
    assert found.item == listed.reads[1].item
    assert missing.item is None


async def test_a_structure_search_is_sent_with_every_page() -> None:
    pim = FakePim()
    link = f"{BASE}/api/rest/v1/families?page=2&limit=100"
    pim.on("families", page([{"code": "a"}], following=link), page([{"code": "b"}]))
    async with client_of(pim) as client:
        await collect(client.list_items(CatalogKind.FAMILY, search=code_in(["a", "b"])))
    searches = [request.url.params.get("search") for request in pim.asked("families")]
    assert searches == ['{"code":[{"operator":"IN","value":["a","b"]}]}'] * 2
