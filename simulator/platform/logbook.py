"""Logs of the Event Platform: what went wrong, and what was done to subscriptions."""

from collections import deque
from datetime import UTC, datetime

from pim.json_types import JsonObject
from simulator.news import instant_text, make_id
from simulator.platform.hours import Hours
from simulator.platform.registry import Subscription
from simulator.platform.sender import Outcome

_KEPT = 5000
_KEPT_SECONDS = 30 * 24 * 3600.0
_MERGED_SECONDS = 300.0
_TRANSPORT_CODE = 500
_DOCS = "https://api.akeneo.com/event-platform/logs.html"


class Logbook:
    """Entries in the order of their time; like errors within five minutes are one."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._entries: deque[tuple[float, str, JsonObject]] = deque(maxlen=_KEPT)
        self._merged: dict[tuple[str, str], tuple[float, JsonObject]] = {}

    def note_failure(self, subscription: Subscription, outcome: Outcome) -> None:
        """An event was not delivered."""
        now, key = self._hours.now(), (subscription.id, outcome.message)
        since, known = self._merged.get(key, (0.0, None))
        if known is not None and now - since < self._hours.scaled(_MERGED_SECONDS):
            known["timestamp"] = self._timestamp()
            return
        reason = outcome.reason or "destination_failure"
        entry = self._entry("error", "failed_to_deliver_event", subscription)
        entry.update(
            error_type="failed_delivery",
            error_reason=reason,
            error_code=outcome.status or _TRANSPORT_CODE,
            error_message=outcome.message,
            documentation_url=f"{_DOCS}#{reason}",
            request={},
            response={},
        )
        self._merged[key] = (now, entry)
        self._entries.append((now, subscription.id, entry))

    def note_refusal(self, client_id: str, operation: str, code: int, message: str) -> None:
        """A client's subscription was refused: it has no id."""
        entry = self._entry("error", operation, None)
        entry.update(error_type="validation_error", error_code=code, error_message=message)
        self._entries.append((self._hours.now(), client_id, entry))

    def note_action(
        self, operation: str, subscription: Subscription, request: JsonObject | None = None
    ) -> None:
        """Something was done to a subscription."""
        entry = self._entry("action", operation, subscription)
        entry.update(request=request or {}, response=subscription.shown())
        self._entries.append((self._hours.now(), subscription.id, entry))

    def list_entries(
        self,
        visible: frozenset[str],
        *,
        log_type: str | None,
        newest_first: bool,
        limit: int,
        subscription_id: str | None,
    ) -> list[JsonObject]:
        """The entries about these subscriptions and clients, of thirty days."""
        oldest = self._hours.now() - _KEPT_SECONDS
        found = [
            entry
            for instant, about, entry in self._entries
            if instant >= oldest
            and about in visible
            and log_type in {None, entry["log_type"]}
            and subscription_id in {None, about}
        ]
        if newest_first:
            found.reverse()
        return found[:limit]

    def _entry(self, kind: str, operation: str, subscription: Subscription | None) -> JsonObject:
        return {
            "log_id": make_id(datetime.fromtimestamp(self._hours.told(), UTC)),
            "log_type": kind,
            "timestamp": self._timestamp(),
            "operation": operation,
            "subscriber_id": "" if subscription is None else subscription.subscriber_id,
            "subscription_id": "" if subscription is None else subscription.id,
        }

    def _timestamp(self) -> str:
        return instant_text(self._hours.told(), 0)
