"""Sweeping the products: every page compared by content hash, differences written."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from flows.drift import tell_drift
from flows.enrich import render_reads
from flows.orphans import confirm_orphans
from flows.report import FoundDrift, drift_age
from flows.sweep import Sweep, add_counts, held_sweep
from flows.threads import in_thread
from flows.writing import WriteReport, write_reads
from pim.decision import StoredMark
from pim.errors import SourceRequestRefused
from pim.ids import ProductKey
from pim.reads import ProductPage, ProductRead
from storage.engine import Transaction
from storage.products import Written, read_marks
from storage.sweep_pages import Compared, compare_page, touch_unchanged
from storage.sweeps import SweepStart, finish_sweep, save_position

FULL = "products/full"
REPAIRS = {Written.CREATED, Written.UPDATED, Written.RESTORED, Written.DELETED}
DIFFERS = {Compared.MISSING, Compared.DIFFERENT, Compared.REWOUND}


@dataclass(frozen=True, slots=True)
class _Verdicts:
    compared: Mapping[ProductKey, Compared]
    marks: Mapping[ProductKey, StoredMark]

    def of(self, *verdicts: Compared) -> set[ProductKey]:
        return {key for key, verdict in self.compared.items() if verdict in verdicts}


async def sweep_products(sweep: Sweep) -> str:
    """Read every product page by page, repair what differs, and confirm what was not seen.

    Answers in one line what was found.

    Goes on where an interrupted sweep stopped. Whole only when the orphans were confirmed too.

    Raises:
        SweepHeld: another run is at it.
        SourceError: the source failed; the position is kept.
    """
    first_number = await in_thread(sweep.session.store.draw_number)
    pages = sweep.session.client.product_pages()
    first = await anext(pages)
    if sweep.dry_run:
        await _sweep_pages(sweep, _chain(first, pages), {})
        await confirm_orphans(sweep, first_number)
        return sweep.report.summary()
    async with held_sweep(
        sweep, FULL, first_number=first_number, source_now=first.source_time
    ) as start:
        await _sweep_pages(sweep, _pages_from(sweep, start, first, pages), start.counts)
        await confirm_orphans(sweep, start.first_number)
        await in_thread(
            sweep.session.store.run,
            lambda tx: finish_sweep(
                tx,
                name=FULL,
                holder=sweep.holder,
                watermark=start.source_started_at,
                now=sweep.session.now(),
            ),
        )
    return sweep.report.summary()


def _pages_from(
    sweep: Sweep, start: SweepStart, first: ProductPage, pages: AsyncIterator[ProductPage]
) -> AsyncIterator[ProductPage]:
    if not start.resumed or start.position is None:
        return _chain(first, pages)
    sweep.report.notes.append(
        "goes on where an earlier run stopped; what changed behind that position without moving "
        "`updated` is left to the next full sweep"
    )
    return _resume(sweep, start.position, first, pages)


async def _chain(
    first: ProductPage, pages: AsyncIterator[ProductPage]
) -> AsyncIterator[ProductPage]:
    yield first
    async for page in pages:
        yield page


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
        async for page in _chain(first, pages):
            yield page


async def _sweep_pages(
    sweep: Sweep, pages: AsyncIterator[ProductPage], counts: Mapping[str, int]
) -> None:
    async for page in pages:
        done = await _sweep_page(sweep, page)
        counts = add_counts(counts, done)
        sweep.report.products += len(page.reads)
        sweep.report.failed += [(each.key, str(each.error)) for each in page.failed]
        if not sweep.dry_run:
            await _save_page(sweep, page, counts)
        sweep.progress(sweep.report.products, None, "products")


async def _sweep_page(sweep: Sweep, page: ProductPage) -> dict[str, int]:
    verdicts = await in_thread(_compare, sweep, page.reads)
    sweep.seen |= {read.key for read in page.reads} if sweep.dry_run else set()
    if sweep.dry_run:
        differing = verdicts.of(*DIFFERS)
        for read in page.reads:
            if read.key in differing:
                sweep.report.found(_drift(sweep, read, verdicts))
        return {"products": len(page.reads), "drift": len(differing)}
    wanted = verdicts.of(*DIFFERS, Compared.MOVED)
    written = await _repair(sweep, [read for read in page.reads if read.key in wanted])
    repaired = 0
    for read in page.reads:
        result = written.results.get(read.key)
        if result is not None and result.written in REPAIRS:
            repaired += 1
            sweep.report.found(_drift(sweep, read, verdicts))
    sweep.report.repaired += repaired
    return {"products": len(page.reads), "repaired": repaired}


def _compare(sweep: Sweep, reads: Sequence[ProductRead]) -> _Verdicts:
    with sweep.session.store.read() as tx:
        compared = compare_page(tx, reads)
        differing = [key for key, verdict in compared.items() if verdict in DIFFERS]
        return _Verdicts(compared, read_marks(tx, differing))


async def _repair(sweep: Sweep, reads: Sequence[ProductRead]) -> WriteReport:
    writes, unrendered = await render_reads(sweep.session, reads)
    written = await write_reads(sweep.session, writes)
    failed = [*unrendered, *written.failed]
    sweep.report.failed += [(each.key, str(each.error)) for each in failed]
    sweep.report.held += len(written.held)
    return written


async def _save_page(sweep: Sweep, page: ProductPage, counts: Mapping[str, int]) -> None:
    """Move the read columns of what was unchanged, and the position: one transaction."""

    def save(tx: Transaction) -> None:
        touch_unchanged(tx, page.reads)
        save_position(
            tx, name=FULL, holder=sweep.holder, position=page.next_position, counts=counts
        )

    await in_thread(sweep.session.store.run, save)


def _drift(sweep: Sweep, read: ProductRead, verdicts: _Verdicts) -> FoundDrift:
    product = read.product
    stored = verdicts.marks.get(read.key)
    drift = tell_drift(read, stored, verdicts.compared.get(read.key))
    return FoundDrift(
        drift=drift,
        key=read.key,
        identifier=product.identifier if product else None,
        family=product.family if product else None,
        age=drift_age(drift, product.updated if product else None, sweep.session.now()),
    )
