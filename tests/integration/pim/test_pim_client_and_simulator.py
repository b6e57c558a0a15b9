"""The client against a whole PIM, the simulated one: every list, every kind, both identities."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from pydantic import SecretStr

from pim.document import CatalogParts, Draft
from pim.errors import SourceUnauthorized
from pim.http.connection import AppToken, PasswordCredentials, PimConnection
from pim.ids import OrderNumber, ProductKey
from pim.json_types import JsonObject, as_object
from pim.product import SourceProduct
from pim.reading.client import PimClient
from pim.reads import FailedRead, ProductRead
from pim.search import descendants_of, structure_updated_since, updated_since
from pim.vocabulary import COLLECTED, CatalogKind, Identity
from simulator.app import build_simulator
from simulator.config import SimulatorConfig

pytestmark = pytest.mark.anyio

BASE = "http://pim.example.test"
LOGIN = PasswordCredentials(
    "demo_client", SecretStr("demo_client_secret"), "demo_connection", SecretStr("demo_password")
)
SIZE = 250
EVERY_LIST = (
    CatalogKind.FAMILY,
    CatalogKind.ATTRIBUTE,
    CatalogKind.ATTRIBUTE_GROUP,
    CatalogKind.CATEGORY,
    CatalogKind.CHANNEL,
    CatalogKind.LOCALE,
    CatalogKind.CURRENCY,
    CatalogKind.ASSOCIATION_TYPE,
    CatalogKind.MEASUREMENT_FAMILY,
)


class Everything:
    """A catalog of all that the PIM lists."""

    def __init__(self) -> None:
        self.items: dict[tuple[CatalogKind, str, str], JsonObject] = {}

    def get(self, kind: CatalogKind, parent: str, code: str) -> JsonObject | None:
        return self.items.get((kind, parent.casefold(), code.casefold()))

    async def load(self, client: PimClient, kind: CatalogKind, parent: str = "") -> list[str]:
        reads = [read async for page in client.list_items(kind, parent) for read in page.reads]
        found = [read.item for read in reads if read.item is not None]
        for item in found:
            self.items[kind, parent.casefold(), item.code.casefold()] = item.body
        return [item.code for item in found]


@asynccontextmanager
async def _client(
    credentials: PasswordCredentials | AppToken = LOGIN, *, identifier_only: bool = False
) -> AsyncIterator[PimClient]:
    config = SimulatorConfig(
        products=SIZE, identifier_only=identifier_only, public_url="http://inside.example.test:8090"
    )
    drawn = iter(range(1, 1_000_000))

    async def draw_number() -> OrderNumber:
        return OrderNumber(next(drawn))

    async with PimClient(
        PimConnection(BASE, credentials),
        draw_number=draw_number,
        transport=httpx.ASGITransport(build_simulator(config)),
    ) as client:
        yield client


async def _products(client: PimClient, search: JsonObject | None = None) -> list[SourceProduct]:
    reads = [read async for page in client.product_pages(search=search) for read in page.reads]
    return [read.product for read in reads if read.product is not None]


@pytest.mark.parametrize("identifier_only", [False, True], ids=["by uuid", "by identifier"])
async def test_every_way_of_reading_shows_the_same_products(
    identifier_only: bool,  # noqa: FBT001 - parametrized
) -> None:
    async with _client(identifier_only=identifier_only) as client:
        facts = await client.discover()
        listed = await _products(client)
        some = listed[:100]
        names = {product.key: product.identifier or "" for product in some}
        searched = await client.read_products([p.key for p in some], identifiers=names)
        alone = await client.read_product(some[0].key, identifier=some[0].identifier)
    assert facts.identity is (Identity.IDENTIFIER if identifier_only else Identity.UUID)
    assert facts.main_identifier
    assert len({product.key for product in listed}) == SIZE
    hashes = [r.product.content_hash for r in searched if isinstance(r, ProductRead) and r.product]
    assert hashes == [product.content_hash for product in some]
    assert alone.product is not None
    assert alone.product.content_hash == some[0].content_hash


async def test_an_absent_product_and_a_bad_key_are_told_apart() -> None:
    absent = ProductKey("00000000-0000-4000-8000-000000000000")
    bad = ProductKey("not/a uuid")
    async with _client() as client:
        (known, *_) = await _products(client)
        results = await client.read_products([absent, known.key, bad])
    assert isinstance(results[0], ProductRead)
    assert results[0].product is None
    assert isinstance(results[1], ProductRead)
    assert results[1].product is not None
    assert isinstance(results[2], ProductRead | FailedRead)
    assert results[2].key == bad


async def test_filters_are_understood() -> None:
    now = datetime.now(UTC)
    async with _client() as client:
        listed = await _products(client)
        below = await _products(client, descendants_of("no such model"))
        ever = await _products(client, updated_since(now - timedelta(days=9999), ZoneInfo("UTC")))
        never = await _products(client, updated_since(now + timedelta(days=1), ZoneInfo("UTC")))
        families = [
            item
            async for items in client.list_items(
                CatalogKind.FAMILY, search=structure_updated_since(now + timedelta(days=1))
            )
            for item in items.reads
        ]
    assert len(listed) == len(ever) == SIZE
    assert (below, never, families) == ([], [], [])


async def test_every_list_is_read_and_makes_whole_documents() -> None:
    catalog = Everything()
    async with _client() as client:
        counts = {kind: len(await catalog.load(client, kind)) for kind in EVERY_LIST}
        await catalog.load(client, CatalogKind.PRODUCT_MODEL)
        for family in await catalog.load(client, CatalogKind.FAMILY):
            await catalog.load(client, CatalogKind.FAMILY_VARIANT, family)
        for (kind, _, code), body in list(catalog.items.items()):
            if kind is CatalogKind.ATTRIBUTE and "select" in str(body["type"]):
                await catalog.load(client, CatalogKind.OPTION, code)
        listed = await _products(client)
        for kind in EVERY_LIST:
            code = next(code for known, _, code in catalog.items if known is kind)
            assert (await client.read_item(kind, "", code)).item is not None
            assert (await client.read_item(kind, "", "no such code")).item is None
    assert all(counts.values()), counts
    parts = CatalogParts(catalog)
    documents = [Draft(product, parts).render() for product in listed]
    for document in documents:
        unknown = {r for r in document.references if catalog.get(r.kind, r.parent, r.code) is None}
        assert {reference.kind for reference in unknown} <= {CatalogKind.PRODUCT, *COLLECTED}
        assert "root" in document.body
        assert all(as_object(a)["type"] for a in as_object(document.body["attributes"]).values())
    shown = {
        name
        for document in documents
        for attribute in as_object(document.body["attributes"]).values()
        for entry in as_object(as_object(attribute)["values"]).values()
        for name in as_object(entry)
    }
    assert {"locale", "scope", "data", "labels", "url"} <= shown


async def test_wrong_credentials_are_refused_in_one_line() -> None:
    wrong = replace(LOGIN, client_secret=SecretStr("wrong-secret"))
    for credentials in (wrong, AppToken(SecretStr("no-such-token"))):
        async with _client(credentials) as client:
            with pytest.raises(SourceUnauthorized, match="credentials refused") as caught:
                await client.discover()
        assert "wrong-secret" not in str(caught.value)
