"""Sweeping the structure: each list compared by content hash, from its own watermark on."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from flows.catalog_writing import store_items
from flows.lookback import decide_since
from flows.source_clock import margins_of, read_clocks
from flows.sweep import Sweep
from flows.threads import in_thread
from pim.errors import (
    InvalidAnswer,
    SourceError,
    SourceForbidden,
    SourceNotFound,
    SourceRequestRefused,
    SourceServerError,
    SourceTimeout,
    SyncError,
)
from pim.reads import ItemRead
from pim.search import structure_updated_since
from pim.vocabulary import CatalogKind
from storage.catalog import differing_items, list_codes
from storage.engine import Transaction
from storage.watermarks import Watermark, read_clock, read_watermark, record_listing

# Their lists know an `updated` filter; channels' does not.
DATED = {CatalogKind.ATTRIBUTE, CatalogKind.FAMILY, CatalogKind.CATEGORY}
SWEPT = (CatalogKind.CHANNEL, CatalogKind.ATTRIBUTE, CatalogKind.FAMILY, CatalogKind.CATEGORY)


class ListsUnswept(SyncError):  # noqa: N818 - named like the fact it reports
    """Lists of the structure failed while the products did not; their own watermarks stay."""


def concerns_one_list(error: SourceError) -> bool:
    """Whether the other lists, and the products, may still be swept."""
    if isinstance(error, SourceServerError):
        return error.status == HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, SourceTimeout | InvalidAnswer | SourceNotFound | SourceRequestRefused)


async def sweep_structure(sweep: Sweep, kind: CatalogKind, *, whole: bool = True) -> str:
    """Bring one kind of structure up to the source; answer in one line what was found.

    Not `whole`: only what changed since this list's own watermark, where there is one and the
    source has that filter; what is missing from such a list says nothing. The watermark moves when
    the list has been swept to its end, and not where the right to read it is missing: when that
    right comes back, the list goes on from where it was last seen.

    An item that a whole list lacks is asked for by its own URL before it is removed. A kind that
    the connection may not read is noted in the report: documents then do without its labels.

    Raises:
        SourceError: the source failed; this list's watermark stays.
    """
    begun = await _begin(sweep)
    since = None if whole or kind not in DATED else await _since(sweep, kind)
    try:
        listed, changed = await _sweep_list(sweep, kind, since)
    except SourceForbidden as error:
        note = f"{kind}: no right to read it, labels are left out ({error})"
        sweep.report.notes.append(note)
        return note
    if changed:
        sweep.report.structure[kind] += changed
    if not sweep.dry_run:
        await _record(sweep, kind, begun, {"listed": listed, "changed": changed})
    return f"{kind}: {listed} listed, {changed} new, changed or removed"


async def _begin(sweep: Sweep) -> Watermark:
    """This moment on both clocks."""
    clocks = await read_clocks(sweep)

    def now() -> datetime:
        with sweep.session.store.read() as tx:
            return read_clock(tx)

    ours = await in_thread(now)
    return Watermark(clocks.on_source(ours), ours)


async def _since(sweep: Sweep, kind: CatalogKind) -> datetime | None:
    """From when on to list; None for all of it: nothing is known, or the source's clock lies."""

    def stored() -> Watermark | None:
        with sweep.session.store.read() as tx:
            return read_watermark(tx, [kind])

    watermark = await in_thread(stored)
    if watermark is None:
        return None
    clocks = await read_clocks(sweep)
    return decide_since(watermark, clocks, margins_of(sweep.session.settings))


async def _record(
    sweep: Sweep, kind: CatalogKind, watermark: Watermark, counts: dict[str, int]
) -> None:
    def record(tx: Transaction) -> None:
        record_listing(tx, name=kind, watermark=watermark, counts=counts)

    await in_thread(sweep.session.store.run, record)


async def _sweep_list(sweep: Sweep, kind: CatalogKind, since: datetime | None) -> tuple[int, int]:
    """Sweep the list to its end; answer how many items it had and how many differed."""
    try:
        listed, changed = await _store_listed(sweep, kind, since)
    except SourceRequestRefused:
        if since is None:
            raise
        return await _sweep_list(sweep, kind, None)  # a PIM too old for this list's filter
    if since is None:
        changed += await _remove_missing(sweep, kind, listed)
    return len(listed), changed


async def _store_listed(
    sweep: Sweep, kind: CatalogKind, since: datetime | None
) -> tuple[set[str], int]:
    search = None if since is None else structure_updated_since(since)
    listed: set[str] = set()
    changed = 0
    async for reads in sweep.session.client.list_items(kind, search=search):
        listed |= {read.reference.code.casefold() for read in reads}
        changed += await _store(sweep, reads)
        sweep.progress(len(listed), None, f"{kind} list")
    return listed, changed


async def _store(sweep: Sweep, reads: Sequence[ItemRead]) -> int:
    """Store what was read; answer how many items differed."""
    store = sweep.session.store
    if not sweep.dry_run:
        return (await store_items(store, sweep.session.client, reads)).touched

    def differing() -> int:
        with store.read() as tx:
            return differing_items(tx, reads)

    return await in_thread(differing)


async def _remove_missing(sweep: Sweep, kind: CatalogKind, listed: set[str]) -> int:
    """Remove what neither the listing nor the item's own URL shows."""
    store = sweep.session.store

    def stored_codes() -> set[str]:
        with store.read() as tx:
            return list_codes(tx, kind)

    suspects = [c for c in await in_thread(stored_codes) if c.casefold() not in listed]
    read = [await sweep.session.client.read_item(kind, "", code) for code in sorted(suspects)]
    return await _store(sweep, read)
