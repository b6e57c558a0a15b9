"""Writing a chunk: products, their change rows and the settling of their events together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flows.enrich import EnrichedChunk
from flows.render_again import read_referrers
from flows.session import Session
from flows.settling import retry_delay, settle_by_result
from flows.threads import in_thread
from flows.writing import write_reads
from pim.ids import Generation, ProductKey
from pim.reads import FailedRead
from pim.vocabulary import Outcome
from storage.differences import Changed
from storage.engine import Transaction
from storage.events import DueEvent, Settlement, defer_events, settle_events
from storage.products import WriteResult, Written
from storage.referrers import mark_removed

UNDECIDED = "its reads kept overlapping with other writes; it is read again"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that this run gave up on."""

    event_id: str
    product: str
    reason: str


@dataclass(slots=True)
class ChunkOutcome:
    """How the events of one or more chunks ended."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    held: int = 0
    deferred: int = 0
    dead: list[DeadLetter] = field(default_factory=list)

    def add(self, other: "ChunkOutcome") -> None:
        """Add another chunk's outcome to this one."""
        self.outcomes += other.outcomes
        self.written += other.written
        self.held += other.held
        self.deferred += other.deferred
        self.dead += other.dead


async def upsert_chunk(
    session: Session, generation: Generation, enriched: EnrichedChunk
) -> ChunkOutcome:
    """Write what was read and settle the events, fenced by the door's generation.

    Safe to repeat: what an earlier try has written and settled stays as it is.

    Raises:
        FenceLost: another drain took over.
        StoreError: the store took no writes; the events stay due.
    """
    outcome = ChunkOutcome()

    def settle(tx: Transaction, settlements: Sequence[Settlement]) -> None:
        settle_events(
            tx,
            generation=generation,
            settlements=settlements,
            run_id=session.run_id,
            now=session.now(),
        )

    def settle_slice(tx: Transaction, results: Mapping[ProductKey, WriteResult]) -> None:
        settlements = settlements_of(enriched, results)
        if settlements:
            settle(tx, settlements)

    # Before any of them is settled: the marks outlive whatever ends this run.
    if enriched.removed:
        await in_thread(
            session.store.run, lambda tx: mark_removed(tx, enriched.removed, told=enriched.told)
        )
    if enriched.settlements:
        await in_thread(session.store.run, lambda tx: settle(tx, enriched.settlements))
        outcome.outcomes.update(settlement.outcome for settlement in enriched.settlements)
    report = await write_reads(
        session, enriched.writes, settle=settle_slice, events=enriched.events
    )
    outcome.outcomes.update(
        settlement.outcome for settlement in settlements_of(enriched, report.results)
    )
    outcome.written = report.counts
    outcome.held = sum(len(enriched.events.get(key, ())) for key in report.held)
    outcome.add(await _put_off(session, generation, enriched, [*enriched.failed, *report.failed]))
    if enriched.removed or any(map(_unnames, report.results.values())):
        # Those whose associations point to it, if only by an earlier try of this chunk: no event
        # will tell of them.
        await read_referrers(session)
    if report.undecided:
        undecided = [e for key in report.undecided for e in enriched.events.get(key, ())]
        await _defer(session, generation, undecided, UNDECIDED)
        outcome.deferred += len(undecided)
    return outcome


def _unnames(result: WriteResult) -> bool:
    """Whether others may have named the product so, and cannot any more."""
    gone = result.written in {Written.DELETED, Written.ABSENT}
    return gone or Changed("identifier", field=True) in result.changed


def settlements_of(
    enriched: EnrichedChunk, results: Mapping[ProductKey, WriteResult]
) -> list[Settlement]:
    """The settlements that a set of write results decides, in event order."""
    settlements = [
        settlement
        for key, result in results.items()
        for settlement in settle_by_result(enriched.events.get(key, ()), result)
    ]
    return sorted(settlements, key=lambda settlement: settlement.row_id)


async def _put_off(
    session: Session,
    generation: Generation,
    enriched: EnrichedChunk,
    failures: Sequence[FailedRead],
) -> ChunkOutcome:
    """Products that failed alone: another try later, or a dead letter after the last one."""
    outcome = ChunkOutcome()
    for failure in failures:
        reason = str(failure.error)
        events = enriched.events.get(failure.key, ())
        last = [e for e in events if e.attempts >= session.settings.max_attempts]
        if last:
            await in_thread(
                session.store.run,
                lambda tx, last=last, reason=reason: settle_events(
                    tx,
                    generation=generation,
                    settlements=[Settlement(e.row_id, Outcome.DEAD, reason) for e in last],
                    run_id=session.run_id,
                    now=session.now(),
                ),
            )
            outcome.outcomes[Outcome.DEAD] += len(last)
            outcome.dead += [
                DeadLetter(e.event_id, e.identifier or failure.key, reason) for e in last
            ]
        rest = [event for event in events if event not in last]
        await _defer(session, generation, rest, reason)
        outcome.deferred += len(rest)
    return outcome


async def _defer(
    session: Session, generation: Generation, events: Sequence[DueEvent], reason: str
) -> None:
    if not events:
        return
    delay = retry_delay(max(event.attempts for event in events))
    await in_thread(
        session.store.run,
        lambda tx: defer_events(
            tx,
            generation=generation,
            row_ids=[event.row_id for event in events],
            delay=delay,
            reason=reason,
        ),
    )
