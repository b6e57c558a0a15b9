"""The operator's questions: which lists a connection may read, and what the source's clock says."""

from datetime import timedelta

import httpx
import pytest

from pim.errors import SourceError, SourceServerError, SourceUnauthorized
from pim.reading.source_check import CheckedList
from tests.unit.pim.fake_pim import NOW, FakePim, akeneo_404, client_of, ok, page, product, uuid

pytestmark = pytest.mark.anyio

FORBIDDEN = httpx.Response(403, json={"code": 403, "message": "Access forbidden."})
LISTS = (
    "products-uuid",
    "product-models",
    "families",
    "attributes",
    "categories",
    "channels",
    "locales",
    "currencies",
    "attribute-groups",
    "association-types",
)


def _pim() -> FakePim:
    """A Community PIM in which everything may be read."""
    pim = FakePim()
    for path in LISTS:
        pim.on(path, page([{"code": "first"}]))
    pim.on("products-uuid", page([product(uuid(1))]))
    pim.on("families/first/variants", page([]))
    pim.on("attributes/first/options", page([]))
    pim.on("measurement-families", ok([]))
    return pim


async def _ask(pim: FakePim) -> dict[str, CheckedList]:
    async with client_of(pim) as client:
        return {each.name: each async for each in client.source_check().lists()}


async def test_every_list_of_a_mirror_is_asked_for_once_and_small() -> None:
    pim = _pim()
    lists = await _ask(pim)
    readable = {name for name, each in lists.items() if each.error is None}
    assert readable == {
        "products",
        "product models",
        "families",
        "family variants",
        "attributes",
        "attribute options",
        "categories",
        "channels",
        "locales",
        "currencies",
        "attribute groups",
        "association types",
        "measurement families",
    }
    paged = [request for request in pim.requests if request.url.params.get("limit")]
    assert {request.url.params["limit"] for request in paged} == {"1"}


async def test_a_list_without_the_right_is_named_and_the_others_are_still_asked() -> None:
    pim = _pim()
    pim.on("categories", FORBIDDEN)
    pim.on("families/first/variants", FORBIDDEN)
    lists = await _ask(pim)
    assert {name for name, each in lists.items() if each.is_forbidden} == {
        "categories",
        "family variants",
    }


async def test_entities_and_assets_that_an_edition_lacks_are_absent_and_optional() -> None:
    lists = await _ask(_pim())
    assert [lists[name].is_absent for name in ("reference entities", "asset families")] == [
        True
    ] * 2
    assert {name for name, each in lists.items() if each.optional} == {
        "reference entities",
        "asset families",
    }


async def test_records_and_assets_are_asked_for_where_there_are_entities() -> None:
    pim = _pim()
    pim.on("reference-entities", page([{"code": "brand"}]))
    pim.on("reference-entities/brand/records", FORBIDDEN)
    pim.on("asset-families", page([{"code": "photos"}]))
    pim.on("asset-families/photos/assets", page([]))
    lists = await _ask(pim)
    assert lists["records"].is_forbidden
    assert lists["assets"].error is None


async def test_a_pim_without_uuids_lists_its_products_by_identifier() -> None:
    pim = _pim()
    pim.on("products-uuid", akeneo_404('No route found for "GET"'))
    pim.on("products", page([{"identifier": "a"}]))
    assert (await _ask(pim))["products"].error is None


async def test_trouble_of_the_whole_source_is_no_trouble_of_a_list() -> None:
    pim = _pim()
    pim.on("families", httpx.Response(500))
    with pytest.raises(SourceServerError):
        await _ask(pim)


@pytest.mark.parametrize("seconds", [-437, 0, 437])
async def test_the_clocks_difference_is_the_date_of_the_answer_against_ours(seconds: int) -> None:
    theirs = NOW + timedelta(seconds=seconds)
    date = {"Date": theirs.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    pim = _pim()
    pim.script["/api/rest/v1/channels"] = [ok({"_embedded": {"items": []}}, date)]
    ahead = (await _ask(pim))["channels"].clock_ahead
    assert ahead is not None
    assert abs(ahead - timedelta(seconds=seconds)) < timedelta(seconds=30)


async def test_a_refused_login_is_told_when_connecting() -> None:
    pim = _pim()
    pim.script["/api/oauth/v1/token"] = [
        httpx.Response(422, json={"code": 422, "message": "no such client"})
    ]
    async with client_of(pim) as client:
        with pytest.raises(SourceUnauthorized, match="no such client"):
            await client.source_check().connect()


async def test_a_source_that_is_away_is_told_when_connecting() -> None:
    pim = _pim()
    pim.script["/api/oauth/v1/token"] = [httpx.ConnectError("no route to host")]
    async with client_of(pim) as client:
        with pytest.raises(SourceError, match="no route to host"):
            await client.source_check().connect()
