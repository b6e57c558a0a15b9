"""Notices of the Event Platform: a subscription was suspended, revoked or resumed.

They come by their own webhook, with a secret of their own, and three times at most: a host that is
down misses them. Whoever needs to know for sure asks the management API as well.
"""

from dataclasses import dataclass
from datetime import datetime

from pim.errors import BatchRejected
from pim.events import load_body
from pim.json_types import JsonObject, JsonValue
from pim.texts import is_usable_key, parse_instant, storable
from pim.vocabulary import SubscriptionStatus

_LONGEST = 500


_TOLD = {
    "subscription.suspended.system": SubscriptionStatus.SUSPENDED,
    "subscription.suspended.user": SubscriptionStatus.SUSPENDED,
    "subscription.revoked": SubscriptionStatus.REVOKED,
    "subscription.resumed": SubscriptionStatus.ACTIVE,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice; `status` is None for a type that is not known.

    It has no id: subscription, type and `at` (aware UTC) together are what repeats are told by.
    """

    kind: str
    at: datetime
    subscription_id: str
    status: SubscriptionStatus | None
    destination: str | None
    reason: str | None


def parse_notice(body: bytes) -> Notice:
    """Read the body of a notice.

    Raises:
        BatchRejected: not JSON, or without its type, its time or its subscription.
    """
    sent = load_body(body)
    if not isinstance(sent, dict):
        raise BatchRejected("a notice is one JSON object")
    at = parse_instant(sent.get("timestamp"))
    if at is None:
        raise BatchRejected("a notice needs a readable `timestamp`")
    kind = _required(sent, "notification_type")
    return Notice(
        kind=kind,
        at=at,
        subscription_id=_required(sent, "subscription_id"),
        status=_TOLD.get(kind),
        destination=_text(sent.get("destination")),
        reason=_text(sent.get("reason")),
    )


def _required(sent: JsonObject, name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str) or not is_usable_key(value):
        raise BatchRejected(f"a notice needs a `{name}`")
    return value


def _text(value: JsonValue) -> str | None:
    return storable(value[:_LONGEST]) if isinstance(value, str) else None
