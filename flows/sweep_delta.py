"""Sweeping what changed since the watermark, and noticing when that cannot be trusted."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flows.filter_probe import Probed, probe_filter
from flows.sweep import Sweep
from flows.sweep_products import FULL, Listing, sweep_products
from flows.threads import in_thread
from pim.search import updated_since
from pim.vocabulary import Drift
from storage.alarms import clear_alarm, raise_alarm
from storage.engine import Transaction
from storage.sweeps import list_sweeps

DELTA = "products/delta"
CLOCK_ALARM = "source-clock"
FILTER_ALARM = "updated-filter"
_NEVER = datetime(2100, 1, 1, tzinfo=UTC)  # nothing has been changed since then


@dataclass(frozen=True, slots=True)
class Watermark:
    """Source time up to which everything has been seen, and by which sweep's row it is kept."""

    seen_until: datetime | None
    delta_row: datetime | None


async def sweep_delta(sweep: Sweep) -> str:
    """Compare the products changed since the watermark, less the overlap.

    Without a watermark, or with a source clock behind it, every product is compared instead, and
    the watermark is set anew (a clock that went back by less than the overlap does no harm).
    Where the source's filter does not return a product that it must, that is an alarm, and the
    watermark stays, as it does where no product could tell.
    """
    watermark = await in_thread(_read_watermark, sweep)
    if watermark.seen_until is None:
        sweep.report.notes.append("no full sweep has been completed yet, so this one is full")
        return await sweep_products(sweep)
    source_now = await _source_now(sweep)
    since = watermark.seen_until - _overlap(sweep)
    if source_now < since:
        return await _sweep_anew(sweep, source_now, watermark.seen_until)
    probed = await probe_filter(sweep.session, source_now)
    if probed is Probed.BROKEN:
        return await _report_filter(sweep)
    if probed is Probed.WORKS:
        await _clear(sweep, FILTER_ALARM)
    listing = Listing(
        name=DELTA,
        search=updated_since(since, sweep.session.settings.timezone),
        whole=False,
        moves_watermark=probed is Probed.WORKS,
        # After a full sweep that set the watermark anew, the delta's own may still be ahead.
        set_anew=watermark.delta_row is not None and watermark.delta_row > watermark.seen_until,
    )
    found = await sweep_products(sweep, listing)
    _note_lost_events(sweep)
    return f"changed since {since:%Y-%m-%d %H:%M:%S} UTC: {found}"


def delta_since(sweep: Sweep) -> datetime | None:
    """From when on a delta looks: the watermark less the overlap; None before the first sweep."""
    seen_until = _read_watermark(sweep).seen_until
    return None if seen_until is None else seen_until - _overlap(sweep)


def _overlap(sweep: Sweep) -> timedelta:
    return timedelta(seconds=sweep.session.settings.overlap_seconds)


def _read_watermark(sweep: Sweep) -> Watermark:
    """The watermark of whichever sweep was completed last."""
    with sweep.session.store.read() as tx:
        views = {view.name: view for view in list_sweeps(tx)}
    done = [
        view
        for name, view in views.items()
        if name in {FULL, DELTA} and view.finished_at is not None and view.watermark is not None
    ]
    delta = views.get(DELTA)
    done.sort(key=lambda view: (view.finished_at is not None, view.finished_at))
    last = done[-1].watermark if done else None
    return Watermark(last, delta.watermark if delta else None)


async def _source_now(sweep: Sweep) -> datetime:
    """Ask for nothing in particular, to see the source's clock."""
    search = updated_since(_NEVER, sweep.session.settings.timezone)
    return (await anext(sweep.session.client.product_pages(search=search))).source_time


async def _sweep_anew(sweep: Sweep, source_now: datetime, seen_until: datetime) -> str:
    text = (
        f"the PIM's clock says {source_now:%Y-%m-%d %H:%M:%S} UTC, which is before "
        f"{seen_until:%Y-%m-%d %H:%M:%S} UTC up to which everything has been seen: "
        "compare the clocks of the PIM's servers; a full sweep sets the watermark anew"
    )
    await _raise(sweep, CLOCK_ALARM, text)
    sweep.report.notes.append(text)
    found = await sweep_products(sweep, Listing(set_anew=True))
    await _clear(sweep, CLOCK_ALARM)
    return found


async def _report_filter(sweep: Sweep) -> str:
    text = (
        "the PIM's `updated` filter does not return a product changed then: set AKENEO_TIMEZONE "
        f"to the PIM server's zone (it is {sweep.session.settings.timezone.key}), or have its "
        "search index rebuilt; until then changes whose events are lost are found by full sweeps"
    )
    await _raise(sweep, FILTER_ALARM, text)
    sweep.report.notes.append(text)
    return text


def _note_lost_events(sweep: Sweep) -> None:
    lost = sum(
        count
        for (drift, _), count in sweep.report.drift.items()
        if drift in {Drift.MISSING, Drift.OUTDATED}
    )
    if lost:
        sweep.report.notes.append(
            f"{lost} changes had been made whose events never came, or not yet"
        )


async def _raise(sweep: Sweep, name: str, text: str) -> None:
    def write(tx: Transaction) -> None:
        raise_alarm(tx, name=name, text=text, now=sweep.session.now())

    await in_thread(sweep.session.store.run, write)


async def _clear(sweep: Sweep, name: str) -> None:
    await in_thread(sweep.session.store.run, lambda tx: clear_alarm(tx, name=name))
