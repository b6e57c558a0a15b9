"""Bodies of subscribers and subscriptions: what is refused, and what is shown of them."""

import re
from collections.abc import Iterator
from functools import cached_property
from urllib.parse import urlsplit

from pim.json_types import JsonObject, JsonValue, as_list, as_object, as_text, texts
from simulator.config import EventPlatformConfig
from simulator.news import EVENT_TYPES, Filter, FilterError, parse_filter
from simulator.platform.refusals import invalid

REDACTED = "***redacted***"
_SECRET = range(16, 257)
_CHANNELS = ("email", "webhook")
_TYPES = ("https", "pubsub", "kafka")
_NEEDED = {"pubsub": ("project_id", "topic_id"), "kafka": ("broker", "topic")}
_MOST_HEADERS = 5
_HEADER = re.compile(r"[A-Za-z0-9-]{1,128}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{0,256}")
_RESERVED = frozenset(
    {"content-type", "user-agent", "x-correlation-id", "host", "authorization", "cookie"}
)
_RESERVED_PREFIX = "x-akeneo-signature-"


class Spec:
    """What a subscription's owner asked for: the body that was taken, and what is read off it."""

    def __init__(self, body: JsonObject) -> None:
        self.body = body

    @cached_property
    def events(self) -> frozenset[str]:
        """The types that it wants."""
        return frozenset(texts(self.body["events"]))

    @cached_property
    def filter(self) -> Filter | None:
        """What narrows them down."""
        text = as_text(self.body.get("filter"))
        return parse_filter(text) if text else None

    @property
    def is_https(self) -> bool:
        """Whether it is delivered to by HTTP."""
        return self.body["type"] == "https"

    @property
    def names_products(self) -> bool:
        """Whether product events name the identifier too."""
        options = as_object(self.body.get("options"))
        return True in {
            self.body.get("send_product_identifier"),
            options.get("send_product_identifier"),
        }

    @property
    def url(self) -> str:
        """Where it is delivered to; empty unless by HTTP."""
        return as_text(self._config.get("url")) or ""

    @property
    def primary(self) -> str:
        """The secret that signs."""
        return as_text(as_object(self._config.get("secret")).get("primary")) or ""

    @property
    def secondary(self) -> str | None:
        """The secret that signs too, if there are two."""
        return as_text(as_object(self._config.get("secret")).get("secondary")) or None

    @property
    def headers(self) -> dict[str, str]:
        """What is sent along."""
        given = as_object(self._config.get("headers"))
        return {name: value for name, value in given.items() if isinstance(value, str)}

    @property
    def _config(self) -> JsonObject:
        return as_object(self.body.get("config"))

    def shown(self, *, secrets: bool = False) -> JsonObject:
        """The body as it is told, its secrets redacted unless they may be told."""
        if secrets:
            return self.body
        config = dict(self._config)
        for name in ("secret", "headers", "sasl_auth", "tls"):
            if name in config:
                config[name] = redact(config[name])
        return {**self.body, "config": config}


def redact(value: JsonValue) -> JsonValue:
    """The value with every text in it hidden."""
    if isinstance(value, dict):
        return {name: redact(each) for name, each in value.items()}
    return REDACTED if isinstance(value, str) and value else value


def merge_body(known: JsonObject, changes: JsonObject) -> JsonObject:
    """A body after a PATCH: objects are merged, everything else is replaced; null takes away."""
    merged = dict(known)
    for name, value in changes.items():
        former = merged.get(name)
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(former, dict):
            merged[name] = merge_body(former, value)
        else:
            merged[name] = value
    return merged


def check_subscriber(body: JsonObject) -> JsonObject:
    """The subscriber that a body asks for.

    Raises:
        PlatformRefusal: 400, what is wrong with it.
    """
    contact = dict(as_object(body.get("contact")))
    contact["notification_channels"] = as_list(contact.get("notification_channels")) or ["email"]
    problems = [*_subscriber_problems(body, contact)]
    if problems:
        raise invalid(*problems)
    return {"name": body["name"], "contact": contact}


