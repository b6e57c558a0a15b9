"""Wanted subscriber and subscription: what is sent to the management API, all of it our own.

A secret that was read is none (the API redacts it), so what is sent is never made of an answer's.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from pydantic import SecretStr

from pim.event_platform import DELIVERIES_PATH, EVENT_TYPES, PREFIX
from pim.event_platform_api.answers import HTTPS
from pim.event_platform_api.errors import UnfitSetting
from pim.json_types import JsonObject

NOTIFICATIONS_PATH = f"{DELIVERIES_PATH}/notifications"
EVENTS_API_PATH = "/webhooks/events-api"

_LIFE = ("app.deleted", "connection.deleted")  # nothing is read for them; they are alarms
_TWICE = ("asset.updated.delta",)  # `asset.updated` tells the same

USEFUL_EVENTS = tuple(
    f"{PREFIX}{name}"
    for name, kind in EVENT_TYPES.items()
    if (kind.unread is None or name in _LIFE) and name not in _TWICE
)
"""Every event type that is of use to the mirror; jobs and workflows are not."""

SHORTEST_SECRET = 16
LONGEST_SECRET = 256
MOST_SECRETS = 2

_NOT_PUBLIC = (".local", ".localhost", ".internal", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True)
class WantedSubscriber:
    """A subscriber as it is to be; without a notification URL it is told by e-mail only."""

    name: str
    technical_email: str
    notification_url: str | None = None
    notification_secret: SecretStr | None = field(default=None, repr=False)

    def payload(self) -> JsonObject:
        """Return the body to send; it holds the secret."""
        contact: JsonObject = {
            "technical_email": self.technical_email,
            "notification_channels": ["email"],
        }
        if self.notification_url is not None and self.notification_secret is not None:
            contact["notification_channels"] = ["email", "webhook"]
            contact["notification_webhook_url"] = self.notification_url
            contact["notification_webhook_secret"] = self.notification_secret.get_secret_value()
        return {"name": self.name, "contact": contact}


@dataclass(frozen=True, slots=True)
class WantedSubscription:
    """An https subscription as it is to be; the first secret is the primary one."""

    subject: str
    url: str
    events: tuple[str, ...]
    secrets: tuple[SecretStr, ...] = field(repr=False)
    filter: str = ""
    sends_identifier: bool = False

    def payload(self) -> JsonObject:
        """Return the body to send; it holds the secrets."""
        texts = [secret.get_secret_value() for secret in self.secrets]
        secret: JsonObject = dict(zip(("primary", "secondary"), texts, strict=False))
        body: JsonObject = {
            "source": "pim",
            "subject": self.subject,
            "type": HTTPS,
            "events": [*self.events],
            "send_product_identifier": self.sends_identifier,
            "config": {"url": self.url, "secret": secret},
        }
        if self.filter:
            body["filter"] = self.filter
        return body


def choose_events(patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the event types that the patterns (`product.*`, without the prefix) mean.

    A full name (`com.akeneo.pim.v1.…`) is taken as it is, whether or not it is of use.

    Raises:
        ValueError: a pattern means none of `USEFUL_EVENTS`.
    """
    chosen: dict[str, None] = {}
    for pattern in patterns:
        whole = pattern if pattern.startswith(PREFIX) else f"{PREFIX}{pattern}"
        found = [event for event in USEFUL_EVENTS if fnmatchcase(event, whole)]
        if not found and pattern.startswith(PREFIX) and "*" not in pattern:
            found = [pattern]
        if not found:
            raise ValueError(f"{pattern!r} means no event type; `product.*` means all of products")
        chosen |= dict.fromkeys(found)
    return tuple(chosen)


def find_secret_problem(secrets: Sequence[SecretStr]) -> str | None:
    """Say what is wrong with the secrets of a subscription; None where they can be sent."""
    if not secrets:
        return "no secret is set"
    if len(secrets) > MOST_SECRETS:
        return f"{len(secrets)} secrets are set, and a subscription has {MOST_SECRETS}"
    short = [secret for secret in secrets if not _is_fit(secret)]
    if short:
        return f"a secret has not {SHORTEST_SECRET} to {LONGEST_SECRET} characters"
    return None


def check_secrets(secrets: Sequence[SecretStr], *, setting: str) -> None:
    """Return if the platform takes the secrets.

    Raises:
        UnfitSetting: there are none, too many, or one of an unfit length.
    """
    problem = find_secret_problem(secrets)
    if problem is not None:
        cure = (
            f"set {setting} to one of 16 to 256 characters, or to two, separated by a comma, while"
            " they are rotated (`openssl rand -hex 32` makes one)"
        )
        raise UnfitSetting(f"{setting}: {problem}", cure=cure)


def build_destination(public_url: str | None, *, api_url: str) -> str:
    """Return the URL that the platform is to deliver to.

    Where the management API itself is plain http (a simulated platform), any URL is fit.

    Raises:
        UnfitSetting: there is no public URL, it is not https, or nobody outside can reach it.
    """
    if public_url is None:
        cure = "set it to the address under which Akeneo reaches the receiver, https://…"
        raise UnfitSetting("SYNC_PUBLIC_URL is not set", cure=cure)
    problem = find_url_problem(public_url)
    if problem is not None and not api_url.startswith("http://"):
        cure = "set SYNC_PUBLIC_URL to a public https address of the receiver"
        raise UnfitSetting(f"SYNC_PUBLIC_URL is {public_url}, which {problem}", cure=cure)
    return f"{public_url}{DELIVERIES_PATH}"


def find_url_problem(url: str) -> str | None:
    """Say why the platform would not deliver to a URL, as far as its text tells."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return "is not https, and the Event Platform delivers by https only"
    if _is_private(host):
        return "is a private address, which the Event Platform does not reach"
    return None


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_NOT_PUBLIC)


def _is_fit(secret: SecretStr) -> bool:
    return SHORTEST_SECRET <= len(secret.get_secret_value()) <= LONGEST_SECRET
