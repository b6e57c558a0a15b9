"""Live products that a whole listing did not show: each is asked for before it is deleted."""

from collections.abc import Sequence

from flows.enrich import render_reads
from flows.report import FoundDrift
from flows.stored_names import stored_identifiers
from flows.sweep import Sweep
from flows.threads import in_thread
from flows.unlisted import tell_of_unlisted
from flows.writing import WriteReport, write_reads
from pim.ids import OrderNumber, ProductKey
from pim.reads import FailedRead, ProductRead
from pim.vocabulary import Drift
from storage.products import Written
from storage.sweep_pages import list_orphans

BATCH = 100
HELD = (
    "products are not shown by the PIM any more, and nobody said that they were deleted: they stay "
    "until `akeneo-sync approve` decides; if they are in the PIM, the connection lost its right to "
    "see them, and a sweep after it got it back keeps them by itself"
)


async def confirm_orphans(sweep: Sweep, first_number: OrderNumber) -> None:
    """Ask the source for every live product that no read since `first_number` has seen.

    Found: written like any read; the listing had just not shown it. Absent: nothing is deleted
    before all have been asked for, so that what is held is held as a whole.
    """
    absent: list[ProductRead] = []
    unlisted = 0
    after: ProductKey | None = None
    while keys := await in_thread(_next_batch, sweep, first_number, after):
        after = keys[-1]
        suspects = [key for key in keys if key not in sweep.seen]
        if suspects:
            missing = await confirm_absences(sweep, suspects)
            unlisted += len(suspects) - len(missing)
            absent += missing
        sweep.progress(sweep.report.products, None, "products not listed")
    await tell_of_unlisted(sweep, unlisted)
    await delete_absent(sweep, absent)


def _next_batch(
    sweep: Sweep, first_number: OrderNumber, after: ProductKey | None
) -> list[ProductKey]:
    with sweep.session.store.read() as tx:
        return list_orphans(tx, first_number=first_number, after=after, limit=BATCH)


async def confirm_absences(sweep: Sweep, keys: Sequence[ProductKey]) -> list[ProductRead]:
    """Ask for products by their keys, write those that are there, answer the absences."""
    answers = await sweep.session.client.read_products(
        keys, identifiers=await stored_identifiers(sweep.session, keys)
    )
    reads = [answer for answer in answers if isinstance(answer, ProductRead)]
    failed = [answer for answer in answers if isinstance(answer, FailedRead)]
    sweep.report.failed += [(each.key, str(each.error)) for each in failed]
    if not sweep.dry_run:
        await _write(sweep, [read for read in reads if read.product is not None])
    return [read for read in reads if read.product is None]


async def delete_absent(sweep: Sweep, absent: Sequence[ProductRead]) -> None:
    """Write the absences as tombstones, or hold them all; a dry run reports them."""
    if sweep.dry_run:
        for read in absent:
            sweep.report.found(_orphan(read.key))
        return
    written = await _write(sweep, absent)
    for read in absent:
        result = written.results.get(read.key)
        deleted = result is not None and result.written is Written.DELETED
        if deleted or read.key in written.held:
            sweep.report.found(_orphan(read.key))
            sweep.report.repaired += deleted
    if written.held:
        sweep.report.notes.append(f"{len(written.held)} {HELD}")


async def _write(sweep: Sweep, reads: Sequence[ProductRead]) -> WriteReport:
    writes, unrendered = await render_reads(sweep.session, reads)
    written = await write_reads(sweep.session, writes)
    sweep.report.failed += [(each.key, str(each.error)) for each in [*unrendered, *written.failed]]
    sweep.report.held += len(written.held)
    return written


def _orphan(key: ProductKey) -> FoundDrift:
    return FoundDrift(drift=Drift.ORPHAN, key=key, identifier=None, family=None)
