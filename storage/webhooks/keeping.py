"""Verbs of a person: a webhook is added, removed, paused, resumed, and has its position set.

Each answers False, or None, where there is no webhook of that name.
"""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update

from storage.database import Transaction, changed_rows
from storage.products import require_position
from storage.webhooks.alarms import LOCK, judge_webhooks
from storage.webhooks.listing import WEBHOOK, WebhookState, find_webhook

_PREFIX = "whsec_"  # of Standard Webhooks, and so that scanners of repositories know one
_BYTES = 32
_WELL: dict[str, Any] = {
    "problem": None,
    "failures": 0,
    "failing_since": None,
    "not_before": None,
}


def add_webhook(
    tx: Transaction,
    *,
    name: str,
    url: str,
    position: int,
    documents: bool,
    most: int,
    now: datetime,
) -> str | None:
    """Add a webhook that is sent what follows `position`, and answer its secret, this once.

    None: there is one of that name.

    Raises:
        FeedLost: not all changes after that position are there.
    """
    require_position(tx, position)
    secret = _make_secret()
    row = {
        "name": name,
        "url": url,
        "secret": secret,
        "documents": documents,
        "most": most,
        "position": position,
        "replays": 0,
        "state": WebhookState.ACTIVE,
        "since": now,
        "failures": 0,
        "made_at": now,
    }
    added = tx.insert_into(WEBHOOK).values(row).on_conflict_do_nothing()
    is_added = tx.execute(added.returning(WEBHOOK.c.name)).first() is not None
    return secret if is_added else None


def remove_webhook(tx: Transaction, name: str, *, now: datetime) -> bool:
    """Remove a webhook, with its secret and its position."""
    tx.queue_for(LOCK)
    removed = changed_rows(tx.execute(delete(WEBHOOK).where(WEBHOOK.c.name == name))) == 1
    judge_webhooks(tx, now=now)
    return removed


def pause_webhook(tx: Transaction, name: str, *, now: datetime) -> bool:
    """Have nothing sent until it is resumed; it keeps its position."""
    return _change(tx, name, {"state": WebhookState.PAUSED, "since": now, **_WELL}, now)


def resume_webhook(tx: Transaction, name: str, *, now: datetime) -> bool:
    """Have what follows its position sent, at once, whatever failed before.

    Raises:
        FeedLost: not all changes after its position are there any more.
    """
    webhook = find_webhook(tx, name)
    if webhook is None:
        return False
    require_position(tx, webhook.position)
    since = webhook.since if webhook.state is WebhookState.ACTIVE else now
    return _change(tx, name, {"state": WebhookState.ACTIVE, "since": since, **_WELL}, now)


def replay_webhook(tx: Transaction, name: str, *, position: int, now: datetime) -> bool:
    """Have what follows `position` sent, under new ids, and resume it if it was off or paused.

    A request that is under way confirms nothing any more.

    Raises:
        FeedLost: not all changes after that position are there.
    """
    require_position(tx, position)
    moved = {"position": position, "replays": WEBHOOK.c.replays + 1, "batch_end": None}
    freed = {"state": WebhookState.ACTIVE, "since": now, "holder": None, "lease_until": None}
    return _change(tx, name, {**moved, **freed, **_WELL}, now)


def rotate_secret(tx: Transaction, name: str, *, now: datetime, overlap: timedelta) -> str | None:
    """Make a new secret and answer it, this once; the former one signs beside it for a while."""
    secret = _make_secret()
    kept = {"old_secret": WEBHOOK.c.secret, "old_secret_until": now + overlap}
    return secret if _change(tx, name, {"secret": secret, **kept}, now) else None


def _change(tx: Transaction, name: str, values: dict[str, Any], now: datetime) -> bool:
    tx.queue_for(LOCK)
    changed = tx.execute(update(WEBHOOK).where(WEBHOOK.c.name == name).values(**values))
    judge_webhooks(tx, now=now)
    return changed_rows(changed) == 1


def _make_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
