"""Subscriptions of the Event Platform, for people and for programs; nothing here holds a secret."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Console

from cli.output import add_row, iso, open_table, say_ago, say_count
from flows.subscriptions import Overview, choose_ours
from pim.event_platform import short_type
from pim.event_platform_api import LogEntry, Subscriber, Subscription
from pim.json_types import JsonObject, JsonValue


def show_subscriptions(console: Console, overview: Overview, *, public_url: str | None) -> None:
    """Print a line for each subscription, and one for each subscriber that has none."""
    if not overview.subscribers:
        console.print("no subscriber: `akeneo-sync subscriptions create` makes one")
        return
    ours = choose_ours(overview.subscriptions, public_url)
    table = open_table("subscription", "status", "delivers to", "events", "subscriber")
    for each in overview.subscriptions:
        subscriber = overview.subscriber_of(each)
        place = each.url or each.type
        if public_url is not None and each in ours:
            place += " (this receiver)"
        name = subscriber.name if subscriber else each.subscriber_id
        add_row(table, each.id, each.status, place, f"{len(each.events)}", name)
    filled = {each.subscriber_id for each in overview.subscriptions}
    for lone in overview.subscribers:
        if lone.id not in filled:
            add_row(table, "(none)", "", "", "", lone.name)
    console.print(table)


def show_subscription(
    console: Console, subscription: Subscription, subscriber: Subscriber | None, *, now: datetime
) -> None:
    """Print all that is known of one subscription."""
    table = open_table("", subscription.id)
    made = say_ago(subscription.created_at, now=now) if subscription.created_at else "unknown"
    changed = say_ago(subscription.updated_at, now=now) if subscription.updated_at else "unknown"
    add_row(table, "status", subscription.status)
    add_row(table, "delivers to", subscription.url or subscription.type)
    add_row(table, "made", made)
    add_row(table, "changed", changed)
    add_row(table, "events", ", ".join(short_type(event) for event in subscription.events))
    add_row(table, "filter", subscription.filter or "none")
    add_row(table, "identifier sent", "yes" if subscription.sends_identifier else "no")
    add_row(table, "secrets", f"{say_count(subscription.secrets, 'secret')}, which are never shown")
    if subscription.header_names:
        add_row(table, "headers", ", ".join(subscription.header_names))
    if subscriber is not None:
        add_row(table, "subscriber", f"{subscriber.name} ({subscriber.id})")
        add_row(table, "e-mail", subscriber.technical_email or "none")
        add_row(table, "notices to", subscriber.notification_url or "e-mail only")
    console.print(table)


def show_log(console: Console, lines: Sequence[LogEntry]) -> None:
    """Print the platform's log, newest first."""
    table = open_table("at", "kind", "operation", "reason", "message", "subscription")
    for line in lines:
        at = line.at.astimezone().isoformat(sep=" ", timespec="seconds") if line.at else ""
        add_row(
            table, at, line.kind, line.operation, line.reason, line.message, line.subscription_id
        )
    console.print(table if lines else "the log has no such line; it is kept for 30 days")


def overview_object(overview: Overview, *, public_url: str | None) -> JsonObject:
    """Return everything for `--json`; keys are stable."""
    ours = choose_ours(overview.subscriptions, public_url)
    return {
        "subscribers": [subscriber_object(each) for each in overview.subscribers],
        "subscriptions": [
            {**subscription_object(each), "ours": each in ours} for each in overview.subscriptions
        ],
    }


def subscriber_object(subscriber: Subscriber) -> JsonObject:
    """Return a subscriber for `--json`."""
    channels: list[JsonValue] = [*subscriber.channels]
    return {
        "id": subscriber.id,
        "name": subscriber.name,
        "status": subscriber.status,
        "technical_email": subscriber.technical_email,
        "notification_channels": channels,
        "notification_url": subscriber.notification_url or None,
        "created_at": iso(subscriber.created_at),
    }


def subscription_object(subscription: Subscription) -> JsonObject:
    """Return a subscription for `--json`; `secrets` is their number."""
    events: list[JsonValue] = [*subscription.events]
    headers: list[JsonValue] = [*subscription.header_names]
    return {
        "id": subscription.id,
        "subscriber_id": subscription.subscriber_id,
        "status": subscription.status,
        "type": subscription.type,
        "url": subscription.url or None,
        "events": events,
        "filter": subscription.filter or None,
        "send_product_identifier": subscription.sends_identifier,
        "header_names": headers,
        "secrets": subscription.secrets,
        "created_at": iso(subscription.created_at),
        "updated_at": iso(subscription.updated_at),
    }


def log_object(line: LogEntry) -> JsonObject:
    """Return a line of the log for `--json`."""
    return {
        "at": iso(line.at),
        "kind": line.kind,
        "operation": line.operation,
        "subscription_id": line.subscription_id or None,
        "reason": line.reason or None,
        "message": line.message or None,
    }