def check_subscription(body: JsonObject, config: EventPlatformConfig) -> Spec:
    """The subscription that a body asks for.

    Raises:
        PlatformRefusal: 400, what is wrong with it.
    """
    problems = [
        *_common_problems(body),
        *_destination_problems(body, config),
        *_filter_problems(body.get("filter")),
    ]
    if problems:
        raise invalid(*problems)
    kept = ("source", "subject", "type", "events", "filter", "config", "options")
    taken: JsonObject = {name: body[name] for name in kept if name in body}
    taken["send_product_identifier"] = body.get("send_product_identifier", False)
    return Spec(taken)


def _subscriber_problems(body: JsonObject, contact: JsonObject) -> Iterator[str]:
    if not as_text(body.get("name")):
        yield "name is required"
    if "@" not in (as_text(contact.get("technical_email")) or ""):
        yield "contact.technical_email must be an e-mail address"
    channels = as_list(contact["notification_channels"])
    if any(each not in _CHANNELS for each in channels):
        yield "contact.notification_channels must be of email, webhook"
    if "webhook" in channels:
        if not _is_url(contact.get("notification_webhook_url")):
            yield "contact.notification_webhook_url must be a URL"
        yield from _secret_problems(
            "contact.notification_webhook_secret", contact.get("notification_webhook_secret")
        )


def _common_problems(body: JsonObject) -> Iterator[str]:
    if body.get("source") != "pim":
        yield "source must be pim"
    if not _is_url(body.get("subject")):
        yield "subject must be the URL of the PIM"
    if body.get("type") not in _TYPES:
        yield f"type must be one of {', '.join(_TYPES)}"
    events = as_list(body.get("events"))
    if not events:
        yield "events must not be empty"
    for event in events:
        if event not in EVENT_TYPES:
            yield f"events: unknown event type {event}"
    if not isinstance(body.get("send_product_identifier", False), bool):
        yield "send_product_identifier must be a boolean"


def _destination_problems(body: JsonObject, settings: EventPlatformConfig) -> Iterator[str]:
    config = as_object(body.get("config"))
    kind = as_text(body.get("type")) or ""
    for name in _NEEDED.get(kind, ()):
        if not as_text(config.get(name)):
            yield f"config.{name} is required"
    if kind != "https":
        return
    if not _is_url(config.get("url"), https_only=settings.https_only):
        yield f"config.url must be {'an https' if settings.https_only else 'a'} URL"
    secret = as_object(config.get("secret"))
    yield from _secret_problems("config.secret.primary", secret.get("primary"))
    if secret.get("secondary"):
        yield from _secret_problems("config.secret.secondary", secret["secondary"])
    yield from _header_problems(as_object(config.get("headers")))


def _secret_problems(name: str, value: JsonValue) -> Iterator[str]:
    if not isinstance(value, str) or len(value) not in _SECRET:
        yield f"{name} must have between {_SECRET.start} and {_SECRET.stop - 1} characters"


def _header_problems(headers: JsonObject) -> Iterator[str]:
    if len(headers) > _MOST_HEADERS:
        yield f"config.headers must not hold more than {_MOST_HEADERS} headers"
    for name, value in headers.items():
        folded = name.lower()
        if not _HEADER.fullmatch(name):
            yield f"config.headers: {name} is no name of a header"
        if folded in _RESERVED or folded.startswith(_RESERVED_PREFIX):
            yield f"config.headers: {name} is reserved"
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            yield f"config.headers: the value of {name} must be printable ASCII, 256 at most"


def _filter_problems(value: JsonValue) -> Iterator[str]:
    if value is None or value == "":
        return
    if not isinstance(value, str):
        yield "filter must be a text"
        return
    try:
        parse_filter(value)
    except FilterError as error:
        yield str(error)


def _is_url(value: JsonValue, *, https_only: bool = False) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    schemes = {"https"} if https_only else {"https", "http"}
    return parts.scheme in schemes and bool(parts.hostname)
