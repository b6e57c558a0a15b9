"""A webhook as it is stored, and the list of them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row, select

from storage.database import Transaction
from storage.tables import WebhookRow, table_of

WEBHOOK = table_of(WebhookRow)


class WebhookState(StrEnum):
    """Whether anything is sent: yes; no, a person wants none; no, we have given up."""

    ACTIVE = "active"
    PAUSED = "paused"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One shop's webhook; `repr` shows neither its secrets nor its URL, which may hold a token.

    All changes up to `position` are confirmed. `batch_end`: the last one of a request that was not
    confirmed: the same ones are sent again. `most`: changes a request. `replays`: how often a
    person has set the position. `problem`: why it fails, since `failing_since` and for so many
    `failures` in a row, or is off.
    """

    name: str
    url: str = field(repr=False)
    secret: str = field(repr=False)
    old_secret: str | None = field(repr=False)
    old_secret_until: datetime | None
    documents: bool
    most: int
    position: int
    batch_end: int | None
    replays: int
    state: WebhookState
    since: datetime
    problem: str | None
    failures: int
    failing_since: datetime | None
    not_before: datetime | None
    confirmed_at: datetime | None
    made_at: datetime

    def secrets_at(self, now: datetime) -> tuple[str, ...]:
        """The secrets that sign a request, the newest first; two while one is exchanged."""
        until = self.old_secret_until
        is_kept = self.old_secret is not None and until is not None and now < until
        return (self.secret, self.old_secret) if is_kept and self.old_secret else (self.secret,)

    def hidden_parts(self, now: datetime) -> tuple[str, ...]:
        """What no log may show: the secrets, and the URL's query, which may hold a token."""
        return (*self.secrets_at(now), urlsplit(self.url).query)


def find_webhook(tx: Transaction, name: str) -> Webhook | None:
    """Find one by its name."""
    row = tx.execute(select(WEBHOOK).where(WEBHOOK.c.name == name)).one_or_none()
    return None if row is None else webhook_of(row)


def list_webhooks(tx: Transaction) -> list[Webhook]:
    """List all of them by name."""
    return [webhook_of(row) for row in tx.execute(select(WEBHOOK).order_by(WEBHOOK.c.name))]


def webhook_of(row: Row[Any]) -> Webhook:
    """Give the webhook that a row stores."""
    stored = row._asdict()
    values = {name: stored[name] for name in Webhook.__slots__}
    return Webhook(**values | {"state": WebhookState(row.state)})
