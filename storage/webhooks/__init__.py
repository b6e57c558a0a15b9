"""Webhooks: shops that are sent the feed's changes, each at its own position.

Outside, a person's verbs and a sender's steps are called; who sends holds the webhook's lease, and
each of its steps is refused when another has it, or a person moved the position meanwhile.
"""

from storage.webhooks.alarms import FAILS_ALARM, OFF_ALARM
from storage.webhooks.keeping import (
    add_webhook,
    pause_webhook,
    remove_webhook,
    replay_webhook,
    resume_webhook,
    rotate_secret,
)
from storage.webhooks.listing import Webhook, WebhookState, find_webhook, list_webhooks
from storage.webhooks.sending import (
    claim_webhook,
    confirm_batch,
    list_due_webhooks,
    note_batch,
    put_off_webhook,
    release_webhook,
    switch_off_webhook,
)

__all__ = [
    "FAILS_ALARM",
    "OFF_ALARM",
    "Webhook",
    "WebhookState",
    "add_webhook",
    "claim_webhook",
    "confirm_batch",
    "find_webhook",
    "list_due_webhooks",
    "list_webhooks",
    "note_batch",
    "pause_webhook",
    "put_off_webhook",
    "release_webhook",
    "remove_webhook",
    "replay_webhook",
    "resume_webhook",
    "rotate_secret",
    "switch_off_webhook",
]
