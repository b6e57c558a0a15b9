"""Somebody who calls the API, and what is in the store for them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from api.app import build_app
from api.config import ApiConfig
from pim.document import Document
from pim.json_types import JsonObject, JsonValue
from pim.structure import Reference
from pim.vocabulary import CatalogKind
from storage import Store
from storage.products import ProductWrite
from storage.state import make_token
from tests.store_builders import NOW, body_of, live, mirror

_FAST = ApiConfig(calls_per_second=1000, look_seconds=0.01)


@asynccontextmanager
async def opened_api(
    store: Store,
    config: ApiConfig = _FAST,
    *,
    is_ending: Callable[[], bool] = lambda: False,
) -> AsyncIterator[httpx.AsyncClient]:
    app = build_app(config, store, is_ending=is_ending)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://api.test") as client,
    ):
        yield client


def token_of(store: Store, name: str) -> str:
    token = store.run(lambda tx: make_token(tx, name, now=NOW))
    assert token is not None
    return token


@dataclass
class Caller:
    """A client and its token."""

    client: httpx.AsyncClient
    token: str | None

    async def get(self, path: str, **headers: str) -> httpx.Response:
        own = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=own | named)

    async def read(self, path: str) -> JsonObject:
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        body: JsonObject = answer.json()
        return body


DESK = Reference(CatalogKind.CATEGORY, "", "desk")
HOME = Reference(CatalogKind.CATEGORY, "", "home")
LAMPS = Reference(CatalogKind.FAMILY, "", "lamps")


def named(reference: Reference) -> JsonValue:
    return {"code": reference.code, "labels": {"en": reference.code, "de": f"{reference.code}!"}}


def mirror_structure(store: Store) -> None:
    """What readers may name. `print` has a tree, `shop` has all products."""
    mirror(store, CatalogKind.FAMILY, {"code": "lamps"}, {"code": "chairs"})
    mirror(store, CatalogKind.CATEGORY, {"code": "desk"}, {"code": "home"})
    mirror(store, CatalogKind.CHANNEL, {"code": "shop"}, {"code": "print", "category_tree": "home"})
    mirror(store, CatalogKind.LOCALE, {"code": "en"}, {"code": "de"})
    mirror(store, CatalogKind.ATTRIBUTE, {"code": "name"}, {"code": "price"}, {"code": "note"})


def shown(product: int, number: int, *references: Reference, name: str = "Arc") -> ProductWrite:
    """A product that was read, in a document with two values of its name."""
    body = body_of(product, identifier=f"SKU-{product}", name=name)
    write = live(body, number, number + 1)
    values: list[JsonValue] = [
        {"locale": locale, "scope": None, "data": f"{name} {locale}"} for locale in ("en", "de")
    ]
    rendered: JsonObject = {
        "key": write.read.key,
        "family": next((named(each) for each in references if each == LAMPS), None),
        "categories": [named(each) for each in references if each.kind is CatalogKind.CATEGORY],
        "attributes": {
            "name": {"values": values},
            "price": {"values": [{"locale": None, "scope": "shop", "data": 1.5}]},
            "note": {"values": [{"locale": "de", "scope": "print", "data": "x"}]},
        },
        "completenesses": [{"scope": "shop", "locale": "de", "data": 80}],
    }
    return ProductWrite(write.read, Document(rendered, frozenset(references)))
