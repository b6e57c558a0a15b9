"""What a whole list of the structure lacks: asked for one by one before it is taken out."""

from itertools import groupby

from flows.listed_items import store_listed
from flows.structure_lists import StructureList
from flows.sweep import Sweep, clear_sweep_alarm, raise_sweep_alarm
from flows.threads import in_thread
from pim.blame import may_be_of_one
from pim.errors import SourceError
from pim.ids import OrderNumber, ProductKey
from pim.reads import ItemRead
from pim.structure import PARENT_KINDS, Reference
from pim.vocabulary import CatalogKind
from storage.catalog import count_items, list_abandoned, list_codes, list_unseen

A_FEW = 20
PAGE = 100

SHORT_ALARM = "short-list"
SHORT = (
    "the PIM lists much less than is stored, so nothing is taken out, and nothing was asked for "
    "one by one: {lists}"
)


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

    def look() -> tuple[list[str], int, int]:
        with sweep.session.store.read() as tx:
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

    unseen, stored, allowed = await in_thread(look)
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

    def look() -> list[Reference]:
        with sweep.session.store.read() as tx:
            return list_abandoned(tx, kind, limit=PAGE)

    removed = 0
    while abandoned := await in_thread(look):
        gone: list[ItemRead] = []
        for parent, some in groupby(abandoned, key=lambda item: item.parent):
            above = await sweep.session.client.read_item(PARENT_KINDS[kind], "", parent)
            if above.item is not None:
                await store_listed(sweep, [above])
                continue
            gone += [ItemRead(item, above.interval, None) for item in some]
        removed += await store_listed(sweep, gone)
        if len(abandoned) < PAGE:
            break
    return removed
