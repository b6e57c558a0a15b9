"""A whole shop in one process: simulated PIM, receiver and store on the loopback, drains on demand.

Nothing here knows Prefect: drains and reconciles run as plain calls, so that what is tested is the
way of the data. The tests of deployments and of `up` run the same through Prefect.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import update

from flows.drain import DrainReport
from flows.drain.enrich import enrich_chunk
from flows.drain.loop import drain_inbox
from flows.drain.models import FollowedModels, follow_models
from flows.drain.report import ChunkOutcome
from flows.drain.settle import Fence, upsert_chunk
from flows.drain.structure import FollowedStructure, follow_structure
from flows.run.session import Session, open_session, utc_now
from flows.sweeps.report import ReconcileReport
from flows.sweeps.run import ReconcileRequest, run_reconcile
from pim.event_platform import EVENT_TYPES, PREFIX, sign_body
from pim.ids import RunId
from pim.json_types import JsonObject, JsonValue, as_list, as_object
from pim.vocabulary import Channel
from receiver.app import build_app
from settings import Settings, load_settings
from simulator.config import EventPlatformConfig, SimulatorConfig
from simulator.simulation import Clock, wall_clock
from storage import Store, migrate, open_store
from storage.inbox.door import DoorAlive
from storage.inbox.due_events import DueEvent
from storage.inbox.listed_events import ListedEvent, list_events
from storage.products import Cause
from storage.products.export import export_products
from storage.state.alarms import Alarm, list_alarms
from storage.state.call_budget import CallerKind
from storage.tables import InboxEvent, table_of
from storage.views.status import Status, read_status
from tests.served_app import bind_loopback, open_http, patient, served, served_simulator

SECRET = "the-shop's-webhook-secret"
PLATFORM_SECRET = "fixture-primary-secret-0001"
NOTICE_SECRET = "fixture-notification-secret"
APP_TOKEN = "the-app's-token"


class SilentTrigger:
    """Stands for Prefect: the tests drain when they want to."""

    def wake(self) -> None:
        """Nobody is told."""

    async def run(self) -> None:
        await asyncio.Event().wait()


async def settle_plainly(fence: Fence, events: Sequence[DueEvent]) -> ChunkOutcome:
    structure = FollowedStructure.of(events)
    await follow_structure(fence, structure)
    job = FollowedModels(events)
    job.outcome.add(structure.outcome)
    await follow_models(fence, job)
    if job.left:
        enriched = await enrich_chunk(fence.session, job.left)
        job.outcome.add(await upsert_chunk(fence, enriched))
    return job.outcome


@dataclass(slots=True)
class Shop:
    """The running parts, and what a test does with them."""

    settings: Settings
    store: Store
    pim_url: str
    receiver_url: str
    http: httpx.Client = field(default_factory=lambda: open_http(timeout=120))

    def environment(self) -> dict[str, str]:
        """What a command needs to know to work on this shop."""
        config, source = SimulatorConfig(), self.settings.source
        assert source is not None
        return {
            "AKENEO_BASE_URL": source.base_url,
            "AKENEO_CLIENT_ID": config.client_id,
            "AKENEO_CLIENT_SECRET": config.client_secret,
            "AKENEO_USERNAME": config.username,
            "AKENEO_PASSWORD": config.password,
            "SYNC_DATABASE_URL": self.settings.database_url,
        }

    def control(self, path: str, body: Mapping[str, object] | None = None) -> JsonObject:
        """Ask the simulated PIM for something, as its control panel."""
        answer = self.http.post(f"{self.pim_url}/_simulator/{path}", json=body or {})
        answer.raise_for_status()
        result: JsonObject = answer.json()
        return result

    def oddly(self, path: str, *done: str | Mapping[str, object], **calls: object) -> int:
        """Have answers be odd until `evenly`: what is done, and which calls it is for.

        As simulator/CONTROL.md says; `"circle"` is short for `{"does": "circle"}`.
        """
        changes = [{"does": each} if isinstance(each, str) else each for each in done]
        number = self.control("oddities", {"path": path, "done": changes, **calls})["id"]
        assert isinstance(number, int)
        return number

    def evenly(self, number: int | None = None) -> None:
        """End this oddity, or all."""
        which = "" if number is None else f"/{number}"
        self.http.delete(f"{self.pim_url}/_simulator/oddities{which}").raise_for_status()

    def told_by_platform(self, name: str, data: Mapping[str, object], **members: object) -> None:
        """Have the Event Platform deliver an event of this type, signed."""
        event = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": "akeneo-event-platform",
            "type": f"{PREFIX}{name}",
            "time": f"{utc_now():%Y-%m-%dT%H:%M:%SZ}",
            "data": data,
        }
        body = json.dumps(event | members).encode()
        headers = {"X-Akeneo-Signature-Primary": sign_body(PLATFORM_SECRET, body)}
        url = f"{self.receiver_url}/webhooks/event-platform"
        self.http.post(url, content=body, headers=headers).raise_for_status()

    def requests(self) -> JsonObject:
        answer = self.http.get(f"{self.pim_url}/_simulator/requests")
        result: JsonObject = answer.raise_for_status().json()
        return result

    def answered(self, path: str, query: Mapping[str, str] | None = None) -> JsonValue:
        """What the PIM answers to a call at this moment; None where that is no JSON, or none.

        For a shop whose simulated PIM has `APP_TOKEN` as `app_token`.
        """
        url, bearer = f"{self.pim_url}/api/rest/v1/{path}", {"Authorization": f"Bearer {APP_TOKEN}"}
        try:
            answer: JsonValue = self.http.get(url, params=query, headers=bearer).json()
        except (ValueError, httpx.TransportError):
            return None
        return answer

    def listed(self, path: str, query: Mapping[str, str] | None = None) -> list[JsonObject]:
        """The items on the first page of a list, or of one without pages."""
        page = self.answered(path, {"limit": "100", **(query or {})})
        items = (
            page
            if isinstance(page, list)
            else as_object(as_object(page).get("_embedded")).get("items")
        )
        return [as_object(item) for item in as_list(items)]

    def truth(self) -> dict[str, JsonObject]:
        """Every product as the PIM shows it now, by uuid."""
        answer = self.http.get(f"{self.pim_url}/_simulator/truth").raise_for_status()
        products = [json.loads(line) for line in answer.text.splitlines()]
        return {product["uuid"]: product for product in products}

    def exported(self, *, tombstones: bool = False) -> dict[str, JsonObject]:
        """Every product as the store shows it, by key: whole lines of `export`."""
        with self.store.read() as tx:
            lines = [each.line() for each in export_products(tx, tombstones=tombstones)]
        return {product["key"]: product for product in map(json.loads, lines)}

    def sources(self) -> dict[str, JsonObject]:
        """What `export` shows as the REST answer of each live product.

        Without the link to itself, which a listing adds and a single GET (the truth) does not.
        """
        sources = {key: as_object(line["source"]) for key, line in self.exported().items()}
        return {
            key: {name: value for name, value in source.items() if name != "_links"}
            for key, source in sources.items()
        }

    def events(self, state: str | None = None) -> list[ListedEvent]:
        with self.store.read() as tx:
            return list_events(tx, state=state, limit=100_000)

    def status(self) -> Status:
        with self.store.read() as tx:
            return read_status(tx, now=utc_now())

    def alarms(self) -> list[Alarm]:
        """The alarms that stand."""
        with self.store.read() as tx:
            return list_alarms(tx)

    def make_due(self) -> None:
        """Let the time pass until what was put off is due again."""
        with self.store.transaction() as tx:
            tx.execute(update(table_of(InboxEvent)).values(not_before=None))

    async def drain(self) -> DrainReport:
        report = DrainReport()
        other = await drain_inbox(
            self.settings,
            run_id=RunId(str(uuid4())),
            run_name="a drain",
            step=settle_plainly,
            report=report,
        )
        assert not isinstance(other, DoorAlive)
        return report

    async def reconcile(
        self, *, full: bool = True, dry_run: bool = False, key: str | None = None
    ) -> ReconcileReport:
        request = ReconcileRequest(full=full, dry_run=dry_run, key=key)
        return await run_reconcile(self.settings, request)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        cause = Cause("test", RunId(str(uuid4())))
        async with open_session(
            self.settings, self.store, kind=CallerKind.SWEEP, cause=cause
        ) as session:
            yield session


@contextmanager
def open_shop(
    folder: Path,
    *,
    products: int = 60,
    database_url: str | None = None,
    tunables: Mapping[str, str] | None = None,
    clock: Clock = wall_clock,
    dress: Callable[[FastAPI], None] | None = None,
    told_by: Collection[Channel] = (Channel.EVENTS_API,),
    platform: Mapping[str, object] | None = None,
    receiver: Mapping[str, object] | None = None,
    **pim: object,
) -> Iterator[Shop]:
    """Start a shop with an empty, migrated store; `pim` are settings of the simulated PIM.

    A delivery waits as long as this machine needs, and so does the PIM for its answer: what a test
    tells arrives.

    `told_by`: the dialects in which the PIM tells of its edits; `platform` are settings of its
    Event Platform, `receiver` of the receiver. `clock` is the PIM's; `dress` may put something
    before it.

    The store is at `database_url` (the fixture `store_url`: one of each kind), else a new SQLite
    file in `folder`.
    """
    with ExitStack() as stack:
        listener = bind_loopback()
        port = listener.getsockname()[1]
        own_listener = bind_loopback()
        receiver_url = f"http://127.0.0.1:{own_listener.getsockname()[1]}"
        waits = {"webhook_timeout_seconds": 60.0, **pim}
        if platform is not None or Channel.EVENT_PLATFORM in told_by:
            waits["platform"] = _platform(receiver_url, told_by, platform or {})
        config = SimulatorConfig(port=port, products=products, **waits)  # type: ignore[arg-type]
        pim_url = stack.enter_context(served_simulator(config, listener, clock, dress))
        settings = load_settings(
            {
                "AKENEO_BASE_URL": pim_url,
                "AKENEO_CLIENT_ID": config.client_id,
                "AKENEO_CLIENT_SECRET": config.client_secret,
                "AKENEO_USERNAME": config.username,
                "AKENEO_PASSWORD": config.password,
                "AKENEO_WEBHOOK_SECRETS": SECRET,
                "AKENEO_EVENT_PLATFORM_SECRETS": PLATFORM_SECRET,
                "SYNC_DATABASE_URL": database_url or f"sqlite:///{folder}/shop.db",
                "SYNC_LINGER_SECONDS": "0",
                "SYNC_PACE_SECONDS": "0",
                "SYNC_BUSY_TIMEOUT_SECONDS": "30",
                **(tunables or {}),
            },
            root=folder,
        )
        migrate(settings.database_url)
        store = open_store(settings.database_url, busy_timeout=timedelta(seconds=30))
        stack.callback(store.close)
        known: dict[str, object] = {
            "scrape_seconds": 0,
            "platform_secrets": settings.event_platform.secrets,
            "notice_secret": SecretStr(NOTICE_SECRET),
            "platform_answer_seconds": 60.0,
        }
        config_of_receiver = patient(SECRET, **{**known, **(receiver or {})})
        app = build_app(config_of_receiver, store, SilentTrigger())
        stack.enter_context(served(app, own_listener))
        shop = Shop(settings, store, pim_url, receiver_url)
        stack.callback(shop.http.close)
        if Channel.EVENTS_API in told_by:
            webhook = f"{receiver_url}/webhooks/events-api"
            shop.control("webhook", {"url": webhook, "secret": SECRET})
        yield shop


def _platform(
    receiver_url: str, told_by: Collection[Channel], given: Mapping[str, object]
) -> EventPlatformConfig:
    """The PIM's Event Platform, with a subscription from the start where it is to tell."""
    ready = {
        "url": f"{receiver_url}/webhooks/event-platform",
        "primary_secret": PLATFORM_SECRET,
        "notification_url": f"{receiver_url}/webhooks/event-platform/notifications",
        "notification_secret": NOTICE_SECRET,
        "events": ",".join(f"{PREFIX}{name}" for name in EVENT_TYPES),
        "timeout_s": 60.0,
        "rate_start": 1000.0,
        "rate_max": 1000.0,
    }
    if Channel.EVENT_PLATFORM not in told_by:
        ready = {}
    return EventPlatformConfig(**{**ready, **given})  # type: ignore[arg-type] # by field name
