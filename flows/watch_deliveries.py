"""After a delta: whether events come at all, and whether the PIM's quota held them up."""

from datetime import datetime, timedelta

from flows.artifacts import format_span
from flows.delivery_signs import Missed, QuotaSigns, add_missed, find_quota_signs
from flows.source_clock import read_clocks
from flows.sweep import Sweep, clear_sweep_alarm, raise_sweep_alarm
from flows.threads import in_thread
from pim.canonical import dump_json, load_json
from pim.json_types import as_object
from pim.texts import moved
from storage.deliveries import (
    SILENCE_ALARM,
    Delivery,
    SourceChange,
    list_deliveries,
    list_told,
    read_last_delivery,
)
from storage.engine import Transaction
from storage.facts import read_facts, save_fact
from storage.refusals import list_refusals

QUOTA_ALARM = "quota"
HOUR = timedelta(hours=1)
UNDER_WAY = timedelta(minutes=2)
"""An event of a younger change may still be under way: the PIM sends them within seconds."""

_FACT = "missed_events"


async def count_missed(sweep: Sweep, changes: list[SourceChange]) -> None:
    """Count, of changes that this delta repaired, those whose events never came."""
    clocks = await read_clocks(sweep)
    doubt = timedelta(seconds=sweep.session.settings.clock_doubt_seconds)
    old = [change for change in changes if change.updated <= clocks.source - UNDER_WAY]
    since = {change.key: moved(change.updated, -doubt) for change in old}

    def told() -> int:
        with sweep.session.store.read() as tx:
            return len(list_told(tx, old, since=since))

    sweep.report.too_fresh += len(changes) - len(old)
    if old:
        sweep.report.missed += len(old) - await in_thread(told)


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
        await in_thread(_deliveries, sweep, now),
        clock_offset=clocks.source - clocks.ours,
        now=now,
    )
    await _tell_of_quota(sweep, signs, now)
    missed, last = await in_thread(
        sweep.session.store.run, lambda tx: _keep_missed(tx, report.missed, now)
    )
    if missed is not None and missed.is_silence and signs is None:
        refused = await in_thread(_refused, sweep, missed.since)
        await raise_sweep_alarm(sweep, SILENCE_ALARM, _say_silence(missed, last, refused))
    else:
        await clear_sweep_alarm(sweep, SILENCE_ALARM)


def _deliveries(sweep: Sweep, now: datetime) -> list[Delivery]:
    with sweep.session.store.read() as tx:
        return list_deliveries(tx, since=now - HOUR)


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


def _refused(sweep: Sweep, since: datetime) -> int:
    with sweep.session.store.read() as tx:
        return sum(each.count for each in list_refusals(tx, since=since))


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
