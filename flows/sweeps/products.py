"""Sweep of the products: a listing page by page, resumable, one run at a time."""

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass

from flows.run import in_thread
from flows.sweeps.doubts import (
    PRODUCTS,
    contain_list,
    count_or_none,
    judge_list,
    judge_products,
    note_begun,
    note_printing,
    note_whole,
)
from flows.sweeps.look_again import keep_left_out_products, look_again_at_products
from flows.sweeps.moved_keys import finish_move, tell_dry_run
from flows.sweeps.orphans import confirm_orphans
from flows.sweeps.pages import UNDECIDED, save_page, sweep_page
from flows.sweeps.sweep import (
    Listing,
    Sweep,
    add_counts,
    chain,
    finish_listing,
    forget_position,
    held_sweep,
    read_ahead,
    read_margins,
)
from pim.blame import concerns_one_list
from pim.errors import SourceError, SourceRequestRefused, SyncError
from pim.ids import OrderNumber
from pim.reads import ProductPage
from storage.state import SweepStart

WHOLE = Listing()
"""All products."""


@dataclass(frozen=True, slots=True)
class _Swept:
    """How far a listing was swept: to its end, and with all that it showed or lacked decided."""

    is_listed: bool
    is_decided: bool


class FilterFails(SyncError):  # noqa: N818 - named like the fact it reports
    """The source reads products, but does not list them by this search; `error` says why."""

    def __init__(self, error: SourceError) -> None:
        super().__init__(str(error))
        self.error = error


async def sweep_products(sweep: Sweep, listing: Listing = WHOLE) -> str:
    """Read a listing page by page, repair what differs, and confirm what a whole one lacks.

    Goes on where an interrupted sweep of this name stopped. The watermark moves only when all of
    it is done, to the start of the first of its runs on the source's clock. Answers in one line
    what was found.

    Raises:
        SweepHeld: another run is at it.
        FilterFails: products are read, but not listed by this search.
        SourceError: the source failed; the position is kept.
    """
    if not listing.whole:
        await look_again_at_products(sweep)
    first_number = await in_thread(sweep.session.store.draw_number)
    before = (sweep.report.products, len(sweep.report.failed))
    pages = sweep.session.client.product_pages(search=listing.search)
    try:
        first = await anext(pages)
    except SourceError as error:
        return await _sweep_unlisted(sweep, listing, first_number, error)
    if sweep.dry_run:
        await _compare_only(sweep, listing, first, pages, first_number)
        return sweep.report.summary()
    async with held_sweep(
        sweep, listing.name, first_number=first_number, source_now=first.source_time
    ) as start:
        counted = await _count_changed(sweep, listing, start, first)
        swept = await _sweep_held(sweep, listing, start, first, pages)
        is_whole = swept.is_listed and await _is_as_counted(sweep, listing, start, counted, before)
        whole = start.source_started_at if is_whole and swept.is_decided else None
        await keep_left_out_products(sweep)
        await finish_listing(sweep, listing, whole)
    if listing.whole:
        margins = read_margins(sweep.session.settings)
        await note_printing(sweep, start.source_started_at - margins.both)
    return sweep.report.summary()


async def _compare_only(
    sweep: Sweep,
    listing: Listing,
    first: ProductPage,
    pages: AsyncIterator[ProductPage],
    first_number: OrderNumber,
) -> None:
    """A dry run: nothing is held, kept or written."""
    failed = len(sweep.report.failed)
    await tell_dry_run(sweep)
    await _sweep_pages(sweep, listing, chain(first, pages), None)
    if listing.whole:
        await confirm_orphans(sweep, first_number)
        unread = len(sweep.report.failed) - failed
        await judge_products(sweep, listing.name, first.source_time, unread=unread)


async def _sweep_held(
    sweep: Sweep,
    listing: Listing,
    start: SweepStart,
    first: ProductPage,
    pages: AsyncIterator[ProductPage],
) -> _Swept:
    """Sweep the pages, and what a whole listing lacked."""
    if listing.whole and not start.resumed:
        await note_begun(sweep)
    counts = await _sweep_pages(sweep, listing, _pages_from(sweep, start, first, pages), start)
    is_listed = counts is not None
    is_decided = counts is not None and not counts.get(UNDECIDED)
    if listing.whole:
        listed = len(sweep.report.failed)
        is_decided &= await confirm_orphans(sweep, start.first_number)
        sweep.name_left_out(listed)
    if listing.whole and is_listed:
        await finish_move(sweep)
        await note_whole(sweep)
    return _Swept(is_listed, is_decided)


