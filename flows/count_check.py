"""Whether the source counts fewer products than the store has: deletions of which no event came.

A delta lists what changed; what is gone changes no more. The source's count costs one call, and
tells within minutes what else the next full sweep would find.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flows.source_clock import margins_of
from flows.sweep import Sweep
from flows.threads import in_thread
from pim.canonical import dump_json, load_json
from pim.json_types import as_object
from storage.census import Census, take_census
from storage.engine import Transaction
from storage.facts import read_facts, save_fact

UNDER_WAY = timedelta(minutes=2)
"""An event of a younger deletion may still be under way."""

TOO_MANY = (
    "the store has {gap} products more than the PIM counts: deletions whose events never came, or "
    "rights that were lost; everything is compared"
)
_FACT = "count_gap"


@dataclass(frozen=True, slots=True)
class Gap:
    """By how many products the store has more than the source counts.

    `known`: what stayed when everything had been compared: a damaged index, say. `seen`: at the
    last delta.
    """

    known: int = 0
    seen: int = 0


def find_gap(census: Census, counted: int) -> int:
    """The store's surplus; what came lately may not have reached the source's index: pure."""
    return census.live - census.fresh - counted


def is_surplus(gap: int, before: Gap, *, is_quiet: bool) -> bool:
    """Whether products must have been deleted silently: pure.

    While events come, a gap that was not there at the last delta may be one that they are about to
    close.
    """
    sure = gap if is_quiet else min(gap, before.seen)
    return sure > before.known


async def find_surplus(sweep: Sweep) -> int | None:
    """By how many products the store has too many for a delta to leave it at that; None if not.

    Raises:
        SourceError: the source failed.
    """
    found = await _measure(sweep)
    if found is None:
        return None
    gap, census = found
    before = await in_thread(_read_gap, sweep)
    quiet_since = sweep.session.now() - UNDER_WAY
    last = census.last_delivery_at
    if is_surplus(gap, before, is_quiet=last is None or last < quiet_since):
        return gap
    await _keep(sweep, Gap(known=max(0, min(before.known, gap)), seen=gap))
    return None


async def keep_known_gap(sweep: Sweep) -> None:
    """After everything was compared: what gap there still is has another cause."""
    found = await _measure(sweep)
    if found is not None:
        await _keep(sweep, Gap(known=max(0, found[0]), seen=found[0]))


async def _measure(sweep: Sweep) -> tuple[int, Census] | None:
    """The gap and the census behind it; None where events due may change it, or none is told."""
    since = sweep.session.now() - margins_of(sweep.session.settings).both
    before = await in_thread(_census, sweep, since)
    if before.unsettled:
        return None
    counted = await sweep.session.client.count_products()
    after = await in_thread(_census, sweep, since)
    is_same = (before.live, before.fresh) == (after.live, after.fresh)  # no drain worked meanwhile
    if counted is None or not is_same:
        return None
    return find_gap(after, counted), after


def _census(sweep: Sweep, since: datetime) -> Census:
    with sweep.session.store.read() as tx:
        return take_census(tx, since=since)


def _read_gap(sweep: Sweep) -> Gap:
    with sweep.session.store.read() as tx:
        text = read_facts(tx).get(_FACT)
    kept = as_object(load_json(text)) if text else {}
    return Gap(int(str(kept.get("known", 0))), int(str(kept.get("seen", 0))))


async def _keep(sweep: Sweep, gap: Gap) -> None:
    text = dump_json({"known": gap.known, "seen": gap.seen})

    def keep(tx: Transaction) -> None:
        if read_facts(tx).get(_FACT) != text:
            save_fact(tx, name=_FACT, value=text, now=sweep.session.now())

    await in_thread(sweep.session.store.run, keep)
