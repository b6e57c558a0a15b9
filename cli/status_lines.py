"""The overview in sentences: pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from cli.output import say_ago, say_count, say_instant, say_span
from storage.refusals import CONNECTIONS_ONLY, Refusals
from storage.status import Status
from storage.sweep_fails import FULL
from storage.unstored import LOSSES, PRODUCT_SWEEPS, REFUSED_ALARM

_REFUSED = {
    "signature_missing": "no signature",
    "signature_unknown": "signature unknown",
    "timestamp_missing": "no timestamp",
    "timestamp_unreadable": "timestamp unreadable",
    "clock_off": "clock off",
    "store_not_writable": "the store could not be written",
    "never_stored": "and never stored",
    "too_much_at_once": "too many at once",
    "event_platform": "the Event Platform's route is not built yet",
    "half_open": "without a whole request, too many at once",
    "too_many_connections": "unheard, too many at once",
}


def describe_drain(status: Status, *, now: datetime) -> str:
    """Say whether a drain is at work, since when, and in which run."""
    door = status.door
    run = f" ({door.run_name or door.run_id})" if door.run_id else ""
    if door.held:
        since = f" since {say_span(now - door.opened_at)}" if door.opened_at else ""
        return f"at work{since}{run}"
    if door.open:
        return f"stopped without closing{run}; the next one takes over"
    if door.closed_at is None:
        return "none has run yet"
    return f"none; the last one ended {say_ago(door.closed_at, now=now)}{run}"


def describe_inbox(status: Status) -> str:
    """Say what is due, waiting, held and dead, and how old the oldest is."""
    inbox = status.inbox
    due = say_count(inbox.due + inbox.waiting, "event") + " due"
    if inbox.waiting:
        due += f" ({inbox.waiting:,} of them wait for their next try)"
    if inbox.oldest_due_seconds is not None:
        due += f", the oldest for {say_span(timedelta(seconds=inbox.oldest_due_seconds))}"
    return f"{due}; {inbox.held:,} held; {inbox.dead:,} dead"


def describe_source(status: Status, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Say whether the PIM answers; if not, since when, why, and when it is tried next."""
    breaker = status.breaker
    if breaker.failing_since is None:
        return f"answers, as far as we know{_describe_facts(status.facts)}"
    since = say_instant(breaker.failing_since, now=now, zone=zone)
    if breaker.next_try_at is not None:
        later = f"next try {say_ago(breaker.next_try_at, now=now)}"
    else:
        later = "the next run tries again"
    return f"fails since {since}: {breaker.reason}; {later}"


def _describe_facts(facts: Mapping[str, str]) -> str:
    """Say what the PIM was found to be, of what it has told."""
    parts = [f"{name} {facts[name]}" for name in ("version", "edition") if name in facts]
    parts += [f"products known by {facts[name]}" for name in ("identity",) if name in facts]
    return f"; {', '.join(parts)}" if parts else ""


def describe_products(status: Status) -> str:
    """Say how many products there are."""
    products = status.products
    text = f"{products.live:,} live, {say_count(products.tombstones, 'tombstone')}"
    if products.marks_open:
        text += f"; {say_count(products.marks_open, 'change')} of labels being rendered"
    return text


def describe_unfilled(status: Status, *, now: datetime, zone: tzinfo | None = None) -> str | None:
    """Say how far the first full sweep is; None once one was whole."""
    first = status.upkeep.first_sweep if status.upkeep else None
    if first is None or status.upkeep is None:
        return None
    began = say_instant(first.since, now=now, zone=zone) if first.since else ""
    done = f", {say_count(first.products, 'product')} so far" if first.products else ""
    failed = [failing for failing in status.upkeep.failing if failing.mode == FULL]
    words = f"; it failed {say_count(failed[0].count, 'time')}: {failed[0].words}" if failed else ""
    match first.state:
        case "under-way":
            how = f"is under way since {began}{done}{words}"
        case "stopped":
            how = f"began {began} and was not brought to its end{done}{words}"
        case _:
            how = f"has not begun{words}; `akeneo-sync reconcile --full` makes it"
    return f"the store is not filled yet: its first full sweep {how}"


def describe_refusals(refusals: Refusals, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Say `since 10:02: 312 deliveries refused, signature unknown`, the newest detail added."""
    since = say_instant(refusals.first_at, now=now, zone=zone)
    reason = _REFUSED.get(refusals.reason, refusals.reason.replace("_", " "))
    told = refusals.detail if refusals.detail and reason in refusals.detail else reason
    if refusals.detail and told == reason:
        told = f"{reason} ({refusals.detail})"
    if refusals.reason in CONNECTIONS_ONLY:
        return f"since {since}: {say_count(refusals.count, 'connection')} closed, {told}"
    deliveries = say_count(refusals.count, "delivery", "deliveries")
    return f"since {since}: {deliveries} refused, {told}"


def describe_made_up(
    status: Status, refusals: Refusals, *, now: datetime, zone: tzinfo | None = None
) -> str:
    """Say which sweep made up for lost deliveries; nothing where none were, or none has yet."""
    stands = any(alarm.name == REFUSED_ALARM for alarm in status.alarms)
    if refusals.reason not in LOSSES or stands:
        return ""
    ends = [sweep.finished_at for sweep in status.sweeps if sweep.name in PRODUCT_SWEEPS]
    ended = max((end for end in ends if end is not None), default=None)
    if ended is None:
        return ""
    return f"; made up for by the sweep that ended {say_instant(ended, now=now, zone=zone)}"
