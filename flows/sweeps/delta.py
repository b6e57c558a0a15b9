"""Sweep of the products changed since the watermark, and of all where that is in doubt."""

from datetime import datetime, timedelta

from flows.run import SEARCH_BY_DATE, format_span
from flows.sweeps.doubts import (
    MOVED,
    find_difference,
    has_visibility_moved,
    keep_known_surplus,
    probe_once,
    read_standing,
    watch_deliveries,
)
from flows.sweeps.look_again import look_again_at_held
from flows.sweeps.lookback import Probed, Verdict, clock_jump, decide_reach, decide_since
from flows.sweeps.moved_keys import UNLISTED, is_unlisted
from flows.sweeps.products import FilterFails, sweep_products
from flows.sweeps.sweep import (
    CLOCK_ALARM,
    FILTER_ALARM,
    FULL,
    LEFT,
    Listing,
    Sweep,
    SweepHeld,
    clear_sweep_alarm,
    raise_sweep_alarm,
    read_clocks,
    read_margins,
)
from pim.search import updated_since
from storage import Transaction
from storage.state import list_sweeps

DELTA = "products/delta"
DOUBTED = "products/delta-doubted"
"""A delta whose filter could not be vouched for: kept apart, so that its position is never taken
for one of a delta that may move the watermark."""

UNFILTERED = (
    "the PIM does not list what changed since a date, so everything is compared once an hour; "
    "events go on"
)
UNFILTERED_EVERY = timedelta(hours=1)


async def sweep_delta(sweep: Sweep) -> str:
    """Compare the products changed since the watermark, less overlap and clock doubt.

    Without a watermark, or with a source clock behind it, every product is compared instead, and
    the watermark is set anew. So it is where a locale, channel, currency or the like was switched
    off, and where the source shows older states than are stored: what a
    restored backup took back bears dates of before the watermark. Where the source's filter does
    not return a product that it must, that is an alarm, more is asked for than any time zone is
    off, and the watermark stays, as it does where no product could tell.
    """
    watermark, standing = await sweep.session.read(read_standing, FULL, DELTA)
    if watermark is None:
        return await _sweep_whole(sweep, "no full sweep has been completed yet, so this is full")
    for is_so, why in ((is_unlisted, UNLISTED), (has_visibility_moved, MOVED)):
        if await is_so(sweep):
            return await _sweep_whole(sweep, why)
    clocks, margins = await read_clocks(sweep), read_margins(sweep.session.settings)
    since = decide_since(watermark, clocks, margins)
    if since is None or CLOCK_ALARM in standing:
        return await _sweep_anew(sweep, clocks.source, watermark.seen_until)
    jump = clock_jump(watermark, clocks)
    if jump > margins.clock_doubt:
        sweep.report.notes.append(CLOCK_AHEAD.format(span=format_span(jump)))
    probed = await probe_once(sweep, clocks.source - margins.both)
    await _tell_of_filter(sweep, probed)
    if probed.rewound:
        return await _sweep_whole(sweep, WENT_BACK.format(count=probed.rewound))
    reach = decide_reach(since, probed, was_broken=FILTER_ALARM in standing)
    listing = Listing(
        name=DELTA if probed.trusted else DOUBTED,
        search=updated_since(reach, sweep.session.settings.timezone),
        whole=False,
        moves_watermark=probed.trusted,
        watches_events=True,
    )
    try:
        found = await sweep_products(sweep, listing)
    except FilterFails as failed:
        return await _sweep_unfiltered(sweep, failed)
    sweep.session.client.refused.note_answered(SEARCH_BY_DATE)
    await _look_beyond(sweep)
    return f"changed since {reach:%Y-%m-%d %H:%M:%S} UTC: {found}"


