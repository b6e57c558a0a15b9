"""Answers of the management API, read tolerantly: unknown members are ignored, lists may be null.

None of them holds a secret: of secrets and headers it is kept only that they are there.
"""

from dataclasses import dataclass
from datetime import datetime

from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text
from pim.texts import parse_instant, storable
from pim.vocabulary import SubscriptionStatus

HTTPS = "https"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who receives, and how it is told of a suspension."""

    id: str
    name: str
    status: str
    technical_email: str
    channels: tuple[str, ...]
    notification_url: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is delivered where. `status`: active, suspended, revoked or deleted.

    `url` is empty for another destination than https. `header_names`: headers of somebody's own;
    their values are never told. `secrets` is how many secrets it has, which are never kept here.
    """

    id: str
    subscriber_id: str
    status: str
    type: str
    events: tuple[str, ...]
    url: str
    filter: str
    sends_identifier: bool
    header_names: tuple[str, ...]
    secrets: int
    created_at: datetime | None
    updated_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Whether events are delivered."""
        return self.status == SubscriptionStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the platform's log; `reason` is its short word for an error."""

    at: datetime | None
    kind: str
    operation: str
    subscription_id: str
    reason: str
    message: str


def read_subscriber(value: JsonValue) -> Subscriber:
    """Read a subscriber."""
    body = as_object(value)
    contact = as_object(body.get("contact"))
    return Subscriber(
        id=_text(body, "id"),
        name=_text(body, "name"),
        status=_text(body, "status") or SubscriptionStatus.ACTIVE,
        technical_email=_text(contact, "technical_email"),
        channels=_texts(contact.get("notification_channels")),
        notification_url=_text(contact, "notification_webhook_url"),
        created_at=_instant(body, "created_at", "createdAt"),
    )


def read_subscription(value: JsonValue) -> Subscription:
    """Read a subscription."""
    body = as_object(value)
    config, options = as_object(body.get("config")), as_object(body.get("options"))
    secret = as_object(config.get("secret"))
    flags = (
        body.get("send_product_identifier"),
        options.get("send_product_identifier"),
        options.get("send_product_identifier_in_changes"),
    )
    return Subscription(
        id=_text(body, "id"),
        subscriber_id=_text(body, "subscriber_id"),
        status=_text(body, "status"),
        type=_text(body, "type"),
        events=_texts(body.get("events")),
        url=_text(config, "url"),
        filter=_text(body, "filter"),
        sends_identifier=any(flag is True for flag in flags),
        header_names=tuple(sorted(storable(name) for name in as_object(config.get("headers")))),
        secrets=sum(bool(as_text(secret.get(name))) for name in ("primary", "secondary")),
        created_at=_instant(body, "created_at", "createdAt"),
        updated_at=_instant(body, "updated_at", "updatedAt"),
    )


def read_log_entry(value: JsonValue) -> LogEntry:
    """Read a line of the log; what was sent and answered is left out, for it may hold anything."""
    body = as_object(value)
    return LogEntry(
        at=_instant(body, "timestamp", "created_at"),
        kind=_text(body, "log_type"),
        operation=_text(body, "operation"),
        subscription_id=_text(body, "subscription_id"),
        reason=_text(body, "error_reason") or _text(body, "error_type"),
        message=_text(body, "error_message"),
    )


def read_items(value: JsonValue) -> list[JsonValue]:
    """The list that an answer means: bare, within `items`, or null for an empty one."""
    if isinstance(value, dict):
        return as_list(value.get("items"))
    return as_list(value)


def read_problems(value: JsonValue) -> str:
    """What an error's body says, its messages joined; empty where it is not the platform's."""
    said = [_text(as_object(each), "message") for each in as_list(as_object(value).get("errors"))]
    return "; ".join(text for text in said if text)


def _text(body: JsonObject, name: str) -> str:
    return storable(as_text(body.get(name)) or "")


def _texts(value: JsonValue) -> tuple[str, ...]:
    return tuple(storable(text) for each in as_list(value) if (text := as_text(each)))


def _instant(body: JsonObject, *names: str) -> datetime | None:
    found = (parse_instant(body.get(name)) for name in names)
    return next((instant for instant in found if instant is not None), None)
