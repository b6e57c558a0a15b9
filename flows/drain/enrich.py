"""Plan and reads of a chunk: which events need a read, and what the source says now.

The plan is pure. What is read is joined with the structure, ready to be written.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import assert_never

from flows.run import Session, ask_anew
from flows.write_path import find_known_identifiers, render_reads, take_along
from pim.decision import BeforeRead, StoredMark, decide_before_read
from pim.errors import InvalidAnswer
from pim.event_platform import EVENT_TYPES, is_platform_type, short_type
from pim.ids import OrderNumber, ProductKey
from pim.printed_time import order_doubt
from pim.product import product_key
from pim.reads import FailedRead, ProductRead
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Identity, Outcome, ResourceKind
from storage import Transaction
from storage.inbox import DueEvent, Settlement
from storage.products import ProductWrite, read_marks
from storage.state import read_printing

NEVER = OrderNumber(0)
"""Before any event."""

NOT_VISIBLE = (
    "not visible: the PIM answers that there is no such {what} for this connection, and the store "
    "never held it; events come whatever the connection may see"
)


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """What to do with a chunk.

    `settlements` need no read. `wanted` are the products to read, each with the events that the
    read will settle, oldest first. `unresolved` are events that name a product only by an
    identifier which the store does not know. `identifiers` are those keys as the source writes
    them. `removed` are the products and models that events call removed, whatever a read finds,
    and `told` is the newest such event's number. `unheld` are wanted products that the store never
    had: where the source has none either, an event that comes whatever the connection may see says
    nothing of a deletion.
    """

    settlements: tuple[Settlement, ...] = ()
    wanted: Mapping[ProductKey, tuple[DueEvent, ...]] = field(default_factory=dict)
    unresolved: tuple[DueEvent, ...] = ()
    identifiers: Mapping[ProductKey, str] = field(default_factory=dict)
    removed: frozenset[Reference] = frozenset()
    told: OrderNumber = NEVER
    unheld: frozenset[ProductKey] = frozenset()


def event_key(
    event: DueEvent, identity: Identity, known: Mapping[str, ProductKey]
) -> ProductKey | None:
    """The product an event is about; `known` maps identifiers as written to stored keys."""
    key = product_key(event.uuid, event.identifier, identity)
    if key is None and event.identifier is not None:
        return known.get(event.identifier)
    return key


def plan_chunk(
    events: Sequence[DueEvent],
    *,
    identity: Identity,
    known: Mapping[str, ProductKey],
    marks: Mapping[ProductKey, StoredMark],
    clock_doubt: timedelta,
) -> ChunkPlan:
    """Decide for each event, in the order given, by the table of the ordering rules."""
    settlements: list[Settlement] = []
    unresolved: list[DueEvent] = []
    wanted: defaultdict[ProductKey, list[DueEvent]] = defaultdict(list)
    for event in events:
        if event.kind is not ResourceKind.PRODUCT:
            settlements.append(_filter_event(event))
            continue
        key = event_key(event, identity, known)
        if key is None:
            unresolved.append(event)
            continue
        settlement = _settle_unread(event, marks.get(key), clock_doubt)
        if settlement is None:
            wanted[key].append(event)
        else:
            settlements.append(settlement)
    removals = [event for event in events if event.removed]
    return ChunkPlan(
        settlements=tuple(settlements),
        wanted={key: tuple(group) for key, group in wanted.items()},
        unresolved=tuple(unresolved),
        identifiers={
            key: event.identifier
            for key, group in wanted.items()
            for event in group
            if event.identifier is not None
        },
        removed=frozenset(item for event in removals for item in removed_by(event, known)),
        told=max((event.number for event in removals), default=NEVER),
        unheld=frozenset(wanted.keys() - marks.keys()),
    )


def removed_by(event: DueEvent, known: Mapping[str, ProductKey]) -> Iterator[Reference]:
    """What an association may have pointed to, by each name that it may have used."""
    if event.kind is ResourceKind.PRODUCT_MODEL and event.code is not None:
        yield Reference(CatalogKind.ASSOCIATED_MODEL, "", event.code)
    if event.kind is ResourceKind.PRODUCT:
        names = (event.uuid, event.identifier, known.get(event.identifier or ""))
        yield from (Reference(CatalogKind.PRODUCT, "", name) for name in names if name)


def _filter_event(event: DueEvent) -> Settlement:
    if event.kind is not ResourceKind.OTHER:
        raise AssertionError("events of products, models and items are followed, not filtered")
    reason = f"the action {event.action!r} is not one that concerns products"
    if is_platform_type(event.action):
        known = EVENT_TYPES.get(short_type(event.action))
        reason = (known and known.unread) or f"the type {short_type(event.action)!r} is not known"
    return Settlement(event.row_id, Outcome.FILTERED, reason)


def _settle_unread(
    event: DueEvent, stored: StoredMark | None, clock_doubt: timedelta
) -> Settlement | None:
    decision = decide_before_read(
        number=event.number,
        resource_updated=event.resource_updated,
        stored=stored,
        clock_doubt=clock_doubt,
    )
    match decision:
        case BeforeRead.READ:
            return None
        case BeforeRead.COVERED:
            reason = "the stored read began after this event had been received"
            return Settlement(event.row_id, Outcome.COVERED, reason)
        case BeforeRead.OUTDATED:
            reason = f"it speaks of {event.resource_updated}, the store holds a later state"
            return Settlement(event.row_id, Outcome.OUTDATED, reason)
        case _:
            assert_never(decision)


class EnrichedChunk:
    """A chunk ready to be written.

    A plain class on purpose: Prefect walks through lists, dictionaries and dataclasses that are
    handed between tasks, and would visit every value of every product.
    """

    def __init__(
        self,
        *,
        writes: Sequence[ProductWrite],
        events: Mapping[ProductKey, tuple[DueEvent, ...]],
        settlements: Sequence[Settlement],
        failed: Sequence[FailedRead],
        removed: Collection[Reference] = (),
        told: OrderNumber = NEVER,
    ) -> None:
        self.writes = tuple(writes)
        self.events = events
        self.settlements = tuple(settlements)
        self.failed = tuple(failed)
        self.removed = frozenset(removed)
        self.told = told


@dataclass(frozen=True, slots=True)
class _Resolved:
    """`events` by the keys found for them; `unread` by those that could not be asked for."""

    events: Mapping[ProductKey, tuple[DueEvent, ...]]
    settlements: tuple[Settlement, ...]
    unread: Mapping[ProductKey, tuple[DueEvent, ...]]
    failed: tuple[FailedRead, ...]


async def enrich_chunk(session: Session, events: Sequence[DueEvent]) -> EnrichedChunk:
    """Read what a chunk's events are about, at most 100 products, and render it.

    Raises:
        SourceError: something is wrong with the source rather than with one product.
    """
    plan = await session.read(_plan, session, events)
    if any(event.identifier is None for event in plan.unresolved) and await ask_anew(session):
        plan = await session.read(_plan, session, events)
    resolved = await _resolve_identifiers(session, plan)
    wanted = merge_events(plan.wanted, resolved.events)
    reads = await session.client.read_products(list(wanted), identifiers=plan.identifiers)
    await take_along(session, _names_of_absent(reads.absent, wanted))
    hidden = {
        read.key
        for read in reads.absent
        if read.key in plan.unheld and tells_of_the_invisible(wanted[read.key])
    }
    announced = {key for key, group in wanted.items() if any(event.removed for event in group)}
    shown = [read for read in reads.read if read.key not in hidden]
    writes, unrendered = await render_reads(session, shown, announced=announced)
    return EnrichedChunk(
        writes=writes,
        events=merge_events(wanted, resolved.unread),
        settlements=(
            *plan.settlements,
            *resolved.settlements,
            *(
                Settlement(event.row_id, Outcome.FILTERED, NOT_VISIBLE.format(what="product"))
                for key in sorted(hidden)
                for event in wanted[key]
            ),
        ),
        failed=(*reads.failed, *unrendered, *resolved.failed),
        removed=plan.removed,
        told=plan.told,
    )


def tells_of_the_invisible(events: Sequence[DueEvent]) -> bool:
    """Whether these events come whatever the connection may see, and none says it is deleted."""
    return all(is_platform_type(event.action) and not event.removed for event in events)


def _names_of_absent(
    absent: Sequence[ProductRead], events: Mapping[ProductKey, tuple[DueEvent, ...]]
) -> dict[ProductKey, str]:
    """What their newest events call the products that are not there, beside their keys."""
    return {
        read.key: event.identifier
        for read in absent
        for event in events.get(read.key, ())
        if event.identifier is not None and event.uuid is not None
    }


def merge_events(
    first: Mapping[ProductKey, tuple[DueEvent, ...]],
    second: Mapping[ProductKey, tuple[DueEvent, ...]],
) -> dict[ProductKey, tuple[DueEvent, ...]]:
    """All events of both, by product, oldest first."""
    merged: defaultdict[ProductKey, list[DueEvent]] = defaultdict(list)
    for groups in (first, second):
        for key, group in groups.items():
            merged[key].extend(group)
    return {
        key: tuple(sorted(group, key=lambda event: event.row_id)) for key, group in merged.items()
    }


def _plan(tx: Transaction, session: Session, events: Sequence[DueEvent]) -> ChunkPlan:
    identity = session.facts.identity
    known = find_known_identifiers(tx, events) if identity is Identity.UUID else {}
    keys = {key for event in events if (key := event_key(event, identity, known))}
    marks = read_marks(tx, keys)
    printing = read_printing(tx)
    clock_doubt = timedelta(seconds=session.settings.clock_doubt_seconds)
    return plan_chunk(
        events,
        identity=identity,
        known=known,
        marks=marks,
        clock_doubt=order_doubt(clock_doubt, printing),
    )


def own_keys(
    tx: Transaction, events: Sequence[DueEvent], identity: Identity
) -> dict[ProductKey, tuple[DueEvent, ...]]:
    """The product events of a chunk by product, where the key is known without a call."""
    products = [event for event in events if event.kind is ResourceKind.PRODUCT]
    known = find_known_identifiers(tx, products) if identity is Identity.UUID else {}
    found: defaultdict[ProductKey, list[DueEvent]] = defaultdict(list)
    for event in products:
        key = event_key(event, identity, known)
        if key is not None:
            found[key].append(event)
    return {key: tuple(group) for key, group in found.items()}


async def _resolve_identifiers(session: Session, plan: ChunkPlan) -> _Resolved:
    """Ask the source whom the other name of a product means, where the store does not know.

    By its own URL, which reads the PIM's database: a search may not show what is there. Nothing is
    gone because nobody could be asked.
    """
    names = {
        event.identifier.casefold(): event.identifier
        for event in plan.unresolved
        if event.identifier is not None
    }
    answers = await session.client.find_products(list(names.values()))
    found = dict(zip(names, answers, strict=True))
    events: defaultdict[ProductKey, list[DueEvent]] = defaultdict(list)
    failed: dict[ProductKey, FailedRead] = {}
    unread: defaultdict[ProductKey, list[DueEvent]] = defaultdict(list)
    settlements: list[Settlement] = []
    for event in plan.unresolved:
        answer = (
            _named_by_uuid(event)
            if event.identifier is None
            else found[event.identifier.casefold()]
        )
        if isinstance(answer, FailedRead):
            failed[answer.key] = answer
            unread[answer.key].append(event)
        elif answer.product is None:
            reason = (
                f"neither source nor store has a product {event.identifier!r}: it was asked for"
            )
            settlements.append(Settlement(event.row_id, Outcome.GONE, reason))
        else:
            events[answer.key].append(event)
    return _Resolved(
        {key: tuple(group) for key, group in events.items()},
        tuple(settlements),
        {key: tuple(group) for key, group in unread.items()},
        tuple(failed.values()),
    )


def _named_by_uuid(event: DueEvent) -> FailedRead:
    why = "it names its product by a uuid alone, and the source calls products by identifier"
    return FailedRead(ProductKey(event.uuid or ""), InvalidAnswer(why))
