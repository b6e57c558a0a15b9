"""Probe of the source's `updated` filter, asked with products that we know."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flows.run import Session
from flows.sweeps.lookback import CLOCK_CHANGE, Probed, Verdict
from flows.sweeps.sweep import Sweep
from pim.blame import may_be_of_one
from pim.errors import SourceError
from pim.ids import ProductKey
from pim.json_types import JsonObject, JsonValue
from pim.printed_time import (
    MOST_APART,
    STEP,
    Printing,
    find_shift,
    is_other_zone,
    other_printings,
    printed_offset,
    saved_at,
)
from pim.product import SourceProduct, is_uuid
from pim.search import name_of, products_named, updated_at, updated_since
from pim.vocabulary import Identity
from storage import Transaction
from storage.inbox import read_delays
from storage.products import DatedProduct, list_dated_products
from storage.state import read_printing, save_printing

CANDIDATES = 100  # one call; many may have been edited since, and then say nothing
ASKED = 8
EVENTS = 100


@dataclass(frozen=True, slots=True)
class FilterAnswer:
    """What the filter did with the products that were saved in one second, `updated`.

    `exact`: it let one through when asked for that very second; `since`: when asked for all that
    changed from then on. `simple`: no model's later date can have played a part.
    """

    updated: datetime
    simple: bool
    exact: bool
    since: bool


def judge_filter(answers: Sequence[FilterAnswer]) -> Probed:
    """What the answers say together: pure.

    One product in its very second is proof, however many are not returned: of those that a two-way
    association saved along, the search index is not told. A variant that only the open question
    lets through may owe it to its models.
    """
    exact = [answer for answer in answers if answer.exact]
    if exact:
        return Probed(Verdict.WORKS, exact[0].updated)
    early = [answer for answer in answers if answer.simple and answer.since]
    if early:
        return Probed(Verdict.EARLY, early[0].updated)
    if any(not answer.since for answer in answers):
        return Probed(Verdict.BROKEN)
    return Probed(Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A product as the source shows it now; `text` is its `updated` as printed."""

    key: ProductKey
    identifier: str | None
    text: JsonValue
    simple: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """The candidates, how their times are known to be printed, and what events say of it."""

    candidates: Sequence[_Candidate]
    printing: Printing
    told: timedelta | None
    rewound: int = 0


async def probe_filter(session: Session, settled: datetime) -> Probed:
    """Ask the filter for products by the `updated` that they have now: it must return them.

    A wrong time zone or a damaged index shows here, instead of as a green sweep of nothing; and a
    source that prints `updated` with the offset of another clock, whose filter is right.
    `settled`: what changed before has reached the search index. Unknown: every candidate was
    edited later than that, or owes its place to its models.
    """
    known = await _known(session, settled)
    zone = session.settings.timezone
    others = {
        each for it in known.candidates for each in other_printings(it.text, zone, known.told)
    }
    possible = [each for each in Printing if each is Printing.AS_MEANT or each in others]
    found: Probed | None = None
    # What was known last time is asked for first.
    for printing in sorted(possible, key=lambda each: each is not known.printing):
        answers = await _ask_all(session, known, printing)
        if any(answer.exact for answer in answers):
            found = replace(judge_filter(answers), printing=printing)
            break
        if printing is Printing.AS_MEANT:
            found = judge_filter(answers)
    return replace(found or Probed(Verdict.UNKNOWN), rewound=known.rewound)


async def probe_once(sweep: Sweep, settled: datetime) -> Probed:
    """Probe the filter once a run: products and models are filtered by the same reading of time."""
    if sweep.probed is None:
        try:
            sweep.probed = await probe_filter(sweep.session, settled)
        except SourceError as error:
            client = sweep.session.client
            if not may_be_of_one(error) or not await client.reads_products_now():
                raise
            sweep.probed = Probed(Verdict.UNKNOWN)  # whoever lists by the filter says what fails
        else:
            await _keep_printing(sweep)
    return sweep.probed


async def note_printing(sweep: Sweep, settled: datetime) -> None:
    """After a whole sweep that saw times with an offset: find out how they are printed.

    Drains go by it: they must not take a save for older than it is.
    """
    if sweep.sees_offsets:
        await probe_once(sweep, settled)


