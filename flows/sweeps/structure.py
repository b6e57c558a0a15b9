"""Sweep of the structure: each list compared by content hash, from its own watermark on.

What a whole list lacks is asked for one by one before it is taken out.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from flows.run import in_thread
from flows.sweeps.doubts import contain_list, count_or_none, judge_list
from flows.sweeps.lookback import decide_since
from flows.sweeps.structure_lists import (
    DATED,
    StructureList,
    find_lists,
    note_lacking,
    note_there,
    store_listed,
)
from flows.sweeps.sweep import (
    Sweep,
    clear_sweep_alarm,
    raise_sweep_alarm,
    read_clocks,
    read_margins,
)
from pim.blame import concerns_one_list, may_be_of_one
from pim.errors import SourceError, SyncError
from pim.ids import OrderNumber, ProductKey
from pim.reading import PAGE_LIMIT
from pim.reads import FailedItem, ItemRead
from pim.search import structure_updated_since
from pim.structure import PARENT_KINDS, name_above
from pim.vocabulary import CatalogKind
from storage import Transaction
from storage.catalog import count_items, list_abandoned, list_codes, list_unseen
from storage.database import read_clock
from storage.state import Watermark, read_watermark, record_listing

A_FEW = 20
PAGE = 100

SHORT_ALARM = "short-list"
SHORT = (
    "the PIM lists much less than is stored, so nothing is taken out, and nothing was asked for "
    "one by one: {lists}"
)


async def sweep_structure(sweep: Sweep, kind: CatalogKind, *, whole: bool = True) -> str:
    """Bring one kind of structure up to the source; answer in one line what was found.

    Not `whole`: only what changed since each list's own watermark, where there is one and the
    source has that filter; what is missing from such a list says nothing. Of the option lists,
    which have no filter, it takes those longest unread. A watermark moves when its list has been
    swept to its end, and not where the right to read it is missing: when that right comes back,
    the list goes on from where it was last seen. A retry leaves out the lists that are done.

    An item that a whole list lacks is asked for by its own URL before it is removed; one that
    cannot be read stays as it is, and is named. A list that fails keeps its last state, is tried
    once more, and then told of (`contain_list`); so is a kind that the connection may not read. One
    that the source lacks is noted: documents do without its labels.

    Raises:
        SourceError: something is wrong with the source rather than with one of its lists.
    """
    begun = await _begin(sweep)
    counts = [0, 0]
    lists = [
        each for each in await find_lists(sweep, kind, whole=whole) if each.name not in sweep.swept
    ]
    again: list[StructureList] = []
    for each in lists:
        again += [each] * (not await _try_list(sweep, each, begun, counts, whole=whole))
    for each in again:
        sweep.failing.pop(each.name, None)
        await _try_list(sweep, each, begun, counts, whole=whole)
    failing = [each.name for each in lists if each.name in sweep.failing]
    if failing == [str(kind)]:
        return f"{kind}: cannot be read, and keeps its last state"
    return await _finish(sweep, kind, begun, (counts[0], counts[1]), failing, whole=whole)


async def _try_list(
    sweep: Sweep, each: StructureList, begun: Watermark, counts: list[int], *, whole: bool
) -> bool:
    """Sweep one list, and add what it came to; False if it failed alone."""
    try:
        listed, changed = await _sweep_list(sweep, each, begun, whole=whole)
    except SourceError as error:
        lacking = await note_lacking(sweep, each.kind, error)
        if lacking is not None:
            sweep.note(lacking)
            return True
        await contain_list(sweep, each.name, error)
        return False
    except SyncError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this list's, and told
        await contain_list(sweep, each.name, error)
        return False
    counts[0] += listed
    counts[1] += changed
    sweep.swept.add(each.name)
    return True


async def _finish(
    sweep: Sweep,
    kind: CatalogKind,
    begun: Watermark,
    counts: tuple[int, int],
    failing: list[str],
    *,
    whole: bool,
) -> str:
    """Take out what went with its parent, and record a kind of many lists as one."""
    listed, changed = counts
    gone = 0 if failing else await remove_abandoned(sweep, kind)
    _count(sweep, kind, gone)
    is_done = kind in PARENT_KINDS and not sweep.dry_run and (whole or kind in DATED)
    if is_done and not failing:
        found = {"listed": listed, "changed": changed + gone}
        await _record(sweep, StructureList(kind), begun, found)
    kept = f"; {len(failing)} lists keep their last state" if failing else ""
    return f"{kind}: {listed} listed, {changed + gone} new, changed or removed{kept}"


def _count(sweep: Sweep, kind: CatalogKind, changed: int) -> None:
    if changed:
        sweep.report.structure[kind] += changed


async def _begin(sweep: Sweep) -> Watermark:
    """This moment on both clocks."""
    clocks = await read_clocks(sweep)
    ours = await sweep.session.read(read_clock)
    return Watermark(clocks.on_source(ours), ours)


async def _since(sweep: Sweep, each: StructureList) -> datetime | None:
    """From when on to list; None for all of it: nothing is known, or the source's clock lies."""
    watermark = await sweep.session.read(read_watermark, [each.name])
    if watermark is None:
        return None
    clocks = await read_clocks(sweep)
    return decide_since(watermark, clocks, read_margins(sweep.session.settings))


