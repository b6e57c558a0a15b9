"""Model events of a chunk: each model is followed to its variants, then they are settled."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from flows.drain.descent import Descent, ModelDescent, describe_descent, settle_descent
from flows.drain.enrich import own_keys, removed_by
from flows.drain.report import ChunkOutcome
from flows.drain.settle import Fence, decide_settlements
from flows.write_path import finish_caught_up
from pim.ids import ProductKey
from pim.vocabulary import CatalogKind, ResourceKind
from storage import Transaction
from storage.catalog import mark_removed
from storage.inbox import DueEvent, EventRowId, Settlement, require_door
from storage.products import WriteResult

NAMED_TROUBLES = 3
_FOLLOWED = frozenset({ResourceKind.PRODUCT_MODEL, ResourceKind.STRUCTURE})


@dataclass(slots=True)
class FollowedModels:
    """A chunk whose models are followed first: what is done, and which events are left.

    Kept between the tries of a task, so that no model is followed twice.
    """

    events: Sequence[DueEvent]
    outcome: ChunkOutcome = field(default_factory=ChunkOutcome)
    done: set[str] = field(default_factory=set)
    settled: set[EventRowId] = field(default_factory=set)

    @property
    def models(self) -> dict[str, tuple[DueEvent, ...]]:
        """The events of each model that is still to be followed, oldest model first."""
        groups: defaultdict[str, list[DueEvent]] = defaultdict(list)
        for event in self.events:
            if event.kind is ResourceKind.PRODUCT_MODEL and event.resource_key not in self.done:
                groups[event.resource_key].append(event)
        return {key: tuple(group) for key, group in groups.items()}

    @property
    def left(self) -> list[DueEvent]:
        """The events of no model or item that no variant's read has settled."""
        return [
            event
            for event in self.events
            if event.kind not in _FOLLOWED and event.row_id not in self.settled
        ]


async def follow_models(fence: Fence, job: FollowedModels) -> None:
    """Follow each model of a chunk to the last of its variants, and settle its events after that.

    A crash in between leaves them due. Due events of the variants themselves are settled with the
    reads; a variant that fails alone puts off its model's events, and no other.

    Raises:
        SourceError: the source fails; what is not settled stays due.
        FenceLost: another drain took over.
    """
    if not job.models:
        return
    session = fence.session
    own = await session.read(own_keys, job.left, session.facts.identity)
    removals = [event for event in job.events if event.removed]
    if removals:
        # Before any of them is settled: the marks outlive whatever ends this run.
        await session.write(_mark_removed, removals, own)
    for key, events in job.models.items():
        descent = await _follow(fence, events, own, job)
        job.outcome.add(await _settle(fence, events, descent))
        await finish_caught_up(session, CatalogKind.PRODUCT_MODEL, descent.models_read)
        job.done.add(key)


def _mark_removed(
    tx: Transaction,
    removals: Sequence[DueEvent],
    own: Mapping[ProductKey, tuple[DueEvent, ...]],
) -> None:
    known = {
        event.identifier: key for key, group in own.items() for event in group if event.identifier
    }
    items = {item for event in removals for item in removed_by(event, known)}
    mark_removed(tx, items, told=max(event.number for event in removals))


async def _follow(
    fence: Fence,
    events: Sequence[DueEvent],
    own: Mapping[ProductKey, tuple[DueEvent, ...]],
    job: FollowedModels,
) -> Descent:
    code = events[-1].code or ""
    descent = await ModelDescent(
        fence.session.caused_by(f"event of model {code}"),
        code,
        announced=any(event.removed for event in events),
        settle=partial(_settle_own, fence, own),
        events=own,
        tell=partial(_note_own, job),
    ).run()
    job.outcome.written.update({str(each): n for each, n in descent.written.items()})
    for key in descent.held:
        held = own.get(key, ())
        job.settled |= {event.row_id for event in held}
        job.outcome.held += len(held)
    return descent


def _settle_own(
    fence: Fence,
    own: Mapping[ProductKey, tuple[DueEvent, ...]],
    tx: Transaction,
    results: Mapping[ProductKey, WriteResult],
) -> list[Settlement]:
    """Settle the variants' own events with their writes, if the door is still ours."""
    require_door(tx, fence.generation)
    settlements = decide_settlements(own, results)
    fence.settle_in(tx, settlements)
    return settlements


def _note_own(job: FollowedModels, settlements: Sequence[Settlement]) -> None:
    """Count, after their commit, what `_settle_own` has settled, each event once."""
    new = [settlement for settlement in settlements if settlement.row_id not in job.settled]
    job.settled |= {settlement.row_id for settlement in new}
    job.outcome.count(new)


async def _settle(fence: Fence, events: Sequence[DueEvent], descent: Descent) -> ChunkOutcome:
    if descent.later:
        reason = tell_troubles([describe_descent(descent), *descent.troubles])
        return await fence.put_off(events, reason=reason, counted=False)
    if descent.troubles:
        reason = tell_troubles(descent.troubles)
        return await fence.put_off_or_bury(events, name=descent.code, reason=reason)
    return await fence.settle(settle_descent(events, descent))


def tell_troubles(troubles: Sequence[str]) -> str:
    """Name the first of what failed, and count the rest."""
    named = "; ".join(troubles[:NAMED_TROUBLES])
    more = len(troubles) - NAMED_TROUBLES
    return f"{named}; and {more} more" if more > 0 else named
