"""A simulated PIM with its Event Platform, and a destination that takes events and notices."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import httpx

from pim.json_types import JsonObject, JsonValue, as_list, as_object
from simulator.config import EventPlatformConfig
from tests.integration.simulator.pim_scene import BASE, Scene, Subscriber, a_scene

URL = "https://sync.example.test/webhooks/event-platform"
NOTICES = "https://sync.example.test/notices"
PRIMARY = "fixture-primary-secret-0001"
SECONDARY = "fixture-secondary-secret-02"
NOTICE_SECRET = "fixture-notification-secret"
TYPE = "com.akeneo.pim.v1."
CREATED, UPDATED, DELETED = (f"{TYPE}product.{name}" for name in ("created", "updated", "deleted"))
DELTA = f"{UPDATED}.delta"
HEADERS = {"X-PIM-URL": BASE, "X-PIM-TOKEN": "the-app", "X-PIM-CLIENT-ID": "demo_client"}


@dataclass
class Destination(Subscriber):
    """Answers each event with the next of `statuses`, then with `status`; notices with theirs.

    A status 0 is a connection that is refused. `going`: no event is answered before it is set.
    """

    statuses: list[int] = field(default_factory=list)
    notice_statuses: list[int] = field(default_factory=list)
    notices: list[httpx.Request] = field(default_factory=list)
    heads: int = 0
    going: anyio.Event | None = None
    _came: anyio.Event = field(default_factory=anyio.Event)

    async def reach(self, events: int = 0, *, notices: int = 0) -> None:
        """Wait until so many requests have come, and what they lead to is done."""
        with anyio.fail_after(60):
            while len(self.got) < events or len(self.notices) < notices:
                self._came = anyio.Event()
                await self._came.wait()
        await anyio.wait_all_tasks_blocked()

    async def handle(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "sync.example.test":
            return httpx.Response(200)
        if request.method == "HEAD":
            self.heads += 1
            return httpx.Response(self.status)
        if str(request.url) == NOTICES:
            self.notices.append(request)
            self._came.set()
            return httpx.Response(self.notice_statuses.pop(0) if self.notice_statuses else 200)
        self.got.append(request)
        self._came.set()
        status = self.statuses.pop(0) if self.statuses else self.status
        if self.going is not None:
            await self.going.wait()
        if status == 0:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(status, headers={"Location": "https://elsewhere.test/"})

    def bodies(self) -> list[JsonObject]:
        return [as_object(json.loads(each.content)) for each in self.got]

    def told(self) -> list[JsonObject]:
        return [as_object(json.loads(each.content)) for each in self.notices]

    def types(self) -> list[str]:
        return [str(body["type"]).removeprefix(TYPE) for body in self.bodies()]


@dataclass
class PlatformScene:
    """The PIM, its platform's destination, and hands for the management and the control API."""

    scene: Scene
    destination: Destination

    async def manage(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        expect: int = 200,
        headers: Mapping[str, str] = HEADERS,
    ) -> JsonValue:
        content = None if body is None else json.dumps(body)
        answer = await self.scene.client.request(
            method, f"/event-platform/api/v1/{path}", content=content, headers=dict(headers)
        )
        assert answer.status_code == expect, answer.text
        found: JsonValue = answer.json()
        return found

    async def managed(
        self, method: str, path: str, body: object = None, *, expect: int = 200
    ) -> JsonObject:
        return as_object(await self.manage(method, path, body, expect=expect))

    async def control(self, path: str, body: Mapping[str, object] | None = None) -> JsonObject:
        return await self.scene.control(path, body)

    async def set(self, **settings: object) -> None:
        await self.control("platform", {"settings": settings})

    async def advance(self, seconds: float) -> JsonObject:
        await self.control("platform/advance", {"seconds": seconds})
        await anyio.wait_all_tasks_blocked()
        return await self.subscription()

    async def subscriptions(self) -> list[JsonObject]:
        report = await self.scene.look("platform")
        return [as_object(each) for each in as_list(report["subscriptions"])]

    async def subscription(self) -> JsonObject:
        return (await self.subscriptions())[-1]

    async def counts(self) -> JsonObject:
        return as_object((await self.subscription())["counts"])

    async def a_uuid(self, position: int = 0) -> str:
        return str((await self.scene.truth())[position]["uuid"])

    async def change(self, uuid: str, changes: JsonObject, **more: object) -> JsonObject:
        return await self.control(f"products/{uuid}", {"changes": changes, **more})

    async def edit(self, times: int = 1) -> None:
        """Change one product so many times, each an event; the first attempts are awaited."""
        uuid = await self.a_uuid()
        for _ in range(times):
            truth = {str(each["uuid"]): each for each in await self.scene.truth()}
            await self.change(uuid, {"enabled": not truth[uuid]["enabled"]})


def subscriber_body(**contact: JsonValue) -> JsonObject:
    return {"name": "akeneo-sync", "contact": {"technical_email": "ops@example.test", **contact}}


def subscription_body(
    events: Sequence[str] = (CREATED, UPDATED, DELETED), **more: JsonValue
) -> JsonObject:
    return {
        "source": "pim",
        "subject": BASE,
        "type": "https",
        "events": [*events],
        "config": {"url": URL, "secret": {"primary": PRIMARY, "secondary": SECONDARY}},
        **more,
    }


@asynccontextmanager
async def a_platform(
    events: Sequence[str] = (CREATED, UPDATED, DELETED),
    *,
    products: int = 12,
    destination: Destination | None = None,
    pim: Mapping[str, object] | None = None,
    **settings: object,
) -> AsyncIterator[PlatformScene]:
    """A PIM with a subscription that is told from the start."""
    destination = destination or Destination()
    ready: dict[str, object] = {
        "url": URL,
        "primary_secret": PRIMARY,
        "secondary_secret": SECONDARY,
        "notification_url": NOTICES,
        "notification_secret": NOTICE_SECRET,
        "events": ",".join(events),
    }
    config = EventPlatformConfig(**{**ready, **settings})  # type: ignore[arg-type] # by field name
    pim = {"platform": config, **(pim or {})}
    async with a_scene(products, subscriber=destination, **pim) as scene:
        yield PlatformScene(scene, destination)
