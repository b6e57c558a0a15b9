"""Writing a chunk: products, their change rows and the settling of their events together."""

from collections.abc import Mapping, Sequence

from flows.chunk_outcome import ChunkOutcome, DeadLetter
from flows.enrich import EnrichedChunk
from flows.putting_off import put_off, put_off_or_bury
from flows.render_again import read_referrers
from flows.session import Session
from flows.settling import settle_by_result, unnames
from flows.threads import in_thread
from flows.writing import write_reads
from pim.ids import Generation, ProductKey
from pim.reads import FailedRead
from storage.engine import Transaction
from storage.events import Settlement, settle_events
from storage.products import WriteResult
from storage.referrers import mark_removed

__all__ = ["ChunkOutcome", "DeadLetter", "settlements_of", "upsert_chunk"]

UNDECIDED = "its reads kept overlapping with other writes; it is read again"


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
    failed = [*enriched.failed, *report.failed]
    outcome.add(await _put_off_failed(session, generation, enriched, failed))
    if enriched.removed or any(map(unnames, report.results.values())):
        # Those whose associations point to it, if only by an earlier try of this chunk: no event
        # will tell of them.
        await read_referrers(session)
    if report.undecided:
        undecided = [e for key in report.undecided for e in enriched.events.get(key, ())]
        outcome.add(await put_off(session, generation, undecided, reason=UNDECIDED))
    return outcome


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


async def _put_off_failed(
    session: Session,
    generation: Generation,
    enriched: EnrichedChunk,
    failures: Sequence[FailedRead],
) -> ChunkOutcome:
    outcome = ChunkOutcome()
    for each in failures:
        events = enriched.events.get(each.key, ())
        reason = str(each.error)
        outcome.add(
            await put_off_or_bury(session, generation, events, name=each.key, reason=reason)
        )
    return outcome
