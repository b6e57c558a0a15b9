"""Status for people: what needs a person and what helps, sentences, and the tables.

Pure, but for the printing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from rich.console import Console
from rich.table import Table

from cli.cures import find_refusal_cure
from cli.output import add_row, open_table, printable, say_ago, say_count, say_instant, say_span
from cli.views.dialects import describe_dialects
from storage.inbox import CONNECTIONS_ONLY, Refusals
from storage.state import (
    FULL,
    LOSSES,
    PRODUCT_SWEEPS,
    REFUSED_ALARM,
    Gap,
    SweepView,
    describe_cost,
)
from storage.views import Status
from storage.webhooks import WebhookState

_REFUSED = {
    "signature_missing": "no signature",
    "signature_unknown": "signature unknown",
    "timestamp_missing": "no timestamp",
    "timestamp_unreadable": "timestamp unreadable",
    "clock_off": "clock off",
    "store_not_writable": "the store could not be written",
    "never_stored": "and never stored",
    "too_much_at_once": "too many at once",
    "slowed_down": "of the Event Platform, which delivers them again",
    "half_open": "without a whole request, too many at once",
    "too_many_connections": "unheard, too many at once",
}


@dataclass(frozen=True, slots=True)
class Attention:
    """One thing that needs a person. `name` is stable; `advice` says what to do."""

    name: str
    text: str
    since: datetime | None
    advice: str


# What the layers that raise an alarm cannot know: which command of ours helps.
ADVICE = {
    "connection-deleted": "make a connection in the PIM, put its credentials into the settings, and"
    " restart; `akeneo-sync doctor` looks at them",
    "store-not-writable": "make room on its disk, or find who holds the lock or made it read-only;"
    " until then deliveries are refused and the PIM repeats none; `akeneo-sync doctor`",
    "sweep-fails": "`akeneo-sync reconcile --full` shows it again; a defect of ours has its"
    " traceback in the run's log in the Prefect UI, please report it; what was repaired stays",
    "sweep-overdue": "look in the Prefect UI whether the deployment's schedule is active and a"
    " worker takes its runs; at once: `akeneo-sync reconcile --full`",
    "watermark-stands": "`akeneo-sync reconcile --full` moves it where all could be compared; its"
    " report names the products that could not",
    "oldest-due": "events stay due and none is lost; `akeneo-sync doctor` looks at every part",
    "first-sweep": "`akeneo-sync reconcile --full` fills it",
    "worker-gone": "start `akeneo-sync worker`; nothing is processed until one runs",
    "work-queue-paused": "resume the queue, or raise its limit, in the Prefect UI",
    "deployment-paused": "raise the deployment's concurrency limit in the Prefect UI",
    "source-failing": "nothing is lost, events stay due; check the PIM's address, login and health",
    "dead-letters": "look with `akeneo-sync events --outcome dead`, then `replay` or `discard`"
    " them",
    "held-deletions": "look with `akeneo-sync approve`, then delete or keep them; products that are"
    " in the PIM show that the connection lost rights: given back, a reconcile keeps them by"
    " itself",
    "prefect-unreachable": "start it, or check PREFECT_API_URL; deliveries are kept meanwhile",
    "deployment-missing": "run `akeneo-sync deploy`",
    "work-pool-paused": "resume the work pool, or raise its limit, in the Prefect UI",
    "no-worker": "start `akeneo-sync worker`; if one runs, it is busy or looks at other queues",
    "search-index": "until it is rebuilt, deltas miss changes of these products, and full sweeps"
    " read them one by one",
    "source-nodes": "when the clocks agree, `akeneo-sync reconcile --full` finds what was missed",
    "silence": "press Test at the connection's event subscription in the PIM; `akeneo-sync doctor`"
    " says what the PIM needs to reach this receiver",
    "quota": "nothing is lost for long, deltas make up for it; fewer bulk edits an hour, or fewer"
    " connections with events, keep the PIM below its quota",
    "updated-filter": "set AKENEO_TIMEZONE to the PIM server's zone",
    "source-clock": "compare the clocks of the PIM's servers",
    "refused": "the next delta reads the changes they told of, the next full sweep finds deletions;"
    " at once: `akeneo-sync reconcile --full`",
    "short-list": "if it was deleted on purpose, run `akeneo-sync reconcile --full` once with"
    " SYNC_MAX_DELETE_SHARE=1 in its environment; else look at the connection's rights in the PIM",
    "housekeeping-fails": "its newest run in the Prefect UI says more; `akeneo-sync doctor` looks"
    " at Prefect, the database and the disks",
    "list-fails": "all else goes on; look at the answer that is quoted: rights of the connection,"
    " a firewall, the PIM's log. It ends by itself with the first sweep that can read the list",
    "request-refused": "nothing is lost, it only costs more calls: let these requests through the"
    " firewall, or have the PIM's search index looked at; a full reconcile asks again",
    "short-listing": "the next sweep lists all anew; if it stays, have the PIM's search index"
    " rebuilt (`bin/console pim:product:index --all`, `pim:product-model:index --all`)",
    "product-keys": "nothing: drains and sweeps finish it, and resume it wherever they stopped; at"
    " once: `akeneo-sync reconcile --full`",
    "source-identity": "check AKENEO_BASE_URL; another PIM, or an older version, needs a store of"
    " its own",
    "subscription-suspended": "mend what `akeneo-sync subscriptions logs --kind error` says, then"
    " `akeneo-sync subscriptions resume`; what was not delivered is caught up with by itself",
    "subscription-revoked": "`akeneo-sync subscriptions create --email ADDRESS` makes one; if the"
    " connection is gone, connect it anew first. Deltas and full sweeps go on meanwhile",
    "subscription-unknown": "`akeneo-sync doctor` looks at the Event Platform; events go on, if it"
    " is only the management API that is away",
    "webhook-off": "settle with the shop what it wants; then `akeneo-sync webhooks resume NAME`,"
    " or, where changes are not kept any more, begin with `akeneo-sync export --position`, and"
    " `webhooks replay NAME --from POSITION`; `webhooks remove NAME` ends it",
    "webhook-fails": "nothing is lost, it is tried again by itself; look at the shop's receiver,"
    " and try it with `akeneo-sync webhooks test NAME`",
    "disk": "make room on that disk, or shorten the SYNC_KEEP_ settings; without room, deliveries"
    " are refused and the PIM repeats none",
}
_GAP_TOLD = timedelta(days=7)
_DEFAULT_ADVICE = "look at the newest run in the Prefect UI"


def list_attention(status: Status) -> list[Attention]:
    """List what needs a person, each with what to do."""
    return [
        Attention(need.name, need.text, need.since, ADVICE.get(need.name, _DEFAULT_ADVICE))
        for need in status.needs
    ]


def describe_drain(status: Status, *, now: datetime) -> str:
    """Say whether a drain is at work, since when, and in which run."""
    door = status.door
    run = f" ({door.run_name or door.run_id})" if door.run_id else ""
    if door.alive:
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
    due = say_count(inbox.due + inbox.put_off, "event") + " due"
    if inbox.put_off:
        due += f" ({inbox.put_off:,} of them wait for their next try)"
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


def describe_subscriptions(status: Status, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Say how the Event Platform's subscriptions are, and when that was seen."""
    told = []
    for each in status.subscriptions:
        since = say_instant(each.since, now=now, zone=zone)
        seen = say_ago(each.checked_at, now=now)
        told.append(f"{each.id} {each.status} since {since}, seen {seen}")
    return "; ".join(told)


