"""A simulated PIM behind a client without a socket, and somebody who takes its deliveries."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from pim.json_types import JsonObject, as_list, as_object
from pim.signature import SignatureRefusal, check_signature
from simulator.app import build_simulator
from simulator.config import SimulatorConfig

BASE = "https://pim.example.test"
SECRET = "the-webhook-secret"
NOON = datetime(2026, 3, 5, 12, 0, 0, 250_000, tzinfo=UTC)
FLAGS = {
    "with_attribute_options": "true",
    "with_quality_scores": "true",
    "with_completenesses": "true",
}


@dataclass
class StandingClock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Subscriber:
    """Takes deliveries, and answers as it is told to."""

    status: int = 200
    got: list[httpx.Request] = field(default_factory=list)

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        return httpx.Response(self.status, headers={"Location": "https://elsewhere.test/"})

    def genuine(self, clock: StandingClock) -> list[httpx.Request]:
        return [each for each in self.got if refusal(each, clock) is None]

    def events(self, clock: StandingClock) -> list[list[JsonObject]]:
        """The events of each genuine delivery, in the order of their arrival."""
        bodies = [json.loads(each.content) for each in self.genuine(clock) if each.content]
        return [[as_object(event) for event in body["events"]] for body in bodies]


def refusal(request: httpx.Request, clock: StandingClock) -> SignatureRefusal | None:
    return check_signature(
        secrets=[SECRET],
        signature=request.headers.get("X-Akeneo-Request-Signature"),
        timestamp=request.headers.get("X-Akeneo-Request-Timestamp"),
        body=request.content,
        now=clock(),
    )


@dataclass
class Scene:
    """The running PIM, its clock, its subscriber, and a client that has a bearer."""

    client: httpx.AsyncClient
    clock: StandingClock
    subscriber: Subscriber

    async def get(self, path: str, **query: str) -> httpx.Response:
        url = path if path.startswith("http") else f"/api/rest/v1/{path}"
        return await self.client.get(url, params=query or None)

    async def json(self, path: str, **query: str) -> JsonObject:
        answer = await self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return as_object(answer.json())

    async def items(self, path: str, **query: str) -> list[JsonObject]:
        return items_of(await self.json(path, **query))

    async def walk(self, **query: str) -> list[list[JsonObject]]:
        """Every page of products by uuid, by the links."""
        page = await self.json("products-uuid", pagination_type="search_after", **query)
        pages = [items_of(page)]
        while (following := link(page, "next")) is not None:
            page = await self.json(following)
            pages.append(items_of(page))
        return pages

    async def control(self, path: str, body: Mapping[str, object] | None = None) -> JsonObject:
        answer = await self.client.post(f"/_simulator/{path}", json=dict(body or {}))
        assert answer.status_code == 200, answer.text
        return as_object(answer.json())

    async def look(self, path: str) -> JsonObject:
        answer = await self.client.get(f"/_simulator/{path}")
        assert answer.status_code == 200, answer.text
        return as_object(answer.json())

    async def truth(self, flavour: str | None = None) -> list[JsonObject]:
        query = None if flavour is None else {"flavour": flavour}
        answer = await self.client.get("/_simulator/truth", params=query)
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]


def items_of(page: JsonObject) -> list[JsonObject]:
    return [as_object(each) for each in as_list(as_object(page["_embedded"])["items"])]


def link(page: JsonObject, name: str) -> str | None:
    found = as_object(page["_links"]).get(name)
    return None if found is None else str(as_object(found)["href"])


def sku_of(item: JsonObject) -> object:
    values = as_object(item["values"])
    return as_object(as_list(values["sku"])[0])["data"] if "sku" in values else None


def search(field_name: str, operator: str, value: object, **more: object) -> str:
    return json.dumps({field_name: [{"operator": operator, "value": value, **more}]})


@asynccontextmanager
async def a_scene(
    products: int = 250, *, subscriber: Subscriber | None = None, **settings: object
) -> AsyncIterator[Scene]:
    """A PIM whose lifespan is entered, told to deliver to the scene's subscriber."""
    clock, subscriber = StandingClock(), subscriber or Subscriber()
    config = SimulatorConfig(
        products=products,
        public_url=BASE,
        webhook_url="https://shop.example.test/webhook",
        webhook_secret=SECRET,
        app_token="the-app",
        **settings,  # type: ignore[arg-type]  # by field name
    )
    app = build_simulator(
        config, clock=clock, webhook_transport=httpx.MockTransport(subscriber.handle)
    )
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url=BASE,
        headers={"Authorization": "Bearer the-app"},
    )
    async with app.router.lifespan_context(app), client:
        yield Scene(client, clock, subscriber)
