"""A PIM in one process for the client's tests: a script of answers by path, and what was asked."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar
from urllib.parse import unquote

import httpx
from pydantic import SecretStr

from pim.http.connection import AppToken, CallGate, PasswordCredentials, PimConnection
from pim.ids import OrderNumber, ProductKey
from pim.json_types import JsonObject, JsonValue
from pim.reading.client import PimClient
from pim.reading.discovery import SourceFacts
from pim.reads import Reads
from pim.vocabulary import Identity

BASE = "https://pim.example.test"
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
PASSWORD = PasswordCredentials(
    "client", SecretStr("client-secret-1"), "julia", SecretStr("password-1")
)
UUID_FACTS = SourceFacts(Identity.UUID, "sku", "7.0.1", "CE")
IDENTIFIER_FACTS = SourceFacts(Identity.IDENTIFIER, "sku", "6.0.1", "CE")

NOBODY = "6e6f626f-6479-4000-8000-000000000000"

_T = TypeVar("_T")
Reply: TypeAlias = httpx.Response | Exception
Handler: TypeAlias = Callable[[httpx.Request], Reply]


def uuid(number: int) -> ProductKey:
    return ProductKey(f"00000000-0000-4000-8000-{number:012d}")


HUNDRED = [uuid(number) for number in range(100)]


def product(key: str, **more: JsonValue) -> JsonObject:
    return {
        "uuid": key,
        "enabled": True,
        "family": None,
        "categories": [],
        "values": {},
        "created": "2024-02-01T08:00:00+00:00",
        "updated": "2024-03-05T09:10:11+00:00",
        **more,
    }


def ok(body: JsonValue, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.Response(200, json=body, headers=headers)


def page(
    items: list[JsonObject], *, following: str | None = None, self_link: str = f"{BASE}/self"
) -> httpx.Response:
    links: JsonObject = {"self": {"href": self_link}}
    if following is not None:
        links["next"] = {"href": following}
    listed: list[JsonValue] = list(items)
    return ok({"_links": links, "_embedded": {"items": listed}})


def akeneo_404(message: str = "Product does not exist.") -> httpx.Response:
    return httpx.Response(404, json={"code": 404, "message": message})


def login(number: int = 1, expires_in: JsonValue = 3600) -> httpx.Response:
    return ok(
        {
            "access_token": f"access-{number}",
            "refresh_token": f"refresh-{number}",
            "expires_in": expires_in,
            "token_type": "bearer",
            "scope": None,
        }
    )


async def collect(pages: AsyncIterator[_T]) -> list[_T]:
    """All pages of a listing."""
    return [each async for each in pages]


def keys_found(results: Reads) -> list[ProductKey]:
    """The keys of the products that were there."""
    return [read.key for read in results.found]


class FakePim:
    """Answers by path (decoded, from `/api/` on); a list of replies is played in order.

    The last reply of a list is repeated. Logins succeed, channels answer and the product that
    nobody has is not found unless scripted.
    """

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.script: dict[str, Handler | list[Reply]] = {
            "/api/oauth/v1/token": self._login,
            "/api/rest/v1/channels": [page([{"code": "ecommerce"}])],
            f"/api/rest/v1/products-uuid/{NOBODY}": [akeneo_404()],
        }
        self.logins = 0

    def on(self, path: str, *replies: Reply) -> None:
        self.script[f"/api/rest/v1/{path}"] = list(replies)

    def serve(self, path: str, handler: Handler) -> None:
        self.script[f"/api/rest/v1/{path}"] = handler

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self._reply(request)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _reply(self, request: httpx.Request) -> Reply:
        path = request.url.path
        scripted = self.script.get(path[path.index("/api/") :])
        if scripted is None:
            return akeneo_404('No route found for "GET"')
        if callable(scripted):
            return scripted(request)
        reply = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        if isinstance(reply, Exception):
            return reply
        return httpx.Response(  # a response can be read once
            reply.status_code, headers=reply.headers, content=reply.content
        )

    def _login(self, _: httpx.Request) -> Reply:
        self.logins += 1
        return login(self.logins)

    def asked(self, path: str) -> list[httpx.Request]:
        """The requests for a resource, oldest first."""
        whole = f"/api/rest/v1/{path}"
        return [request for request in self.requests if unquote(request.url.path).endswith(whole)]

    def serve_products(self, products: list[JsonObject], *, refused: str = "") -> None:
        """Search by uuid and reads by URL; a search or read that names `refused` gets 422."""
        by_uuid = {str(item["uuid"]): item for item in products}

        def search(request: httpx.Request) -> Reply:
            wanted = searched_keys(request)
            if refused in wanted:
                return httpx.Response(422, json={"code": 422, "message": "bad uuid"})
            return page([by_uuid[key] for key in wanted if key in by_uuid])

        self.serve("products-uuid", search)
        for key, item in by_uuid.items():
            self.on(f"products-uuid/{key}", ok(item))


def searched_keys(request: httpx.Request) -> list[str]:
    """The keys of a search by `uuid IN` or `identifier IN`."""
    search = json.loads(request.url.params["search"])
    (criteria,) = search.values()
    keys: list[str] = criteria[0]["value"]
    return keys


class Numbers:
    """The database sequence."""

    def __init__(self) -> None:
        self.drawn = 0

    async def __call__(self) -> OrderNumber:
        self.drawn += 1
        return OrderNumber(self.drawn)


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Naps:
    """Waits that take no time and are remembered."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def client_of(
    pim: Callable[[httpx.Request], httpx.Response] | httpx.AsyncBaseTransport,
    *,
    credentials: PasswordCredentials | AppToken = PASSWORD,
    base_url: str = BASE,
    facts: SourceFacts | None = UUID_FACTS,
    numbers: Numbers | None = None,
    clock: Clock | None = None,
    naps: Naps | None = None,
    gate: CallGate | None = None,
    timeout_seconds: float = 30.0,
    max_answer_bytes: int = 1_000_000,
) -> PimClient:
    transport = pim if isinstance(pim, httpx.AsyncBaseTransport) else httpx.MockTransport(pim)
    return PimClient(
        PimConnection(base_url, credentials, timeout_seconds, max_answer_bytes),
        draw_number=numbers or Numbers(),
        clock=clock or Clock(),
        facts=facts,
        sleep=naps or Naps(),
        gate=gate,
        transport=transport,
    )