def describe_webhooks(status: Status) -> str:
    """Say how many webhooks there are in which state, and how many of them fail."""
    states = Counter(each.state for each in status.webhooks)
    told = ", ".join(f"{states[each]:,} {each}" for each in WebhookState if states[each])
    failing = [each for each in status.webhooks if each.failures]
    waiting = sum(each.state is WebhookState.ACTIVE for each in failing)
    return f"{told} ({waiting:,} of them not confirming now)" if waiting else told


def describe_gap(gap: Gap, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Say from when to when events may have been lost, and how far that is made up for."""
    began = say_instant(gap.began, now=now, zone=zone)
    if gap.ended is None:
        return f"since {began} at the earliest nothing is delivered"
    span = f"from {began} at the earliest to {say_instant(gap.ended, now=now, zone=zone)}"
    if gap.closed_at is not None:
        return f"{span}, caught up with: {describe_cost(gap.cost)}"
    asked = (
        f"{say_count(gap.rounds, 'round')} of sweeps asked for"
        if gap.rounds
        else "sweeps come soon"
    )
    return f"{span}, being caught up with: {asked}"


def _is_history(gap: Gap, now: datetime) -> bool:
    return gap.closed_at is not None and now - gap.closed_at > _GAP_TOLD


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


def show_status(console: Console, status: Status, *, now: datetime, where: str) -> None:
    """Print the overview: what needs a person first."""
    console.print(_attention_table(status, now))
    console.print(_overview_table(status, now, where))
    for refusals in status.refusals:
        made_up = describe_made_up(status, refusals, now=now)
        console.print(printable(describe_refusals(refusals, now=now) + made_up))
        console.print(f"  -> {find_refusal_cure(refusals.reason)}")
    console.print(_sweeps_table(status, now))


def _attention_table(status: Status, now: datetime) -> Table | str:
    items = list_attention(status)
    if not items:
        return describe_unfilled(status, now=now) or "nothing needs a person"
    table = open_table("since", "what", "what to do", title="Needs a person")
    for item in items:
        since = say_instant(item.since, now=now) if item.since else ""
        add_row(table, since, item.text, item.advice)
    return table


def _overview_table(status: Status, now: datetime, where: str) -> Table:
    heard = status.inbox.last_received_at
    settled = ", ".join(f"{count:,} {outcome}" for outcome, count in status.outcomes.items())
    table = open_table("", "now")
    add_row(table, "inbox", describe_inbox(status))
    add_row(table, "drain", describe_drain(status, now=now))
    add_row(table, "PIM", describe_source(status, now=now))
    if status.subscriptions:
        add_row(table, "subscription", describe_subscriptions(status, now=now))
    if status.gap is not None and not _is_history(status.gap, now):
        add_row(table, "gap in deliveries", describe_gap(status.gap, now=now))
    add_row(table, "products", describe_products(status))
    if status.webhooks:
        add_row(table, "webhooks", describe_webhooks(status))
    unfilled = describe_unfilled(status, now=now)
    if unfilled:
        add_row(table, "first full sweep", unfilled)
    add_row(table, "last event", say_ago(heard, now=now) if heard else "none yet")
    for name, text in describe_dialects(status, now=now):
        add_row(table, name, text)
    add_row(table, "settled in the last hour", settled or "none")
    add_row(table, "store", where)
    return table


def _sweeps_table(status: Status, now: datetime) -> Table | str:
    if not status.sweeps:
        return "no sweep has run yet: `akeneo-sync reconcile --full` fills the store"
    table = open_table("sweep", "state", "seen up to (watermark)", "counts")
    for sweep in status.sweeps:
        watermark = say_instant(sweep.watermark, now=now) if sweep.watermark else ""
        counts = ", ".join(f"{count:,} {name}" for name, count in sweep.counts.items() if count)
        add_row(table, sweep.name, _describe_sweep(sweep, now), watermark, counts)
    return table


def _describe_sweep(sweep: SweepView, now: datetime) -> str:
    if sweep.running:
        return "running"
    if sweep.position is not None:
        return "stopped; the next run goes on from there"
    return f"done {say_ago(sweep.finished_at, now=now)}" if sweep.finished_at else "never finished"
