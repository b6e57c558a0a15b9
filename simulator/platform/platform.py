"""The Event Platform beside one simulated PIM: who subscribed, and what is told to whom."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime

import httpx
import orjson

from pim.json_types import JsonObject
from simulator.config import EventPlatformConfig, Faults
from simulator.deliveries import FateDrawer
from simulator.edits import AnyEvent
from simulator.news import News, NewsDesk, encode_event, forge_event, instant_text, make_id
from simulator.platform.hours import Hours
from simulator.platform.logbook import Logbook
from simulator.platform.notices import (
    RESUMED,
    REVOKED,
    SUSPENDED_BY_SYSTEM,
    SUSPENDED_BY_USER,
    NoticeDesk,
)
from simulator.platform.pipeline import Delivery, Pipeline, Surroundings
from simulator.platform.ready import ready_made
from simulator.platform.registry import Registry, Status, Subscription
from simulator.platform.sender import Sender
from simulator.simulation import Simulation


class Platform:
    """Takes events in, keeps subscriptions, and delivers while `run` runs."""

    def __init__(
        self, simulation: Simulation, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.simulation = simulation
        self.hours = Hours(simulation.clock, lambda: self.config.time_scale)
        self.registry = Registry()
        self.logbook = Logbook(self.hours)
        self.sender = Sender(transport)
        self.notices = NoticeDesk(lambda: self.config, self.hours, self.sender)
        self.counts: Counter[str] = Counter()
        config = simulation.config
        self._fates = FateDrawer(config.seed, config.faults, "platform faults")
        self._desk = NewsDesk(simulation, lambda: self.config)
        self._going = asyncio.Event()
        self._going.set()
        self._around = Surroundings(lambda: self.config, self.hours, self.sender, self._going)
        self._pipelines: dict[str, Pipeline] = {}
        self._fresh: asyncio.Queue[Pipeline] = asyncio.Queue()
        self._restore()

    @property
    def config(self) -> EventPlatformConfig:
        """The settings as they are now."""
        return self.simulation.config.platform

    async def run(self) -> None:
        """Deliver, and send notices, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.notices.run())
                while True:
                    group.create_task((await self._fresh.get()).run())
        finally:
            await self.sender.close()

    def pause(self) -> None:
        """Send nothing more; what is under way goes on."""
        self._going.clear()

    def resume(self) -> None:
        """Send again, beginning with what has waited."""
        self._going.set()

    def set_faults(self, faults: Faults) -> None:
        """Draw the fates of deliveries at other rates."""
        self._fates.faults = faults

    def put(self, events: Iterable[AnyEvent]) -> list[asyncio.Event]:
        """Tell subscriptions of what happened; an answer is set at the end of a first attempt.

        The save has been kept before.
        """
        now, subscriptions = self.hours.now(), self._open_ones()
        wanted = frozenset[str]().union(
            *((each.spec_at(now) or each.spec).events for each in subscriptions)
        )
        if not wanted:
            return []
        ends: list[asyncio.Event] = []
        for event in events:
            ids: dict[str, str] = {}
            for news in self._desk.news_of(event, wanted):
                if self._is_hidden(news):
                    self.counts["hidden"] += 1
                    continue
                event_id = self._id_of(news, ids)
                for subscription in subscriptions:
                    ends += self._tell(subscription, news, event_id)
        return ends

    def send(
        self, kind: str, data: JsonObject, *, event_id: str | None, time: str | None, to: str | None
    ) -> list[asyncio.Event]:
        """Send any event to the listening subscriptions, or to one, whatever they asked for."""
        event_id = event_id or self._make_id()
        time = time or instant_text(self.hours.told(), int(self.config.time_fraction_digits))
        ends: list[asyncio.Event] = []
        for subscription in self._listening():
            if to in {None, subscription.id}:
                named = {"event_id": event_id, "subject": subscription.id, "time": time}
                ends.append(
                    self._hand_on(
                        subscription, kind, encode_event(self.config, kind, data, **named)
                    )
                )
        return ends

    def add(self, subscription: Subscription) -> None:
        """Take a new subscription in.

        Raises:
            PlatformRefusal: 409, there are too many.
        """
        self.registry.add_subscription(subscription)
        self._open(subscription)

    def force(self, subscription: Subscription) -> None:
        """Have a subscription's present spec count, some minutes from now on."""
        now = self.hours.now()
        subscription.updated_at = self.hours.told()
        subscription.put_in_force(self.hours.after(self.config.activation_delay_s), now)

    def suspend(self, subscription: Subscription, reason: str = "", *, by_user: bool) -> None:
        """Stop telling a subscription; what was on its way is lost."""
        if subscription.status is not Status.ACTIVE:
            return
        self._end(subscription, Status.SUSPENDED)
        who = "user" if by_user else "system"
        self.logbook.note_action(f"subscription_suspended_by_the_{who}", subscription)
        self.notify(SUSPENDED_BY_USER if by_user else SUSPENDED_BY_SYSTEM, subscription, reason)
        self.keep()

    def resume_subscription(self, subscription: Subscription) -> None:
        """Tell a suspended subscription again, some minutes from now on; too often, and it ends."""
        if subscription.status is not Status.SUSPENDED:
            return
        subscription.resumes += 1
        most = self.config.resumes_before_revoke
        if most is not None and subscription.resumes > most:
            self.revoke(subscription, "Resumed too frequently")
            return
        subscription.status = Status.ACTIVE
        subscription.in_force = []
        self.force(subscription)
        self.logbook.note_action("subscription_resumed", subscription)
        self.notify(RESUMED, subscription)
        self.keep()

    def revoke(self, subscription: Subscription, reason: str) -> None:
        """End a subscription for good, as when its connection is removed."""
        if subscription.status in {Status.DELETED, Status.REVOKED}:
            return
        self._end(subscription, Status.REVOKED)
        self.logbook.note_action("subscription_revoked", subscription)
        self.notify(REVOKED, subscription, reason)
        self.keep()

    def delete(self, subscription: Subscription) -> None:
        """End a subscription for good, as its owner wants; nobody is notified."""
        self._end(subscription, Status.DELETED)
        self.logbook.note_action("subscription_deleted", subscription)

    def change_settings(self, changes: Mapping[str, object]) -> None:
        """Change settings from now on; the permission taken away suspends every subscription."""
        config = replace(self.config, **changes)  # type: ignore[arg-type] # checked by the caller
        self.simulation.config = replace(self.simulation.config, platform=config)
        self.hours.advance(0)
        self._ask_permission()

    def keep(self) -> None:
        """Have the shop's file hold the subscriptions as they are."""
        written = self.registry.written(self.hours.now())
        self.simulation.platform_state = orjson.dumps(written).decode()
        self.simulation.keep()

    def report(self) -> JsonObject:
        """Subscribers, subscriptions, counters and settings, for control; no secret is in it."""
        return {
            "subscribers": [
                {**each.shown(), "client_id": each.client_id}
                for each in self.registry.subscribers.values()
            ],
            "subscriptions": [self._shown(each) for each in self.registry.subscriptions.values()],
            "counts": {**self.counts},
            "notices": {**self.notices.counts},
            "settings": {
                name: value
                for name, value in asdict(self.config).items()
                if not name.endswith("secret")
            },
        }

    def pipeline_of(self, subscription: Subscription) -> Pipeline:
        """The pipeline of a subscription that was taken in."""
        return self._pipelines[subscription.id]

    def _listening(self) -> list[Subscription]:
        now = self.hours.now()
        return [each for each in self._open_ones() if each.spec_at(now) is not None]

    def _open_ones(self) -> list[Subscription]:
        open_states = {Status.ACTIVE, Status.SUSPENDED}
        return [each for each in self.registry.subscriptions.values() if each.status in open_states]

    def _is_hidden(self, news: News) -> bool:
        if self.config.events_for_invisible_products or news.about is None:
            return False
        return self.simulation.rights.hides(news.about)

    def _tell(self, subscription: Subscription, news: News, event_id: str) -> list[asyncio.Event]:
        now, counts = self.hours.now(), self.pipeline_of(subscription).record.counts
        spec = subscription.spec_at(now)
        if news.type not in (spec or subscription.spec).events:
            return []
        if spec is None:
            is_suspended = subscription.status is Status.SUSPENDED
            counts["lost_while_suspended" if is_suspended else "lost_before_active"] += 1
            return []
        if spec.filter is not None and not spec.filter.lets_pass(news.facts):
            counts["filtered"] += 1
            return []
        if not spec.is_https:
            counts["not_played"] += 1
            return []
        body = encode_event(
            self.config,
            news.type,
            news.told(names_products=spec.names_products),
            event_id=event_id if self.config.same_id_across_subscriptions else self._make_id(),
            subject=subscription.id,
            time=self._time_of(news),
        )
        if self.config.max_body_bytes is not None and len(body) > self.config.max_body_bytes:
            counts["too_large"] += 1
            return []
        return [self._hand_on(subscription, news.type, body)]

    def _hand_on(self, subscription: Subscription, kind: str, body: bytes) -> asyncio.Event:
        fate = self._fates.draw()
        forged = None
        if fate.forge:
            rng = self._fates.draw_forgery()
            forged = forge_event(self.simulation, rng, subscription.id, self.hours.told())
        delivery = Delivery(body, kind, self.hours.now(), fate, forged)
        self.pipeline_of(subscription).put(delivery)
        return delivery.end

    def _id_of(self, news: News, ids: dict[str, str]) -> str:
        shared = news.one_id if self.config.same_id_for_delta_and_updated else ""
        if not shared:
            return self._make_id()
        return ids.setdefault(shared, self._make_id())

    def _make_id(self) -> str:
        return make_id(datetime.fromtimestamp(self.hours.told(), UTC))

    def _time_of(self, news: News) -> str:
        digits = int(self.config.time_fraction_digits)
        return instant_text(news.at + (self.hours.told() % 1 if digits else 0), digits)

    def _end(self, subscription: Subscription, status: Status) -> None:
        subscription.status = status
        subscription.updated_at = self.hours.told()
        subscription.in_force = []
        self.pipeline_of(subscription).empty()

    def notify(self, kind: str, subscription: Subscription, reason: str = "") -> None:
        """Send a notice about a subscription, to its subscriber."""
        subscriber = self.registry.subscribers[subscription.subscriber_id]
        self.notices.put(kind, subscriber, subscription, reason)

    def _open(self, subscription: Subscription) -> None:
        pipeline = Pipeline(
            subscription,
            self._around,
            fail=self.logbook.note_failure,
            suspend=lambda each, reason: self.suspend(each, reason, by_user=False),
        )
        self._pipelines[subscription.id] = pipeline
        self._fresh.put_nowait(pipeline)

    def _restore(self) -> None:
        """Take back what the shop's file has, and what the settings have ready."""
        if self.simulation.platform_state:
            self.registry.read(orjson.loads(self.simulation.platform_state))
        ready = ready_made(self.simulation.config, self.hours.told())
        if ready is not None:
            subscriber, subscription = ready
            self.registry.subscribers[subscriber.id] = subscriber
            self.registry.subscriptions[subscription.id] = subscription
        for subscription in self.registry.subscriptions.values():
            self._open(subscription)
        if ready is not None:
            self.keep()
        self._ask_permission()

    def _ask_permission(self) -> None:
        if not self.config.checkbox:
            for subscription in [*self.registry.subscriptions.values()]:
                self.suspend(subscription, "Permission was removed", by_user=False)

    def _shown(self, subscription: Subscription) -> JsonObject:
        is_told = subscription.spec_at(self.hours.now()) is not None
        return {
            **subscription.shown(),
            "is_told": is_told,
            "resumes": subscription.resumes,
            **self.pipeline_of(subscription).report(),
        }
