"""Sweeping the structure: each list compared by content hash, from its own watermark on."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus

from flows.count_check import count_or_none, judge_list
from flows.listed_items import store_listed
from flows.lookback import decide_since
from flows.source_clock import margins_of, read_clocks
from flows.structure_absence import remove_abandoned, remove_missing
from flows.structure_lists import DATED, StructureList, find_lists, note_lacking, note_there
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
from pim.paging import PAGE_LIMIT
from pim.search import structure_updated_since
from pim.structure import PARENT_KINDS
from pim.vocabulary import CatalogKind
from storage.engine import Transaction
from storage.watermarks import Watermark, read_clock, read_watermark, record_listing


class ListsUnswept(SyncError):  # noqa: N818 - named like the fact it reports
    """Lists of the structure failed while the products did not; their own watermarks stay."""


def concerns_one_list(error: SourceError) -> bool:
    """Whether the other lists, and the products, may still be swept."""
    if isinstance(error, SourceServerError):
        return error.status == HTTPStatus.INTERNAL_SERVER_ERROR
    return isinstance(error, SourceTimeout | InvalidAnswer | SourceNotFound | SourceRequestRefused)


async def sweep_structure(sweep: Sweep, kind: CatalogKind, *, whole: bool = True) -> str:
    """Bring one kind of structure up to the source; answer in one line what was found.

    Not `whole`: only what changed since each list's own watermark, where there is one and the
    source has that filter; what is missing from such a list says nothing. Of the option lists,
    which have no filter, it takes those longest unread. A watermark moves when its list has been
    swept to its end, and not where the right to read it is missing: when that right comes back,
    the list goes on from where it was last seen. A retry leaves out the lists that are done.

    An item that a whole list lacks is asked for by its own URL before it is removed. A kind that
    the connection may not read, or the source lacks, is noted in the report: documents then do
    without its labels.

    Raises:
        SourceError: the source failed; the watermarks of the failed lists stay.
    """
    begun = await _begin(sweep)
    listed = changed = 0
    failed: list[SourceError] = []
    for each in await find_lists(sweep, kind, whole=whole):
        if each.name in sweep.swept:
            continue
        try:
            counts = await _sweep_list(sweep, each, begun, whole=whole)
        except SourceForbidden as error:
            note = f"{kind}: no right to read it, labels are left out ({error})"
            return _noted(sweep, await note_lacking(sweep, kind, error) or note)
        except SourceError as error:
            if (lacking := await note_lacking(sweep, kind, error)) is not None:
                return _noted(sweep, lacking)
            if not each.parent or not concerns_one_list(error):
                raise
            failed.append(error)
            continue
        listed, changed = listed + counts[0], changed + counts[1]
        sweep.swept.add(each.name)
    return await _finish(sweep, kind, begun, (listed, changed), failed, whole=whole)


async def _finish(
    sweep: Sweep,
    kind: CatalogKind,
    begun: Watermark,
    counts: tuple[int, int],
    failed: Sequence[SourceError],
    *,
    whole: bool,
) -> str:
    """Take out what went with its parent, and record a kind of many lists as one."""
    if failed:
        sweep.report.notes += [f"{kind}: {error}" for error in failed[1:]]
        raise failed[0]
    listed, changed = counts
    gone = await remove_abandoned(sweep, kind)
    _count(sweep, kind, gone)
    if kind in PARENT_KINDS and not sweep.dry_run and (whole or kind in DATED):
        found = {"listed": listed, "changed": changed + gone}
        await _record(sweep, StructureList(kind), begun, found)
    return f"{kind}: {listed} listed, {changed + gone} new, changed or removed"


def _noted(sweep: Sweep, note: str) -> str:
    sweep.report.notes.append(note)
    return note


def _count(sweep: Sweep, kind: CatalogKind, changed: int) -> None:
    if changed:
        sweep.report.structure[kind] += changed


async def _begin(sweep: Sweep) -> Watermark:
    """This moment on both clocks."""
    clocks = await read_clocks(sweep)

    def now() -> datetime:
        with sweep.session.store.read() as tx:
            return read_clock(tx)

    ours = await in_thread(now)
    return Watermark(clocks.on_source(ours), ours)


async def _since(sweep: Sweep, each: StructureList) -> datetime | None:
    """From when on to list; None for all of it: nothing is known, or the source's clock lies."""

    def stored() -> Watermark | None:
        with sweep.session.store.read() as tx:
            return read_watermark(tx, [each.name])

    watermark = await in_thread(stored)
    if watermark is None:
        return None
    clocks = await read_clocks(sweep)
    return decide_since(watermark, clocks, margins_of(sweep.session.settings))


async def _record(
    sweep: Sweep, each: StructureList, watermark: Watermark, counts: dict[str, int]
) -> None:
    def record(tx: Transaction) -> None:
        record_listing(tx, name=each.name, watermark=watermark, counts=counts)

    await in_thread(sweep.session.store.run, record)


async def _sweep_list(
    sweep: Sweep, each: StructureList, begun: Watermark, *, whole: bool
) -> tuple[int, int]:
    """Sweep one list to its end; answer how many items it had and how many differed."""
    since = None if whole or each.kind not in DATED else await _since(sweep, each)
    try:
        listed, changed = await _walk(sweep, each, since)
    except SourceRequestRefused:
        if since is None:
            raise
        listed, changed = await _walk(sweep, each, None)  # a PIM too old for this list's filter
    _count(sweep, each.kind, changed)
    is_whole = since is not None or await _is_as_counted(sweep, each, listed, begun)
    if is_whole and not sweep.dry_run:
        await _record(sweep, each, begun, {"listed": listed, "changed": changed})
        await note_there(sweep, each.kind)
    return listed, changed


async def _is_as_counted(sweep: Sweep, each: StructureList, listed: int, begun: Watermark) -> bool:
    """Whether a list of several pages showed as many items as the source counts."""
    if listed < PAGE_LIMIT:
        return True
    counted = await count_or_none(sweep.session.client.count_items(each.kind, each.parent))
    if counted is None:
        return True
    what = f"items of {each.name}"
    return await judge_list(sweep, each.name, what, counted, listed, begun=begun.seen_until)


async def _walk(sweep: Sweep, each: StructureList, since: datetime | None) -> tuple[int, int]:
    """List page by page, store what differs, and take out what a whole list lacks."""
    search = None if since is None else structure_updated_since(since)
    first_number = await in_thread(sweep.session.store.draw_number)
    codes: set[str] = set()
    listed = changed = 0
    pages = sweep.session.client.list_items(each.kind, each.parent, search=search)
    async for page in pages:
        if sweep.dry_run:
            codes |= {read.reference.code.casefold() for read in page.reads}
        listed += len(page.reads)
        changed += await store_listed(sweep, page.reads)
        sweep.progress(listed, None, f"{each.name} list")
    if since is None:
        changed += await remove_missing(
            sweep,
            each,
            first_number=first_number,
            listed=codes if sweep.dry_run else None,
        )
    return listed, changed
