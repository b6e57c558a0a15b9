"""Status for programs. Keys are only ever added, never renamed or removed."""

from datetime import datetime

from cli.cures import find_refusal_cure
from cli.output import iso
from cli.views.dialects import dialects_object
from cli.views.status import list_attention
from pim.json_types import JsonObject
from storage.inbox import Refusals
from storage.state import Gap, StoredSubscription, SweepView
from storage.views import Status
from storage.webhooks import Webhook


def status_object(status: Status, *, now: datetime) -> JsonObject:
    """Return the overview as JSON; instants are ISO 8601, spans seconds.

    `inbox.due` counts everything received and not settled, `inbox.waiting` those of them whose
    next try is later; held ones are in `inbox.held` only. `drain.open`: a drain is at work now.
    """
    return {
        "inbox": {
            "due": status.inbox.due + status.inbox.put_off,
            "waiting": status.inbox.put_off,
            "dead": status.inbox.dead,
            "held": status.inbox.held,
            "oldest_due_seconds": status.inbox.oldest_due_seconds,
            "last_received_at": iso(status.inbox.last_received_at),
        },
        "products": {
            "live": status.products.live,
            "tombstones": status.products.tombstones,
            "held_deletions": status.products.held_deletions,
            "renderings_due": status.products.marks_open,
        },
        "drain": _drain_object(status),
        "source": _source_object(status),
        "refusals": [_refusals_object(refusals) for refusals in status.refusals],
        "outcomes": dict(status.outcomes),
        "dialects": dialects_object(status, now=now),
        "store": {"writable": status.unwritable is None, "problem": status.unwritable},
        "first_sweep": _first_sweep_object(status),
        "sweeps": [_sweep_object(sweep) for sweep in status.sweeps],
        "subscriptions": [_subscription_object(each) for each in status.subscriptions],
        "gap": _gap_object(status.gap),
        "webhooks": [_webhook_object(each) for each in status.webhooks],
        "alarms": [
            {"name": item.name, "text": item.text, "since": iso(item.since), "advice": item.advice}
            for item in list_attention(status)
        ],
    }


def _drain_object(status: Status) -> JsonObject:
    door = status.door
    return {
        "open": door.alive,
        "since": iso(door.opened_at) if door.alive else None,
        "lapsed": door.open and not door.alive,
        "run_id": door.run_id,
        "run_name": door.run_name,
        "last_closed_at": iso(door.closed_at),
    }


def _source_object(status: Status) -> JsonObject:
    breaker = status.breaker
    return {
        "failing_since": iso(breaker.failing_since),
        "failures": breaker.failures,
        "next_try_at": iso(breaker.next_try_at),
        "reason": breaker.reason if breaker.failing_since else None,
        "version": status.facts.get("version"),
        "edition": status.facts.get("edition"),
        "identity": status.facts.get("identity"),
    }


def _first_sweep_object(status: Status) -> JsonObject | None:
    """Return how far the first full sweep is; None once one was whole."""
    first = status.upkeep.first_sweep if status.upkeep else None
    if first is None:
        return None
    return {"state": first.state, "since": iso(first.since), "products": first.products}


def _subscription_object(subscription: StoredSubscription) -> JsonObject:
    return {
        "id": subscription.id,
        "status": subscription.status,
        "url": subscription.url,
        "since": iso(subscription.since),
        "checked_at": iso(subscription.checked_at),
        "problem": subscription.problem,
    }


def _webhook_object(webhook: Webhook) -> JsonObject:
    """Return how a shop's webhook is; its address may hold a token, and is not told."""
    return {
        "name": webhook.name,
        "state": webhook.state,
        "since": iso(webhook.since),
        "position": webhook.position,
        "confirmed_at": iso(webhook.confirmed_at),
        "failing_since": iso(webhook.failing_since),
        "next_try_at": iso(webhook.not_before),
        "problem": webhook.problem,
    }


def _gap_object(gap: Gap | None) -> JsonObject | None:
    """Return the newest time without the Event Platform's deliveries; None if there was none."""
    if gap is None:
        return None
    return {
        "subscription_id": gap.subscription_id,
        "reason": gap.reason,
        "began": iso(gap.began),
        "ended": iso(gap.ended),
        "rounds": gap.rounds,
        "caught_up_at": iso(gap.closed_at),
        "repaired": dict(gap.cost),
    }


def _refusals_object(refusals: Refusals) -> JsonObject:
    return {
        "reason": refusals.reason,
        "count": refusals.count,
        "since": iso(refusals.first_at),
        "last_at": iso(refusals.last_at),
        "detail": refusals.detail,
        "advice": find_refusal_cure(refusals.reason),
    }


def _sweep_object(sweep: SweepView) -> JsonObject:
    return {
        "name": sweep.name,
        "running": sweep.running,
        "watermark": iso(sweep.watermark),
        "started_at": iso(sweep.started_at),
        "finished_at": iso(sweep.finished_at),
        "position": sweep.position,
        "counts": dict(sweep.counts),
    }