async def _count_changed(
    sweep: Sweep, listing: Listing, start: SweepStart, first: ProductPage
) -> int | None:
    """How many products match, before they are listed; None where one page shows them all."""
    is_one_page = first.next_position is None
    if listing.whole or start.resumed or is_one_page or not listing.moves_watermark:
        return None
    return await count_or_none(sweep.session.client.count_products(search=listing.search))


async def _is_as_counted(
    sweep: Sweep,
    listing: Listing,
    start: SweepStart,
    counted: int | None,
    before: tuple[int, int],
) -> bool:
    """Whether what was found is what the source counts; `before`: what the report had then."""
    begun, unread = start.source_started_at, len(sweep.report.failed) - before[1]
    if listing.whole:
        return await judge_products(sweep, listing.name, begun, unread=unread)
    if counted is None:
        return True
    listed = sweep.report.products - before[0] + unread
    return await judge_list(sweep, listing.name, "changed products", counted, listed, begun=begun)


async def _sweep_unlisted(
    sweep: Sweep, listing: Listing, first_number: OrderNumber, error: SourceError
) -> str:
    """Where not even the first page can be had: read by key what is stored; nothing new is found.

    Raises:
        FilterFails: it is the search that fails, perhaps.
        SourceError: `error`, where the source does not read products either.
    """
    if not await _fails_alone(sweep, error):
        raise error
    if listing.search is not None:
        raise FilterFails(error)
    await contain_list(sweep, PRODUCTS, error)
    sweep.report.tell_not_whole(f"the products cannot be listed: {error}")
    await confirm_orphans(sweep, first_number)
    await keep_left_out_products(sweep)
    return sweep.report.summary()


def _pages_from(
    sweep: Sweep, start: SweepStart, first: ProductPage, pages: AsyncIterator[ProductPage]
) -> AsyncIterator[ProductPage]:
    if not start.resumed or start.position is None:
        return chain(first, pages)
    sweep.report.notes.append(
        "goes on where an earlier run stopped; what changed behind that position without moving "
        "`updated` is left to the next full sweep"
    )
    return _resume(sweep, start.position, first, pages)


async def _resume(
    sweep: Sweep, position: str, first: ProductPage, pages: AsyncIterator[ProductPage]
) -> AsyncIterator[ProductPage]:
    """Go on at a position; from the start if the source does not take its cursor any more."""
    begun = False
    try:
        async for page in sweep.session.client.product_pages(position=position):
            begun = True
            yield page
    except SourceRequestRefused as error:
        if begun:
            raise
        sweep.report.notes.append(f"the position was refused, so it began anew: {error}")
        async for page in chain(first, pages):
            yield page


async def _sweep_pages(
    sweep: Sweep,
    listing: Listing,
    pages: AsyncIterator[ProductPage],
    start: SweepStart | None,
) -> Mapping[str, int] | None:
    """Sweep page by page, and answer the counts; those of an interrupted sweep's pages included.

    The last page's own position is kept for what comes after the pages. None where the listing
    failed before its end while the source answers: what it lacked is known to be incomplete, so the
    next sweep begins anew, and no watermark moves.
    """
    counts: Mapping[str, int] = start.counts if start else {}
    position = start.position if start else None
    try:
        async with aclosing(read_ahead(pages)) as coming:
            async for page in coming:
                position = page.next_position or position
                done = await sweep_page(sweep, page, watches_events=listing.watches_events)
                counts = add_counts(counts, done)
                sweep.report.products += len(page.reads)
                sweep.leave_out((each.key, str(each.error)) for each in page.failed)
                for odd in page.odd:
                    sweep.note(f"products: {odd}")
                if not sweep.dry_run:
                    await save_page(sweep, listing.name, page, position=position, counts=counts)
                sweep.progress(sweep.report.products, None, "products")
    except SourceError as error:
        if not await _fails_alone(sweep, error):
            raise
        await contain_list(sweep, PRODUCTS, error)
        sweep.report.tell_not_whole(f"the listing of the products failed before its end: {error}")
        if start is not None:
            await forget_position(sweep, listing.name, counts)
        return None
    sweep.swept.add(PRODUCTS)
    return counts


async def _fails_alone(sweep: Sweep, error: SourceError) -> bool:
    """Whether the source reads products, and only their listing fails."""
    return concerns_one_list(error) and await sweep.session.client.reads_products_now()
