"""Which of a chunk's events need a read, and which are settled without one: pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import assert_never

from pim.decision import BeforeRead, StoredMark, decide_before_read
from pim.ids import OrderNumber, ProductKey
from pim.product import product_key
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Identity, Outcome, ResourceKind
from storage.events import DueEvent, Settlement

NEVER = OrderNumber(0)
"""Before any event."""


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """What to do with a chunk.

    `settlements` need no read. `wanted` are the products to read, each with the events that the
    read will settle, oldest first. `unresolved` are events that name a product only by an
    identifier which the store does not know. `identifiers` are those keys as the source writes
    them. `removed` are the products and models that events call removed, whatever a read finds,
    and `told` is the newest such event's number.
    """

    settlements: tuple[Settlement, ...] = ()
    wanted: Mapping[ProductKey, tuple[DueEvent, ...]] = field(default_factory=dict)
    unresolved: tuple[DueEvent, ...] = ()
    identifiers: Mapping[ProductKey, str] = field(default_factory=dict)
    removed: frozenset[Reference] = frozenset()
    told: OrderNumber = NEVER


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
    )


def removed_by(event: DueEvent, known: Mapping[str, ProductKey]) -> Iterator[Reference]:
    """What an association may have pointed to, by each name that it may have used."""
    if event.kind is ResourceKind.PRODUCT_MODEL and event.code is not None:
        yield Reference(CatalogKind.ASSOCIATED_MODEL, "", event.code)
    if event.kind is ResourceKind.PRODUCT:
        names = (event.uuid, event.identifier, known.get(event.identifier or ""))
        yield from (Reference(CatalogKind.PRODUCT, "", name) for name in names if name)


def _filter_event(event: DueEvent) -> Settlement:
    match event.kind:
        case ResourceKind.OTHER:
            reason = f"the action {event.action!r} is not one that concerns products"
        case ResourceKind.PRODUCT | ResourceKind.PRODUCT_MODEL:
            raise AssertionError("events of products and models are followed, not filtered")
        case _:
            assert_never(event.kind)
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
