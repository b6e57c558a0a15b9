"""What is found out once per source."""

import httpx
import pytest

from pim.errors import (
    SourceForbidden,
    SourceNotFound,
    SourceServerError,
    SourceUnexpectedNotFound,
)
from pim.json_types import JsonObject
from pim.reading.discovery import FoundFacts, SourceFacts
from pim.vocabulary import Identity
from tests.unit.pim.fake_pim import BASE, FakePim, akeneo_404, client_of, ok, page, product, uuid

pytestmark = pytest.mark.anyio


def _identifier(code: str, **more: bool) -> JsonObject:
    return {"code": code, "type": "pim_catalog_identifier", **more}


def _pim() -> FakePim:
    pim = FakePim()
    pim.on("products-uuid", page([]))
    pim.on("attributes", page([_identifier("sku")]))
    pim.on("system-information", ok({"version": "v20260101", "edition": "Serenity"}))
    return pim


async def test_a_pim_with_products_by_uuid_is_recognised() -> None:
    pim = _pim()
    async with client_of(pim, facts=None) as client:
        facts = await client.discover()
    assert facts == SourceFacts(Identity.UUID, "sku", "v20260101", "Serenity")
    (request,) = pim.asked("attributes")
    assert request.url.params["search"] == (
        '{"type":[{"operator":"IN","value":["pim_catalog_identifier"]}]}'
    )


async def test_a_pim_without_that_route_calls_products_by_identifier() -> None:
    pim = _pim()
    pim.on("products-uuid", akeneo_404('No route found for "GET /api/rest/v1/products-uuid"'))
    pim.on("products", page([]))
    async with client_of(pim, facts=None) as client:
        assert (await client.discover()).identity is Identity.IDENTIFIER


async def test_a_missing_route_alone_is_no_proof_of_an_older_pim() -> None:
    pim = _pim()
    pim.on("products-uuid", akeneo_404("Not Found"))
    pim.on("products", akeneo_404("Not Found"))
    async with client_of(pim, facts=None) as client:
        with pytest.raises(SourceNotFound):
            await client.discover()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404, text="nginx"), SourceUnexpectedNotFound),
        (httpx.Response(403, json={"code": 403}), SourceForbidden),
        (httpx.Response(502), SourceServerError),
    ],
)
async def test_identity_is_never_concluded_from_a_failure(
    answer: httpx.Response, error: type[Exception]
) -> None:
    pim = _pim()
    pim.on("products-uuid", answer)
    async with client_of(pim, facts=None) as client:
        with pytest.raises(error):
            await client.discover()


async def test_of_several_identifier_attributes_the_main_one_counts() -> None:
    pim = _pim()
    several = [_identifier("ean"), _identifier("sku", is_main_identifier=True)]
    pim.on("attributes", page(several))
    async with client_of(pim, facts=None) as client:
        assert (await client.discover()).main_identifier == "sku"
    pim.on("attributes", page([_identifier("ean"), _identifier("sku")]))
    async with client_of(pim, facts=None) as client:
        assert (await client.discover()).main_identifier == "ean"
    pim.on("attributes", page([]))
    async with client_of(pim, facts=None) as client:
        assert (await client.discover()).main_identifier is None


async def test_a_pim_that_refuses_the_type_filter_is_walked() -> None:
    pim = _pim()

    def attributes(request: httpx.Request) -> httpx.Response:
        if "search" in request.url.params:
            return httpx.Response(422, json={"code": 422, "message": "no such filter"})
        if request.url.params.get("page") == "2":
            return page([_identifier("sku")])
        link = f"{BASE}/api/rest/v1/attributes?page=2&limit=100"
        return page([{"code": "name", "type": "pim_catalog_text"}], following=link)

    pim.serve("attributes", attributes)
    async with client_of(pim, facts=None) as client:
        assert (await client.discover()).main_identifier == "sku"


@pytest.mark.parametrize(
    "answer", [akeneo_404(), httpx.Response(404, text="nginx"), httpx.Response(403), ok([])]
)
async def test_a_pim_may_keep_its_version_to_itself(answer: httpx.Response) -> None:
    pim = _pim()
    pim.on("system-information", answer)
    async with client_of(pim, facts=None) as client:
        facts = await client.discover()
    assert (facts.version, facts.edition) == (None, None)


async def test_the_first_read_discovers_what_is_not_known() -> None:
    pim = _pim()
    entry: JsonObject = {"data": "SKU-1", "locale": None, "scope": None}
    pim.on(f"products-uuid/{uuid(1)}", ok(product(uuid(1), values={"sku": [entry]})))
    async with client_of(pim, facts=None) as client:
        first = await client.read_product(uuid(1))
        await client.read_product(uuid(1))
    assert first.product is not None
    assert first.product.identifier == "SKU-1"
    assert len(pim.asked("system-information")) == 1


async def test_a_known_source_tells_again_what_it_is() -> None:
    pim = _pim()
    async with client_of(pim) as client:
        found = await client.look_again()
        assert client.facts.identity is Identity.UUID
        assert client.facts.version == "7.0.1"  # gone by when it was laid over what is stored
    assert found == FoundFacts(Identity.UUID, "sku", "v20260101", "Serenity")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(404, text="nginx"),
        akeneo_404("The resource is not found."),
        httpx.Response(403),
        httpx.Response(500),
        httpx.Response(502),
        ok({"items": []}),
        httpx.Response(200, text="<html>we are back soon</html>"),
    ],
)
async def test_a_doubtful_answer_says_nothing_of_what_products_are_called_by(
    answer: httpx.Response,
) -> None:
    pim = _pim()
    pim.on("products-uuid", answer)
    pim.on("products", page([]))
    async with client_of(pim) as client:
        found = await client.look_again()
    assert found == FoundFacts(None, "sku", "v20260101", "Serenity")


async def test_akeneos_word_that_there_is_no_such_route_counts_while_the_other_list_answers() -> (
    None
):
    pim = _pim()
    pim.on("products-uuid", akeneo_404('No route found for "GET /api/rest/v1/products-uuid"'))
    pim.on("products", page([]), httpx.Response(403))
    async with client_of(pim) as client:
        assert (await client.look_again()).identity is Identity.IDENTIFIER
        assert (await client.look_again()).identity is None


async def test_a_source_that_is_away_is_asked_one_question_only() -> None:
    pim = _pim()
    pim.on("products-uuid", httpx.ConnectError("refused"))
    async with client_of(pim) as client:
        assert (await client.look_again()).is_nothing
    assert not pim.asked("attributes")
