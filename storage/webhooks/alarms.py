"""Alarms of the webhooks: one for those that are off, one for those that fail for a while."""

from datetime import datetime, timedelta

from storage.database import Transaction
from storage.state import clear_alarm, raise_alarm
from storage.webhooks.listing import Webhook, WebhookState, list_webhooks

OFF_ALARM = "webhook-off"
FAILS_ALARM = "webhook-fails"
TOLD_AFTER = timedelta(minutes=30)
"""So long a webhook may fail before a person is told: four tries."""

LOCK = "webhooks"
_LONGEST = 1000


def judge_webhooks(tx: Transaction, *, now: datetime) -> None:
    """Raise, renew or clear both alarms. Called under `LOCK`, after what is judged was written."""
    webhooks = list_webhooks(tx)
    off = [_describe(each) for each in webhooks if each.state is WebhookState.OFF]
    failing = [_describe(each) for each in webhooks if _fails_long(each, now)]
    _tell(tx, OFF_ALARM, "no changes are sent any more to", off, now)
    _tell(tx, FAILS_ALARM, "changes cannot be sent to", failing, now)


def _fails_long(webhook: Webhook, now: datetime) -> bool:
    since = webhook.failing_since
    is_active = webhook.state is WebhookState.ACTIVE
    return is_active and since is not None and now - since >= TOLD_AFTER


def _describe(webhook: Webhook) -> str:
    since = webhook.failing_since or webhook.since
    return f"{webhook.name} (since {since:%Y-%m-%d %H:%M} UTC: {webhook.problem})"


def _tell(tx: Transaction, name: str, words: str, told: list[str], now: datetime) -> None:
    if told:
        raise_alarm(tx, name=name, text=f"{words} {', '.join(told)}"[:_LONGEST], now=now)
    else:
        clear_alarm(tx, name=name)
