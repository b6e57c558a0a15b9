"""Counts of products and items in the source, against what is listed and stored.

A delta lists what changed; what is gone, or shown again by a right that came back, changes
no more. A listing can end early without an error. The source's count costs one call, and
tells both within minutes.
"""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import datetime

from flows.sweeps.doubts.lost_events import UNDER_WAY
from flows.sweeps.sweep import Sweep, raise_sweep_alarm, read_margins
from pim.blame import concerns_one_list
from pim.canonical import dump_json, load_json
from pim.errors import SourceError
from pim.json_types import JsonObject, as_object
from storage import Transaction
from storage.state import (
    Watermark,
    clear_alarm,
    list_alarms,
    read_facts,
    read_watermark,
    save_fact,
)
from storage.views import Census, take_census

log = logging.getLogger(__name__)

A_FEW = 5
SHARE = 0.01

SHORT_ALARM = "short-listing"
TOO_MANY = (
    "the store has {gap} products more than the PIM counts: deletions whose events never came, or "
    "rights that were lost; everything is compared"
)
TOO_FEW = (
    "the PIM counts {gap} products more than the store has: rights that were given back, or "
    "products whose events never came; everything is compared"
)
NOT_WHOLE = (
    "the PIM counts {counted:,} {what}, and only {found:,} of them are found: its listing ended "
    "early, or its search index lacks some or names some that are gone. The sweep is not whole and "
    "its watermark stays; nothing is deleted for it"
)
_GAP, _SHORT = "count_gap", "short listing of {}"


@dataclass(frozen=True, slots=True)
class Gap:
    """By how many products the store has more than the source counts, and the reverse (`short`).

    `known`: what stayed when everything had been compared: a damaged index, say. `seen`: at the
    last delta.
    """

    known: int = 0
    seen: int = 0
    known_short: int = 0
    seen_short: int = 0


@dataclass(frozen=True, slots=True)
class ShortListing:
    """A whole listing that lacked `lacking` items of the source's count, so many `times` in a row.

    `begun` is when it began, on the source's clock.
    """

    lacking: int
    times: int
    begun: datetime


def find_gap(census: Census, counted: int) -> int:
    """The store's surplus; what came lately may not have reached the source's index: pure."""
    return census.live - census.fresh - counted


def a_few_of(count: int) -> int:
    """How much a count may differ before it is far off: an index lags, and entries outlive."""
    return max(A_FEW, int(SHARE * count))


def is_surplus(gap: int, before: Gap, *, is_quiet: bool) -> bool:
    """Whether products must have been deleted silently: pure.

    While events come, a gap that was not there at the last delta may be one that they are about to
    close.
    """
    sure = gap if is_quiet else min(gap, before.seen)
    return sure > before.known


def is_shortage(short: int, before: Gap, *, is_quiet: bool, few: int) -> bool:
    """Whether the source has products that nobody told of: pure.

    A few must have been there at the last delta, too: the source counts what was made just now.
    Where some stayed when all had been compared (an index with entries of what is gone), a few more
    say nothing either.
    """
    sure = short if is_quiet and short > few else min(short, before.seen_short)
    return sure > before.known_short + (few if before.known_short else 0)


def is_lasting(lacking: int, before: ShortListing | None, *, few: int) -> bool:
    """Whether the same was lacking last time, so that listing all anew would not help: pure."""
    return before is not None and lacking <= before.lacking + few


async def find_difference(sweep: Sweep) -> str | None:
    """Why a delta cannot leave it at what changed, by the source's count; None: it can.

    Raises:
        SourceError: the source failed.
    """
    found = await _measure(sweep)
    if found is None:
        return None
    gap, short, counted, census = found
    before = await sweep.session.read(_read_gap)
    last = census.last_delivery_at
    is_quiet = last is None or last < sweep.session.now() - UNDER_WAY
    if is_surplus(gap, before, is_quiet=is_quiet):
        return TOO_MANY.format(gap=gap)
    if is_shortage(short, before, is_quiet=is_quiet, few=a_few_of(counted)):
        return TOO_FEW.format(gap=short)
    kept = Gap(
        known=max(0, min(before.known, gap)),
        seen=gap,
        known_short=max(0, min(before.known_short, short)),
        seen_short=short,
    )
    await _keep(sweep, kept)
    return None


async def keep_known_surplus(sweep: Sweep) -> None:
    """After everything was compared: what the store still has too many has another cause."""
    found = await _measure(sweep)
    if found is not None:
        known = max(0, found[0])
        before = await sweep.session.read(_read_gap)
        await _keep(sweep, replace(before, known=known, seen=known))


async def judge_products(sweep: Sweep, name: str, begun: datetime, *, unread: int) -> bool:
    """Whether a whole sweep of the products, begun then, has found what the source counts.

    Found: listed, or confirmed by its own key, or told of by an event that is not settled yet, or
    seen and `unread`. What is lacking twice in a row is known: no delta compares all for it again.
    """
    counted = await count_or_none(sweep.session.client.count_products())
    if counted is None:
        return True
    if sweep.dry_run:
        found = len(sweep.seen) + unread
        return await judge_count(sweep, name, "products", counted, found, begun=begun)
    census = await sweep.session.read(take_census, since=sweep.session.now())
    found = census.live + census.unsettled + unread
    is_whole = await judge_count(sweep, name, "products", counted, found, begun=begun)
    short = await sweep.session.read(read_short, name)
    if short is None or short.times > 1:
        known = max(0, counted - census.live)
        before = await sweep.session.read(_read_gap)
        await _keep(sweep, replace(before, known_short=known, seen_short=known))
    return is_whole


