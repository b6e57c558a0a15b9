"""Live products that a whole listing did not show: asked for before any is deleted.

Those that the source has all the same are missing in its search index.
"""

from collections.abc import Sequence

from flows.sweeps.report import FoundDrift
from flows.sweeps.sweep import Sweep, clear_sweep_alarm, raise_sweep_alarm, store_products
from flows.write_path import stored_identifiers
from pim.ids import OrderNumber, ProductKey
from pim.reading import PAGE_LIMIT
from pim.reads import ProductRead
from pim.vocabulary import Drift
from storage.products import Written, count_products, list_orphans

HELD = (
    "products are not shown by the PIM any more, and nobody said that they were deleted: they stay "
    "until `akeneo-sync approve` decides; if they are in the PIM, the connection lost its right to "
    "see them, and a sweep after it got it back keeps them by itself"
)

ASKED_AT_LEAST = 1000
"""So many that the source does not show are asked for one by one, however small the store is."""

TOO_MANY_ABSENT = (
    "the PIM's listing lacks {lacking:,} products: {asked:,} were asked for one by one, and it "
    "shows {absent:,} of them nowhere; the other {left:,} were not asked for and stay as they are. "
    "More than {share:.0%} of all are not deleted without a person: look at the connection's "
    "rights, or run `akeneo-sync reconcile --full` once with SYNC_MAX_DELETE_SHARE=1 in its "
    "environment"
)

INDEX_ALARM = "search-index"

A_FEW = 5
SHARE = 0.01
"""More are an alarm: a few are what an index lacks that is seconds behind."""

INDEX_LACKS = (
    "the PIM's listing leaves out {count:,} products that it has (each was read by its own URL, "
    "and none is deleted): its search index is damaged or far behind; have it rebuilt "
    "(`bin/console pim:product:index --all` on the PIM's server)"
)


async def confirm_orphans(
    sweep: Sweep, first_number: OrderNumber, *, at_least: int = ASKED_AT_LEAST
) -> bool:
    """Ask the source for every live product that no read since `first_number` has seen.

    Found: written like any read; the listing had just not shown it. Absent: nothing is deleted
    before all have been asked for, so that what is held is held as a whole. Once more are absent
    than could go without a person, the rest is not asked for (it is one call each): those that were
    found absent wait, and the answer is False, since the sweep is not whole.
    """
    absent: list[ProductRead] = []
    unlisted = asked = 0
    after: ProductKey | None = None
    live, _ = await sweep.session.read(count_products)
    # Before the rest is not asked for: never fewer than may be deleted.
    most = max(at_least, int(live * sweep.session.settings.max_delete_share))
    failed = len(sweep.report.failed)
    left = 0
    while keys := await _next_batch(sweep, first_number, after):
        after = keys[-1]
        suspects = [key for key in keys if key not in sweep.seen]
        if suspects:
            asked += len(suspects)
            missing = await confirm_absences(sweep, suspects)
            unlisted += len(suspects) - len(missing)
            absent += missing
        sweep.progress(sweep.report.products, None, "products not listed")
        if len(absent) + len(sweep.report.failed) - failed > most:
            left = await _count_the_rest(sweep, first_number, after)
            break
    if left:
        words = TOO_MANY_ABSENT.format(
            lacking=asked + left,
            asked=asked,
            absent=len(absent),
            left=left,
            share=sweep.session.settings.max_delete_share,
        )
        sweep.report.tell_not_whole(words)
    await tell_of_unlisted(sweep, unlisted)
    await delete_absent(sweep, absent)
    return not left


async def _count_the_rest(sweep: Sweep, first_number: OrderNumber, after: ProductKey) -> int:
    left = 0
    at: ProductKey | None = after
    while at is not None and (keys := await _next_batch(sweep, first_number, at)):
        left += sum(key not in sweep.seen for key in keys)
        at = keys[-1]
    return left


async def _next_batch(
    sweep: Sweep, first_number: OrderNumber, after: ProductKey | None
) -> list[ProductKey]:
    return await sweep.session.read(
        list_orphans, first_number=first_number, after=after, limit=PAGE_LIMIT
    )


async def confirm_absences(sweep: Sweep, keys: Sequence[ProductKey]) -> list[ProductRead]:
    """Ask for products by their keys, write those that are there, answer the absences."""
    reads = await sweep.session.client.read_products(
        keys, identifiers=await stored_identifiers(sweep.session, keys)
    )
    sweep.leave_out((each.key, str(each.error)) for each in reads.failed)
    if not sweep.dry_run:
        await store_products(sweep, reads.found)
    return reads.absent


async def delete_absent(sweep: Sweep, absent: Sequence[ProductRead]) -> None:
    """Write the absences as tombstones, or hold them all; a dry run reports them."""
    if sweep.dry_run:
        for read in absent:
            sweep.report.found(_orphan(read.key))
        return
    written = await store_products(sweep, absent)
    for read in absent:
        result = written.results.get(read.key)
        deleted = result is not None and result.written is Written.DELETED
        if deleted or read.key in written.held:
            sweep.report.found(_orphan(read.key))
            sweep.report.repaired += deleted
    if written.held:
        sweep.report.notes.append(f"{len(written.held)} {HELD}")


def _orphan(key: ProductKey) -> FoundDrift:
    return FoundDrift(drift=Drift.ORPHAN, key=key, identifier=None, family=None)


async def tell_of_unlisted(sweep: Sweep, count: int) -> None:
    """Say after a whole listing how many products it left out; many are an alarm."""
    text = INDEX_LACKS.format(count=count)
    if count > max(A_FEW, SHARE * sweep.report.products):
        await raise_sweep_alarm(sweep, INDEX_ALARM, text)
        return
    if count:
        sweep.report.notes.append(text)
    await clear_sweep_alarm(sweep, INDEX_ALARM)