async def _keep_printing(sweep: Sweep) -> None:
    """Remember how the source prints `updated`, for drains, and for the next probe."""
    probed, now = sweep.probed, sweep.session.now()
    if probed is None or probed.verdict is not Verdict.WORKS or sweep.dry_run:
        return
    printing = sweep.printing = probed.printing
    await sweep.session.write(save_printing, printing, now=now)


async def _known(session: Session, settled: datetime) -> _Known:
    """Products with their `updated` as the source says it now, and how many are older than stored.

    Older by less than the clock doubt is what two nodes make of one product; by less than a change
    of clocks, where times are misprinted; by a zone's offset, where they are not any more.
    """
    stored, printing, told = await session.read(_read_stored, settled)
    if session.facts.identity is not Identity.IDENTIFIER:
        stored = [probe for probe in stored if is_uuid(probe.key)]  # called otherwise by now
    if not stored:
        return _Known((), printing, told)
    reads = await session.client.read_products(
        [probe.key for probe in stored],
        identifiers={p.key: p.identifier for p in stored if p.identifier is not None},
    )
    now = {read.key: read.product for read in reads.found if read.product is not None}
    zone = session.settings.timezone

    def is_settled(product: SourceProduct) -> bool:
        text = product.body.get("updated")
        readings = {printing, *other_printings(text, zone, told)}
        times = [saved_at(text, each, zone) for each in readings]
        return all(each is not None and each < settled for each in times)

    doubt = timedelta(seconds=session.settings.clock_doubt_seconds)
    if printing is not Printing.AS_MEANT:
        doubt += CLOCK_CHANGE
    return _Known(
        candidates=[
            _Candidate(p.key, product.identifier, product.body.get("updated"), not product.parent)
            for p in stored
            if (product := now.get(p.key)) is not None and is_settled(product)
        ],
        printing=printing,
        told=told,
        rewound=sum(
            (product := now.get(p.key)) is not None and _is_older(p, product, doubt, printing)
            for p in stored
        ),
    )


def _is_older(
    probe: DatedProduct, product: SourceProduct, doubt: timedelta, printing: Printing
) -> bool:
    """Whether the source shows an older state than is stored, and not one time in another print."""
    if product.updated is None:
        return False
    behind = probe.updated - product.updated
    is_offset = behind < MOST_APART and behind % STEP == timedelta(0)
    may_be_misprint = printing is not Printing.AS_MEANT or printed_offset(
        product.body.get("updated")
    )
    return behind > doubt and not (is_offset and may_be_misprint)


def _read_stored(
    tx: Transaction, before: datetime
) -> tuple[list[DatedProduct], Printing, timedelta | None]:
    found = list_dated_products(tx, before=before, limit=CANDIDATES)
    return found, read_printing(tx), find_shift(read_delays(tx, limit=EVENTS))


async def _ask_all(session: Session, known: _Known, printing: Printing) -> list[FilterAnswer]:
    """Ask for the newest seconds in which candidates were saved, until one is proof."""
    zone = session.settings.timezone
    seconds: defaultdict[datetime, list[_Candidate]] = defaultdict(list)
    for each in known.candidates:
        at = saved_at(each.text, printing, zone)
        if at is not None:
            seconds[at.replace(microsecond=0)].append(each)
    answers: list[FilterAnswer] = []
    for at in sorted(seconds, reverse=True)[:ASKED]:
        answers.append(await _ask(session, at, seconds[at]))
        if answers[-1].exact:
            break
    return answers


async def _ask(session: Session, at: datetime, saved: Sequence[_Candidate]) -> FilterAnswer:
    """Ask for all that were saved in one second together: one of them is enough."""
    zone = session.settings.timezone
    simple = [each for each in saved if each.simple]
    asked = simple or saved
    if any(is_other_zone(zone, each.text) for each in asked):
        return FilterAnswer(at, simple=bool(simple), exact=False, since=False)
    exact = await _is_returned(session, asked, updated_at(at, zone))
    since = exact or await _is_returned(session, asked, updated_since(at, zone))
    return FilterAnswer(at, simple=bool(simple), exact=exact, since=since)


async def _is_returned(session: Session, asked: Sequence[_Candidate], changed: JsonObject) -> bool:
    identity = session.facts.identity
    names = [name_of(each.key, each.identifier, identity) for each in asked]
    search = {**changed, **products_named(names, identity)}
    keys = {each.key for each in asked}
    pages = session.client.product_pages(search=search)
    return any([read.key in keys async for page in pages for read in page.reads])