async def _record(
    sweep: Sweep, each: StructureList, watermark: Watermark, counts: dict[str, int]
) -> None:
    await sweep.session.write(record_listing, name=each.name, watermark=watermark, counts=counts)


async def _sweep_list(
    sweep: Sweep, each: StructureList, begun: Watermark, *, whole: bool
) -> tuple[int, int]:
    """Sweep one list to its end; answer how many items it had and how many differed."""
    since = None if whole or each.kind not in DATED else await _since(sweep, each)
    try:
        listed, changed = await _walk(sweep, each, since)
    except SourceError as error:
        if since is None or not concerns_one_list(error):
            raise
        # A PIM too old for this list's filter, or a firewall that lets no search through.
        listed, changed = await _walk(sweep, each, None)
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


def note_failed_items(sweep: Sweep, failed: Sequence[FailedItem]) -> None:
    """Name, in the report, the items that could not be read: they stay as they are."""
    for each in failed:
        name = f"{each.reference.kind} {each.reference.code or '(no code)'}"
        sweep.report.failed.append((ProductKey(name), str(each.error)))


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
        note_failed_items(sweep, page.failed)
        for odd in page.odd:
            sweep.note(f"{each.name}: {odd}")
        sweep.progress(listed, None, f"{each.name} list")
    if since is None:
        changed += await remove_missing(
            sweep,
            each,
            first_number=first_number,
            listed=codes if sweep.dry_run else None,
        )
    return listed, changed


async def remove_missing(
    sweep: Sweep,
    each: StructureList,
    *,
    first_number: OrderNumber,
    listed: set[str] | None,
) -> int:
    """Take out what neither the listing nor the item's own URL shows; answer how many went.

    More than a share of the list (and than twenty), and nothing is taken out: a listing that looks
    short is never a reason to delete, nor to ask twenty thousand times. `listed`: what a dry run
    saw, which leaves no trace in the store.
    """
    share = sweep.session.settings.max_delete_share

    def look(tx: Transaction) -> tuple[list[str], int, int]:
        stored = count_items(tx, each.kind, each.parent)
        allowed = max(A_FEW, int(stored * share))
        if listed is None:
            unseen = list_unseen(
                tx, each.kind, each.parent, first_number=first_number, limit=allowed + 1
            )
        else:
            codes = list_codes(tx, each.kind, each.parent)
            unseen = sorted(code for code in codes if code.casefold() not in listed)
        return unseen, stored, allowed

    unseen, stored, allowed = await sweep.session.read(look)
    if len(unseen) > allowed:
        sweep.short[each.name] = f"{each.name} lacks {len(unseen)} or more of {stored:,}"
        return 0
    reads = [read for code in unseen if (read := await _read_unseen(sweep, each, code))]
    return await store_listed(sweep, reads)


async def _read_unseen(sweep: Sweep, each: StructureList, code: str) -> ItemRead | None:
    """What the source says of an item by its own URL; None if it cannot be read, and stays."""
    client = sweep.session.client
    try:
        return await client.read_item(each.kind, each.parent, code)
    except SourceError as error:
        if not may_be_of_one(error) or not await client.answers_now():
            raise
        sweep.report.failed.append((ProductKey(f"{each.name} {code}"), str(error)))
        return None


async def tell_of_short_lists(sweep: Sweep, *, whole: bool) -> None:
    """Say which lists lacked too much; a full sweep that finds none ends the alarm."""
    if sweep.short:
        lists = ", ".join(sweep.short.values())
        await raise_sweep_alarm(sweep, SHORT_ALARM, SHORT.format(lists=lists))
    elif whole:
        await clear_sweep_alarm(sweep, SHORT_ALARM)


async def remove_abandoned(sweep: Sweep, kind: CatalogKind) -> int:
    """Take out what went with its parent, after one look at the parent; answer how many went."""
    if kind not in PARENT_KINDS or sweep.dry_run:
        return 0
    removed = 0
    while abandoned := await sweep.session.read(list_abandoned, kind, limit=PAGE):
        gone: list[ItemRead] = []
        for parent, some in groupby(abandoned, key=lambda item: item.parent):
            above = await sweep.session.client.read_item(*name_above(kind, parent))
            if above.item is not None:
                await store_listed(sweep, [above])
                continue
            gone += [ItemRead(item, above.interval, None) for item in some]
        removed += await store_listed(sweep, gone)
        if len(abandoned) < PAGE:
            break
    return removed
