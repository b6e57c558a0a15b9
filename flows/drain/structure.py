"""Structure events of a chunk: each item is read again, and the documents that show it follow.

An option's label, a category, a record or an asset reaches its products within the drain: the item
is stored, which leaves a mark for its users, and these are rendered again from stored data. Where
an item was removed the source's own answers changed with it, and its users are read.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.drain.enrich import NOT_VISIBLE, tells_of_the_invisible
from flows.drain.report import ChunkOutcome
from flows.drain.settle import Fence, settle_together
from flows.run import LIST_FROM, Session, read_listed, store_items
from flows.write_path import work_off_marks
from pim.blame import concerns_one_list, is_of_a_route, may_be_of_one
from pim.errors import SourceError, SourceForbidden, SourceNotFound, SourceRequestRefused
from pim.reading import PAGE_LIMIT
from pim.reads import ItemRead
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Outcome, ResourceKind
from storage.catalog import ItemsWritten, StoredItem, count_items, read_stored_items
from storage.inbox import DueEvent, Settlement


@dataclass(slots=True)
class FollowedStructure:
    """The structure events of a chunk, and what came of those that are done.

    Kept between the tries of a task: what is done is not read again.
    """

    events: Sequence[DueEvent]
    outcome: ChunkOutcome = field(default_factory=ChunkOutcome)
    done: set[Reference] = field(default_factory=set)

    @classmethod
    def of(cls, events: Sequence[DueEvent]) -> "FollowedStructure":
        """Those of a chunk's events that are about the structure."""
        return cls([event for event in events if event.kind is ResourceKind.STRUCTURE])

    @property
    def items(self) -> dict[Reference, tuple[DueEvent, ...]]:
        """The events of each item (codes casefolded) that is still to be followed, oldest first."""
        groups: defaultdict[Reference, list[DueEvent]] = defaultdict(list)
        for event in self.events:
            if event.item is not None and _folded(event.item) not in self.done:
                groups[_folded(event.item)].append(event)
        return {item: tuple(group) for item, group in groups.items()}


async def follow_structure(fence: Fence, job: FollowedStructure) -> None:
    """Read the items that a chunk's events name, store them, and bring their users up to date.

    Events are settled after that, those too that an earlier read covers: a drain that was killed
    between storing an item and rendering its users leaves the latter to the next. A list that fails
    costs only the events of its own items.

    Raises:
        SourceError: the source fails rather than one of its lists; what is not settled stays due.
        FenceLost: another drain took over.
    """
    items = job.items
    if not items:
        return
    session = fence.session
    stored = await session.read(read_stored_items, list(items))
    settled = {
        item: _covered(events)
        for item, events in items.items()
        if item in stored and all(event.number < stored[item].read_from for event in events)
    }
    lists: dict[tuple[CatalogKind, str], _List] = {}
    for item, events in items.items():
        if item in settled:
            continue
        parent = (events[-1].item or item).parent  # as it is written
        each = lists.setdefault((item.kind, item.parent), _List(item.kind, parent, {}))
        each.events[item] = events
    for each in lists.values():
        settled |= await _follow_list(fence, job, each, stored)
    for kind in sorted({item.kind for item in items}):
        await work_off_marks(session, kind=kind)
    job.outcome.add(await fence.settle([each for some in settled.values() for each in some]))
    job.done |= set(settled)


@dataclass(frozen=True, slots=True)
class _List:
    """Items of one list, with their events; codes as the newest event writes them."""

    kind: CatalogKind
    parent: str
    events: dict[Reference, tuple[DueEvent, ...]]

    @property
    def wanted(self) -> list[Reference]:
        return [group[-1].item or item for item, group in self.events.items()]


async def _follow_list(
    fence: Fence, job: FollowedStructure, each: _List, stored: dict[Reference, StoredItem]
) -> dict[Reference, list[Settlement]]:
    """Read and store a list's items; answer how the events end of those that were read.

    The others are put off, or end here.
    """
    session, items = fence.session, each.events
    failed: dict[Reference, SourceError] = {}
    try:
        reads = await _read(session, each, failed)
        written = await store_items(session.store, session.client, reads)
    except SourceError as error:
        if not concerns_one_list(error) or not await session.client.answers_now():
            raise
        events = [event for group in items.values() for event in group]
        job.outcome.add(await _end_of_list(fence, each, events, error))
        job.done |= set(items)
        return {}
    for item, why in failed.items():
        name = f"{item.kind} {item.code}"
        job.outcome.add(await fence.put_off_or_bury(items[item], name=name, reason=str(why)))
        job.done.add(item)
    return {
        item: settle_together(items[item], *_judge(item, read, written, stored, items[item]))
        for read in reads
        if (item := _folded(read.reference)) in items
    }


async def _read(
    session: Session, each: _List, failed: dict[Reference, SourceError]
) -> list[ItemRead]:
    """Read the wanted items, by whichever way costs fewer calls; each absence by its own URL.

    `failed` is filled with those that cannot be read alone.
    """
    reads: list[ItemRead] = []
    there = await session.read(count_items, each.kind, each.parent)
    if len(each.wanted) >= max(LIST_FROM, there // PAGE_LIMIT + 1):
        reads = await _read_listed(session, each)
    seen = {_folded(read.reference) for read in reads}
    for item in each.wanted:
        if _folded(item) in seen:
            continue
        try:
            reads.append(await session.client.read_item(item.kind, item.parent, item.code))
        except SourceError as error:
            is_route = isinstance(error, SourceForbidden | SourceNotFound)
            if is_route or not may_be_of_one(error) or not await session.client.answers_now():
                raise
            failed[_folded(item)] = error
    return reads


async def _read_listed(session: Session, each: _List) -> list[ItemRead]:
    try:
        return await read_listed(session.client, each.kind, each.parent, each.wanted)
    except SourceRequestRefused:  # a PIM before 7 has no filter by code: one by one, then
        return []


async def _end_of_list(
    fence: Fence, each: _List, events: Sequence[DueEvent], error: SourceError
) -> ChunkOutcome:
    """What becomes of the events of a list that fails: no try heals a right that is missing."""
    if isinstance(error, SourceForbidden) or (
        isinstance(error, SourceNotFound) and is_of_a_route(error)
    ):
        reason = f"the connection cannot read {each.kind} items, so they are not mirrored: {error}"
        return await fence.settle(
            [Settlement(event.row_id, Outcome.FILTERED, reason) for event in events]
        )
    return await fence.put_off_or_bury(events, name=str(each.kind), reason=str(error))


def _judge(
    item: Reference,
    read: ItemRead,
    written: ItemsWritten,
    stored: dict[Reference, StoredItem],
    events: Sequence[DueEvent],
) -> tuple[Outcome, str | None]:
    if read.item is None:
        if item in stored or not tells_of_the_invisible(events):
            return Outcome.GONE, "confirmed: the source does not have it"
        return Outcome.FILTERED, NOT_VISIBLE.format(what=item.kind)
    changed = {_folded(each) for each in written.changed}
    return (Outcome.APPLIED if item in changed else Outcome.UNCHANGED), None


def _covered(events: Sequence[DueEvent]) -> list[Settlement]:
    reason = "the stored read of it began after this event had been received"
    return [Settlement(event.row_id, Outcome.COVERED, reason) for event in events]


def _folded(item: Reference) -> Reference:
    return Reference(item.kind, item.parent.casefold(), item.code.casefold())