async def _sweep_unfiltered(sweep: Sweep, failed: FilterFails) -> str:
    """Compare everything, since what changed lately cannot be asked for; hourly, it costs more."""
    sweep.session.client.refused.note_refused(SEARCH_BY_DATE, failed.error)
    sweep.note(f"{UNFILTERED}: {failed}")
    last = await sweep.session.read(_last_whole)
    if last is not None and sweep.session.now() - last < UNFILTERED_EVERY:
        return UNFILTERED
    return await _sweep_all(sweep) or LEFT


def _last_whole(tx: Transaction) -> datetime | None:
    return next((each.finished_at for each in list_sweeps(tx) if each.name == FULL), None)


async def _look_beyond(sweep: Sweep) -> None:
    """See what a delta's listing cannot show: rights that came back, deletions, lost events."""
    if not sweep.dry_run:
        await look_again_at_held(sweep)
        difference = await find_difference(sweep)
        if difference is not None:
            sweep.report.notes.append(difference)
            if await _sweep_all(sweep) is not None:
                await keep_known_surplus(sweep)
    await watch_deliveries(sweep)


CLOCK_AHEAD = (
    "the PIM's clock was ahead by {span} during the last sweep, compared with now: this sweep "
    "looks back that much further"
)
WENT_BACK = (
    "the PIM shows {count} products in an older state than stored, as after a backup was restored: "
    "what it took back bears old dates, so everything is compared"
)
NONE_TELLS = (
    "no stored product could tell whether the PIM's `updated` filter works (each was edited just "
    "now, or has models that were): a day more than needed was compared, and the watermark stays"
)
ZONE_EARLY = (
    "the PIM reads the times of its `updated` filter as earlier than meant, so that a delta "
    "compares more than it must: set AKENEO_TIMEZONE to the PIM server's zone (it is {zone})"
)
FILTER_BROKEN = (
    "the PIM's `updated` filter does not return a product changed then: set AKENEO_TIMEZONE to the "
    "PIM server's zone (it is {zone}), or have its search index rebuilt; until then each delta "
    "compares a day more than needed, and an index that lacks products hides their changes"
)
CLOCK_BEHIND = (
    "the PIM's clock says {now:%Y-%m-%d %H:%M:%S} UTC, and has said {seen:%Y-%m-%d %H:%M:%S} UTC "
    "before: compare the clocks of the PIM's servers; a full sweep sets the watermark anew"
)


async def _sweep_whole(sweep: Sweep, why: str) -> str:
    """Compare everything, unless a full sweep is at it already: then that one does it."""
    sweep.report.notes.append(why)
    return await _sweep_all(sweep) or LEFT


async def _sweep_anew(sweep: Sweep, source_now: datetime, seen_until: datetime) -> str:
    """Compare everything, since edits may bear any time; the alarm stands until that is done.

    A full sweep under way may have listed a product before it was edited under an odd time: then
    the next delta sweeps anew.
    """
    text = CLOCK_BEHIND.format(now=source_now, seen=seen_until)
    await raise_sweep_alarm(sweep, CLOCK_ALARM, text)
    found = await _sweep_all(sweep)
    if found is not None:
        await clear_sweep_alarm(sweep, CLOCK_ALARM)
    return found or LEFT


async def _sweep_all(sweep: Sweep) -> str | None:
    """Compare everything; None where another run is at that."""
    try:
        return await sweep_products(sweep)
    except SweepHeld as error:
        sweep.report.notes.append(f"{LEFT}: {error}")
        return None


async def _tell_of_filter(sweep: Sweep, probed: Probed) -> None:
    zone = sweep.session.settings.timezone.key
    match probed.verdict:
        case Verdict.BROKEN:
            await raise_sweep_alarm(sweep, FILTER_ALARM, FILTER_BROKEN.format(zone=zone))
            return
        case Verdict.UNKNOWN:
            sweep.report.notes.append(NONE_TELLS)
            return
        case Verdict.EARLY:
            sweep.report.notes.append(ZONE_EARLY.format(zone=zone))
        case Verdict.WORKS:
            pass
    await clear_sweep_alarm(sweep, FILTER_ALARM)
