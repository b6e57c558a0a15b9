"""Enriching a chunk: what the source says now of each product, joined with its structure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flows.lookback import order_doubt
from flows.moving_keys import take_along
from flows.plan import NEVER, ChunkPlan, event_key, plan_chunk
from flows.session import Session, ask_anew
from flows.threads import in_thread
from pim.errors import InvalidAnswer, SourceError, SyncError
from pim.ids import OrderNumber, ProductKey
from pim.product import SourceProduct
from pim.reads import FailedRead, ProductRead
from pim.structure import Reference
from pim.vocabulary import Identity, Outcome, ResourceKind
from storage.engine import Transaction
from storage.events import DueEvent, Settlement
from storage.probes import read_printing
from storage.products import ProductWrite, find_keys, read_marks, read_products


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
    plan = await in_thread(_plan, session, events)
    if any(event.identifier is None for event in plan.unresolved) and await ask_anew(session):
        plan = await in_thread(_plan, session, events)
    resolved = await _resolve_identifiers(session, plan)
    wanted = merge_events(plan.wanted, resolved.events)
    reads = await session.client.read_products(list(wanted), identifiers=plan.identifiers)
    failed = [read for read in reads if isinstance(read, FailedRead)]
    found = [read for read in reads if isinstance(read, ProductRead)]
    await take_along(session, _names_of_absent(found, wanted))
    announced = {key for key, group in wanted.items() if any(event.removed for event in group)}
    writes, unrendered = await render_reads(session, found, announced=announced)
    return EnrichedChunk(
        writes=writes,
        events=merge_events(wanted, resolved.unread),
        settlements=(*plan.settlements, *resolved.settlements),
        failed=(*failed, *unrendered, *resolved.failed),
        removed=plan.removed,
        told=plan.told,
    )


def _names_of_absent(
    reads: Sequence[ProductRead], events: Mapping[ProductKey, tuple[DueEvent, ...]]
) -> dict[ProductKey, str]:
    """What their newest events call the products that are not there, beside their keys."""
    return {
        read.key: event.identifier
        for read in reads
        if read.product is None
        for event in events.get(read.key, ())
        if event.identifier is not None and event.uuid is not None
    }


async def render_reads(
    session: Session,
    reads: Sequence[ProductRead],
    *,
    announced: Collection[ProductKey] = frozenset(),
    confirmed: bool = False,
) -> tuple[list[ProductWrite], list[FailedRead]]:
    """Join reads with the structure; a product that cannot be rendered fails alone."""
    products = [read.product for read in reads if read.product is not None]
    unrendered: list[FailedRead] = []
    try:
        renderings = await session.catalog.render(products, fresh=True)
    except SyncError:
        raise
    except Exception:  # noqa: BLE001 - odd data in one product: find out whose it is
        renderings = {}
        for product in products:
            try:
                renderings |= await session.catalog.render([product], fresh=True)
            except SyncError:
                raise
            except Exception as error:  # noqa: BLE001 - told with the product, which is put off
                unrendered.append(FailedRead(product.key, _unrenderable(product, error)))
    failed = {failure.key for failure in unrendered}
    writes = [
        ProductWrite(
            read=read,
            document=renderings[read.key].document if read.product else None,
            catalog_version=renderings[read.key].catalog_version if read.product else 0,
            confirmed=confirmed,
            announced=read.key in announced,
        )
        for read in reads
        if read.key not in failed
    ]
    return writes, unrendered


def _unrenderable(product: SourceProduct, error: Exception) -> SourceError:
    name = product.identifier or product.key
    return InvalidAnswer(f"product {name} has data of a shape that cannot be rendered: {error!r}")


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


def _plan(session: Session, events: Sequence[DueEvent]) -> ChunkPlan:
    identity = session.facts.identity
    with session.store.read() as tx:
        known = _known_identifiers(tx, events) if identity is Identity.UUID else {}
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
    session: Session, events: Sequence[DueEvent]
) -> dict[ProductKey, tuple[DueEvent, ...]]:
    """The product events of a chunk by product, where the key is known without a call."""
    identity = session.facts.identity
    products = [event for event in events if event.kind is ResourceKind.PRODUCT]
    with session.store.read() as tx:
        known = _known_identifiers(tx, products) if identity is Identity.UUID else {}
    found: defaultdict[ProductKey, list[DueEvent]] = defaultdict(list)
    for event in products:
        key = event_key(event, identity, known)
        if key is not None:
            found[key].append(event)
    return {key: tuple(group) for key, group in found.items()}


def _known_identifiers(tx: Transaction, events: Sequence[DueEvent]) -> dict[str, ProductKey]:
    """Identifiers that name exactly one live product; the source is asked about the others."""
    bare = {event.identifier for event in events if event.identifier and not event.uuid}
    found = find_keys(tx, bare)
    stored = read_products(tx, {key for keys in found.values() for key in keys})
    live = {
        identifier: [key for key in keys if not stored[key].deleted and stored[key].uuid == key]
        for identifier, keys in found.items()
    }
    return {identifier: keys[0] for identifier, keys in live.items() if len(keys) == 1}


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