async def judge_list(
    sweep: Sweep, name: str, what: str, counted: int, found: int, *, begun: datetime
) -> bool:
    """As `judge_count`; true too where the same was lacking last time: it is listed no more often.

    For lists that are short and cheap beside the products: the alarm stands, and their watermark
    moves, so that what changes is found.
    """
    is_whole = await judge_count(sweep, name, what, counted, found, begun=begun)
    short = await sweep.session.read(read_short, name)
    return is_whole or (short is not None and short.times > 1)


async def judge_count(
    sweep: Sweep, name: str, what: str, counted: int, found: int, *, begun: datetime
) -> bool:
    """Whether a listing found what the source counts; far less is an alarm until it is whole.

    An alarm of its own, which the delta that lists all anew ends; one for failing sweeps would
    stand until the night.
    """
    lacking = counted - found
    if lacking <= a_few_of(counted):
        if lacking > 0:
            sweep.report.notes.append(f"the PIM counts {lacking} {what} more than are found")
        if not sweep.dry_run:
            await sweep.session.write(_forget_short, name, sweep.session.now())
        return True
    text = NOT_WHOLE.format(counted=counted, what=what, found=found)
    await raise_sweep_alarm(sweep, SHORT_ALARM, text)
    if not sweep.dry_run:
        few, now = a_few_of(counted), sweep.session.now()
        await sweep.session.write(_keep_short, name, lacking, few=few, begun=begun, now=now)
    return False


async def count_or_none(asked: Awaitable[int | None]) -> int | None:
    """The source's count; None where it does not tell, or cannot tell that alone.

    Raises:
        SourceError: it says something about the source.
    """
    try:
        return await asked
    except SourceError as error:
        if not concerns_one_list(error):
            raise
        log.info("the source does not tell how many there are: %s", error)
        return None


def read_short(tx: Transaction, name: str) -> ShortListing | None:
    """Read what the last whole listing of this name lacked; None if it was whole, or never was."""
    text = read_facts(tx).get(_SHORT.format(name))
    if not text:
        return None
    kept = as_object(load_json(text))
    return ShortListing(
        lacking=int(str(kept["lacking"])),
        times=int(str(kept["times"])),
        begun=datetime.fromisoformat(str(kept["begun"])),
    )


def _keep_short(
    tx: Transaction, name: str, lacking: int, *, few: int, begun: datetime, now: datetime
) -> None:
    before = read_short(tx, name)
    lasts = is_lasting(lacking, before, few=few)
    text: JsonObject = {
        "lacking": lacking,
        "times": before.times + 1 if before is not None and lasts else 1,
        "begun": begun.isoformat(),
    }
    save_fact(tx, name=_SHORT.format(name), value=dump_json(text), now=now)


def _forget_short(tx: Transaction, name: str, now: datetime) -> None:
    if read_short(tx, name) is not None:
        save_fact(tx, name=_SHORT.format(name), value="", now=now)
        prefix = _SHORT.format("")
        others = [text for fact, text in read_facts(tx).items() if fact.startswith(prefix)]
        if not any(others):
            clear_alarm(tx, name=SHORT_ALARM)


async def _measure(sweep: Sweep) -> tuple[int, int, int, Census] | None:
    """Surplus, shortage, count and census; None where events due may change it, or none is told."""
    since = sweep.session.now() - read_margins(sweep.session.settings).both
    before = await sweep.session.read(take_census, since=since)
    if before.unsettled:
        return None
    counted = await count_or_none(sweep.session.client.count_products())
    after = await sweep.session.read(take_census, since=since)
    is_same = (before.live, before.fresh) == (after.live, after.fresh)  # no drain worked meanwhile
    if counted is None or not is_same:
        return None
    return find_gap(after, counted), counted - after.live, counted, after


def _read_gap(tx: Transaction) -> Gap:
    text = read_facts(tx).get(_GAP)
    kept = as_object(load_json(text)) if text else {}
    names = ("known", "seen", "known_short", "seen_short")
    return Gap(*(int(str(kept.get(name, 0))) for name in names))


async def _keep(sweep: Sweep, gap: Gap) -> None:
    text = dump_json(
        {
            "known": gap.known,
            "seen": gap.seen,
            "known_short": gap.known_short,
            "seen_short": gap.seen_short,
        }
    )

    def keep(tx: Transaction) -> None:
        if read_facts(tx).get(_GAP) != text:
            save_fact(tx, name=_GAP, value=text, now=sweep.session.now())

    await sweep.session.write(keep)


def read_standing(tx: Transaction, whole: str, delta: str) -> tuple[Watermark | None, set[str]]:
    """From when on a delta looks, as `read_seen` says, and which alarms stand."""
    return read_seen(tx, whole, delta), {alarm.name for alarm in list_alarms(tx)}


def read_seen(tx: Transaction, whole: str, delta: str) -> Watermark | None:
    """From when on a delta looks: the watermark, else the start of a listing that was not whole.

    A source whose listing never shows all that it counts would have everything compared by each
    delta; what changes is found all the same.
    """
    watermark = read_watermark(tx, [whole, delta])
    if watermark is None and (short := read_short(tx, whole)) is not None:
        return Watermark(short.begun)
    return watermark
