"""Notices of the Event Platform: a subscription's status has changed."""

import asyncio
from collections import Counter
from collections.abc import Callable
from http import HTTPStatus

from pim.json_types import JsonObject, as_list, as_text
from simulator.config import EventPlatformConfig
from simulator.news import encode_json, instant_text, signature_headers
from simulator.platform.hours import Hours
from simulator.platform.registry import Subscriber, Subscription
from simulator.platform.sender import Outcome, Sender

SUSPENDED_BY_SYSTEM = "subscription.suspended.system"
SUSPENDED_BY_USER = "subscription.suspended.user"
REVOKED = "subscription.revoked"
RESUMED = "subscription.resumed"
_USER_AGENT = "akeneo/event-platform"
_TIMEOUT_SECONDS = 5.0
_PAUSES = (1.0, 2.0, None)


class NoticeDesk:
    """Sends notices one after another; `run` is what empties it.

    `counts`: what became of them; an e-mail is counted, and goes nowhere.
    """

    def __init__(
        self, config: Callable[[], EventPlatformConfig], hours: Hours, sender: Sender
    ) -> None:
        self._config = config
        self._hours = hours
        self._sender = sender
        self._queue: asyncio.Queue[tuple[Subscriber, bytes]] = asyncio.Queue()
        self.counts: Counter[str] = Counter()

    def put(
        self, kind: str, subscriber: Subscriber, subscription: Subscription, reason: str = ""
    ) -> None:
        """Queue a notice for a subscriber who wants such, and count the e-mail of one who does."""
        channels = as_list(subscriber.contact.get("notification_channels"))
        self.counts["emails"] += "email" in channels
        if "webhook" not in channels:
            return
        if self._config().lose_notices:
            self.counts["lost"] += 1
            return
        body: JsonObject = {
            "notification_type": kind,
            "timestamp": instant_text(self._hours.told(), 0),
            "subscription_id": subscription.id,
            "subscriber_id": subscriber.id,
            "destination": subscription.spec.url,
            "events": subscription.spec.body["events"],
        }
        if reason:
            body["reason"] = reason
        body["subject"] = subscriber.subject
        self._queue.put_nowait((subscriber, encode_json(body)))

    async def run(self) -> None:
        """Send until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                group.create_task(self._send(*await self._queue.get()))

    async def _send(self, subscriber: Subscriber, body: bytes) -> None:
        """At most three attempts, and none after an answer that another would not change."""
        contact = subscriber.contact
        url = as_text(contact.get("notification_webhook_url")) or ""
        secret = as_text(contact.get("notification_webhook_secret")) or ""
        headers = {
            "Content-Type": "application/json",
            "User-Agent": _USER_AGENT,
            **signature_headers(body, secret),
        }
        for pause in _PAUSES:
            outcome = await self._sender.post(url, body, headers, _TIMEOUT_SECONDS)
            self.counts["attempts"] += 1
            if _is_received(outcome):
                self.counts["received"] += 1
                return
            if pause is None or not _is_worth_another(outcome):
                break
            await self._hours.sleep(pause)
        self.counts["failed"] += 1
        if "email" not in as_list(contact.get("notification_channels")):
            self.counts["emails"] += 1


def _is_received(outcome: Outcome) -> bool:
    return outcome.status is not None and 200 <= outcome.status < 300  # noqa: PLR2004 - 2xx


def _is_worth_another(outcome: Outcome) -> bool:
    status = outcome.status
    return outcome.is_throttle or (
        status is not None and status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )
