"""Sweep of the product models, before the products: who hangs below whom comes first."""

from collections.abc import AsyncIterator, Mapping, Sequence

from flows.run import SEARCH_BY_DATE, in_thread
from flows.sweeps.doubts import (
    contain_list,
    count_or_none,
    judge_count,
    probe_once,
    read_short,
    read_standing,
)
from flows.sweeps.look_again import keep_left_out_models, look_again_at_models
from flows.sweeps.lookback import decide_reach, decide_since
from flows.sweeps.structure_lists import store_listed
from flows.sweeps.sweep import (
    CLOCK_ALARM,
    FILTER_ALARM,
    LEFT,
    Listing,
    Sweep,
    SweepHeld,
    add_counts,
    chain,
    finish_listing,
    forget_position,
    held_sweep,
    read_clocks,
    read_margins,
)
from pim.errors import ListingStuck, SourceError, SourceForbidden, SourceRequestRefused
from pim.ids import OrderNumber
from pim.reading import PAGE_LIMIT
from pim.reads import FailedItem, ItemPage, ItemRead
from pim.search import updated_since
from pim.vocabulary import CatalogKind
from storage import Transaction
from storage.catalog import count_items, list_codes, list_unseen
from storage.state import SweepStart, Watermark, save_position

KIND = CatalogKind.PRODUCT_MODEL
WHOLE = Listing(name="product_model/full")
DELTA = "product_model/delta"
DOUBTED = "product_model/delta-doubted"

NO_RIGHT = (
    "the connection may not read product models: their variants are mirrored, and the root of a "
    "variant below two models is not known ({error})"
)


async def sweep_models(sweep: Sweep, *, whole: bool = True) -> str:
    """Bring the mirrored models up to the source; answer in one line what was found.

    Not `whole`: those changed since the models' own watermark, by the rules of the products'
    delta. Goes on where an interrupted sweep of its name stopped. A model that a whole listing
    does not show is asked for by its own URL before it is removed; who uses it is read again.

    Raises:
        SweepHeld: another run is at it.
        SourceError: the source failed; the position is kept.
    """
    listing = WHOLE if whole else await _choose_listing(sweep)
    try:
        try:
            counts = await _sweep_listing(sweep, listing)
        except SourceRequestRefused as error:
            if listing.search is None:
                raise
            sweep.session.client.refused.note_refused(SEARCH_BY_DATE, error)
            listing = WHOLE
            counts = await _sweep_listing(sweep, listing)
    except SourceForbidden as error:
        await contain_list(sweep, KIND, error)
        sweep.note(NO_RIGHT.format(error=error))
        return NO_RIGHT.format(error=error)
    except SourceError as error:
        await contain_list(sweep, KIND, error)
        return f"product models cannot be listed, and keep their last state: {error}"
    except SweepHeld as error:
        if whole or not listing.whole:
            raise
        sweep.report.notes.append(f"product models: {LEFT}: {error}")
        return LEFT
    sweep.swept.add(KIND)
    changed = counts.get("changed", 0)
    if changed:
        sweep.report.structure[KIND] += changed
    which = "" if listing.whole else " changed lately"
    return f"{counts.get('listed', 0)} product models{which} listed: {changed} differed"


async def _choose_listing(sweep: Sweep) -> Listing:
    """What a delta lists: everything where the watermark, the clock or the filter is in doubt."""
    watermark, standing = await sweep.session.read(_read_stored)
    if watermark is None or CLOCK_ALARM in standing:
        return WHOLE
    clocks, margins = await read_clocks(sweep), read_margins(sweep.session.settings)
    since = decide_since(watermark, clocks, margins)
    if since is None:
        return WHOLE
    probed = await probe_once(sweep, clocks.source - margins.both)
    if probed.rewound:
        return WHOLE
    reach = decide_reach(since, probed, was_broken=FILTER_ALARM in standing)
    return Listing(
        name=DELTA if probed.trusted else DOUBTED,
        search=updated_since(reach, sweep.session.settings.timezone),
        whole=False,
        moves_watermark=probed.trusted,
    )


def _read_stored(tx: Transaction) -> tuple[Watermark | None, set[str]]:
    watermark, standing = read_standing(tx, WHOLE.name, DELTA)
    short = read_short(tx, WHOLE.name)
    ended_early = short is not None and short.times == 1  # only that once, maybe
    return None if ended_early else watermark, standing


async def _sweep_listing(sweep: Sweep, listing: Listing) -> Mapping[str, int]:
    if not listing.whole:
        await look_again_at_models(sweep)
    first_number = await in_thread(sweep.session.store.draw_number)
    pages = sweep.session.client.model_pages(search=listing.search)
    first = await anext(pages)
    if sweep.dry_run:
        return await _compare_listing(sweep, listing, chain(first, pages))
    async with held_sweep(
        sweep, listing.name, first_number=first_number, source_now=first.interval.read_at
    ) as start:
        try:
            counts = await _store_pages(sweep, listing, start, _resume(sweep, start, first, pages))
        except ListingStuck:
            await forget_position(sweep, listing.name, start.counts)
            raise
        if listing.whole:
            counts = add_counts(counts, await _confirm_unseen(sweep, start.first_number))
        await keep_left_out_models(sweep)
        is_whole = not listing.whole or await _is_as_counted(sweep, start)
        await finish_listing(sweep, listing, start.source_started_at if is_whole else None)
    return counts


async def _resume(
    sweep: Sweep, start: SweepStart, first: ItemPage, pages: AsyncIterator[ItemPage]
) -> AsyncIterator[ItemPage]:
    """Go on at the position; from the start where there is none, or its cursor is not taken."""
    begun = False
    if start.resumed and start.position is not None:
        try:
            async for page in sweep.session.client.model_pages(position=start.position):
                begun = True
                yield page
        except SourceRequestRefused:
            if begun:
                raise
    if not begun:
        async for page in chain(first, pages):
            yield page


async def _store_pages(
    sweep: Sweep, listing: Listing, start: SweepStart, pages: AsyncIterator[ItemPage]
) -> Mapping[str, int]:
    counts: Mapping[str, int] = start.counts
    position = start.position
    async for page in pages:
        position = page.next_position or position
        _leave_out(sweep, page.failed)
        for odd in page.odd:
            sweep.note(f"product models: {odd}")
        changed = await store_listed(sweep, page.reads)
        counts = add_counts(counts, {"listed": len(page.reads), "changed": changed})
        await _save(sweep, listing, position, counts)
        sweep.progress(counts["listed"], None, "product models")
    return counts


async def _save(
    sweep: Sweep, listing: Listing, position: str | None, counts: Mapping[str, int]
) -> None:
    await sweep.session.write(
        save_position, name=listing.name, holder=sweep.holder, position=position, counts=counts
    )


async def _confirm_unseen(sweep: Sweep, first_number: OrderNumber) -> Mapping[str, int]:
    """Ask by its own URL for each model that no read since the sweep began has shown."""
    changed = 0
    after: str | None = None
    while codes := await sweep.session.read(
        list_unseen, KIND, "", first_number=first_number, after=after, limit=PAGE_LIMIT
    ):
        after = codes[-1]
        changed += await store_listed(sweep, await _read_each(sweep, codes))
    return {"changed": changed}


async def _is_as_counted(sweep: Sweep, start: SweepStart) -> bool:
    """Whether as many models are found as the source counts."""
    counted = await count_or_none(sweep.session.client.count_items(KIND))
    if counted is None:
        return True
    stored = await sweep.session.read(count_items, KIND, "")
    found = stored + len(sweep.models_left_out)
    return await judge_count(
        sweep, WHOLE.name, "product models", counted, found, begun=start.source_started_at
    )


async def _read_each(sweep: Sweep, codes: Sequence[str]) -> list[ItemRead]:
    answers = [await sweep.session.client.read_model(code) for code in codes]
    _leave_out(sweep, [answer for answer in answers if isinstance(answer, FailedItem)])
    return [answer for answer in answers if isinstance(answer, ItemRead)]


async def _compare_listing(
    sweep: Sweep, listing: Listing, pages: AsyncIterator[ItemPage]
) -> Mapping[str, int]:
    """Count what differs, and write nothing."""
    shown: set[str] = set()
    changed = 0
    async for page in pages:
        shown |= {read.reference.code.casefold() for read in page.reads}
        changed += await store_listed(sweep, page.reads)
        sweep.progress(len(shown), None, "product models")
    if listing.whole:
        stored = await sweep.session.read(list_codes, KIND)
        hidden = [code for code in stored if code.casefold() not in shown]
        changed += await store_listed(sweep, await _read_each(sweep, sorted(hidden)))
    return {"listed": len(shown), "changed": changed}


def _leave_out(sweep: Sweep, failed: Sequence[FailedItem]) -> None:
    for each in failed:
        sweep.leave_out_model(each.reference.code, str(each.error))
