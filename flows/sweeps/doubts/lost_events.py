"""Signs of events that never came: silence, the PIM's quota, changes nobody told of.

The PIM sends about 4,000 deliveries an hour for all its connections together; then it falls
silent until the hour has moved on, and sends what has queued up. What has waited for more
than two hours is dropped without a word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.run import format_span
from flows.sweeps.sweep import Sweep, clear_sweep_alarm, raise_sweep_alarm, read_clocks
from pim.canonical import dump_json, load_json
from pim.json_types import as_object
from pim.texts import moved
from storage import Transaction
from storage.inbox import (
    SILENCE_ALARM,
    Delivery,
    SourceChange,
    list_deliveries,
    list_refusals,
    list_told,
    read_last_delivery,
)
from storage.state import read_facts, save_fact

QUOTA = 4000
NEAR_QUOTA = QUOTA * 9 // 10
QUIET = timedelta(minutes=5)
"""A shorter silence, or a younger event, is nothing to speak of."""

DROPPED_AFTER = timedelta(hours=2)
ENOUGH_SWEEPS = 2
"""So many deltas in a row with changes that no event told of, and not one delivery, are silence;
one may have come after a night during which nobody was here to receive anything."""

QUOTA_ALARM = "quota"
HOUR = timedelta(hours=1)
UNDER_WAY = timedelta(minutes=2)
"""A younger change or deletion may still be told of: the PIM sends events within seconds."""

_FACT = "missed_events"


@dataclass(frozen=True, slots=True)
class Missed:
    """Changes whose events never came, found by delta sweeps since the last delivery."""

    sweeps: int
    changes: int
    since: datetime

    @property
    def is_silence(self) -> bool:
        """Whether events do not come at all."""
        return self.sweeps >= ENOUGH_SWEEPS


def add_missed(
    before: Missed | None, *, found: int, last_delivery_at: datetime | None, now: datetime
) -> Missed | None:
    """What has been missed in all after a sweep that found so many; a delivery begins it anew."""
    if before is not None and last_delivery_at is not None and last_delivery_at > before.since:
        before = None
    if not found:
        return before
    if before is None:
        return Missed(1, found, now)
    return Missed(before.sweeps + 1, before.changes + found, before.since)


@dataclass(frozen=True, slots=True)
class QuotaSigns:
    """What looks like the PIM's hourly quota.

    `deliveries` came in the hour since `since`; or, where `silence` is set, after a silence that
    long which began at `since`, the first with events that old.
    """

    since: datetime
    deliveries: int
    silence: timedelta | None = None
    oldest: timedelta | None = None

    @property
    def lost_some(self) -> bool:
        """Whether events must have waited for longer than the PIM keeps them."""
        spans = [span for span in (self.silence, self.oldest) if span is not None]
        return any(span >= DROPPED_AFTER - QUIET for span in spans)

    def __str__(self) -> str:
        """What was seen, as a person says it."""
        since = f"since {self.since:%H:%M} UTC"
        if self.silence is None or self.oldest is None:
            return f"{since}: {self.deliveries:,} deliveries within an hour"
        return (
            f"{since}: no delivery for {format_span(self.silence)}, then {self.deliveries:,} with "
            f"events up to {format_span(self.oldest)} old"
        )


def find_quota_signs(
    deliveries: Sequence[Delivery], *, clock_offset: timedelta, now: datetime
) -> QuotaSigns | None:
    """The signs in an hour of deliveries, oldest first, the last one before the hour included.

    `clock_offset`: the source's clock less ours, by which the age of an event is told. A silence
    is a sign only if the first event after it is about as old: else there was nothing to tell.
    """
    for position in range(len(deliveries) - 1, 0, -1):
        last, first = deliveries[position - 1 : position + 1]
        silence = first.received_at - last.received_at
        age = _age(first, clock_offset)
        if silence >= QUIET and age is not None and age >= max(QUIET, silence / 2):
            return QuotaSigns(last.received_at, len(deliveries) - position, silence, age)
    recent = [each for each in deliveries if each.received_at > now - timedelta(hours=1)]
    if len(recent) >= NEAR_QUOTA:
        return QuotaSigns(recent[0].received_at, len(recent))
    return None


def _age(delivery: Delivery, clock_offset: timedelta) -> timedelta | None:
    if delivery.oldest is None:
        return None
    return delivery.received_at + clock_offset - delivery.oldest


async def count_missed(sweep: Sweep, changes: list[SourceChange]) -> None:
    """Count, of changes that this delta repaired, those whose events never came."""
    clocks = await read_clocks(sweep)
    doubt = timedelta(seconds=sweep.session.settings.clock_doubt_seconds)
    old = [change for change in changes if change.updated <= clocks.source - UNDER_WAY]
    since = {change.key: moved(change.updated, -doubt) for change in old}
    sweep.report.too_fresh += len(changes) - len(old)
    if old:
        told = await sweep.session.read(list_told, old, since=since)
        sweep.report.missed += len(old) - len(told)


async def watch_deliveries(sweep: Sweep) -> None:
    """Note changes whose events never came, and raise or clear the alarms on silence and quota."""
    report = sweep.report
    if report.missed:
        report.notes.append(f"{report.missed} changes had been made whose events never came")
    if report.too_fresh:
        report.notes.append(
            f"{report.too_fresh} changes were so fresh that their events may still be under way"
        )
    if sweep.dry_run:
        return
    clocks = await read_clocks(sweep)
    now = sweep.session.now()
    signs = find_quota_signs(
        await sweep.session.read(list_deliveries, since=now - HOUR),
        clock_offset=clocks.source - clocks.ours,
        now=now,
    )
    await _tell_of_quota(sweep, signs, now)
    missed, last = await sweep.session.write(_keep_missed, report.missed, now)
    if missed is not None and missed.is_silence and signs is None:
        refusals = await sweep.session.read(list_refusals, since=missed.since)
        refused = sum(each.count for each in refusals)
        await raise_sweep_alarm(sweep, SILENCE_ALARM, _say_silence(missed, last, refused))
    else:
        await clear_sweep_alarm(sweep, SILENCE_ALARM)


async def _tell_of_quota(sweep: Sweep, signs: QuotaSigns | None, now: datetime) -> None:
    if signs is None:
        await clear_sweep_alarm(sweep, QUOTA_ALARM)
        return
    lost = " some events waited longer than that;" if signs.lost_some else ""
    text = (
        f"{signs}: a sign of the PIM's quota (about 4,000 deliveries an hour, of all its "
        f"connections) or of a queue that stood still; it drops what waits for 2 h;{lost} the "
        f"sweep of {now:%H:%M} UTC made up for what was lost, but for deletions, which the next "
        "full sweep finds"
    )
    await raise_sweep_alarm(sweep, QUOTA_ALARM, text)


def _keep_missed(
    tx: Transaction, found: int, now: datetime
) -> tuple[Missed | None, datetime | None]:
    """Add to what has been missed since the last delivery; answers both."""
    last = read_last_delivery(tx)
    stored = read_facts(tx).get(_FACT)
    missed = add_missed(
        _parse_missed(stored) if stored else None, found=found, last_delivery_at=last, now=now
    )
    written = _write_missed(missed)
    if written != (stored or ""):
        save_fact(tx, name=_FACT, value=written, now=now)
    return missed, last


def _parse_missed(text: str) -> Missed:
    kept = as_object(load_json(text))
    return Missed(
        sweeps=int(str(kept["sweeps"])),
        changes=int(str(kept["changes"])),
        since=datetime.fromisoformat(str(kept["since"])),
    )


def _write_missed(missed: Missed | None) -> str:
    if missed is None:
        return ""
    return dump_json(
        {"sweeps": missed.sweeps, "changes": missed.changes, "since": missed.since.isoformat()}
    )


def _say_silence(missed: Missed, last: datetime | None, refused: int) -> str:
    span = format_span(missed.since - last) if last else None
    before = f"the last one came {span} before that" if span else "none has ever come"
    found = (
        f"since {missed.since:%Y-%m-%d %H:%M} UTC {missed.sweeps} deltas found {missed.changes} "
        f"changes, and no event came ({before})"
    )
    if refused:
        return (
            f"{found}; {refused:,} deliveries were refused meanwhile: see their reasons in "
            "`akeneo-sync status`, and compare AKENEO_WEBHOOK_SECRETS with the connection's secret"
        )
    return (
        f"{found}: check that the connection's event subscription is on and names this receiver, "
        "that its Test button says 200, and what a firewall or proxy does; changes come with each "
        "delta meanwhile"
    )
