"""Writing a chunk: products, their change rows and the settling of their events together."""

from collections.abc import Mapping, Sequence

from flows.chunk_outcome import ChunkOutcome
from flows.enrich import EnrichedChunk
from flows.fenced import settle_fenced
from flows.putting_off import put_off, put_off_or_bury
from flows.render_again import read_referrers
from flows.session import Session
from flows.settling import settlements_of, unnames
from flows.threads import in_thread
from flows.writing import write_reads
from pim.errors import RouteFails
from pim.ids import Generation, ProductKey
from pim.reads import FailedRead
from storage.engine import Transaction
from storage.products import WriteResult
from storage.referrers import mark_removed

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

    def settle_slice(tx: Transaction, results: Mapping[ProductKey, WriteResult]) -> None:
        settlements = settlements_of(enriched.events, results)
        if settlements:
            settle_fenced(tx, session, generation, settlements)

    # Before any of them is settled: the marks outlive whatever ends this run.
    if enriched.removed:
        await in_thread(
            session.store.run, lambda tx: mark_removed(tx, enriched.removed, told=enriched.told)
        )
    if enriched.settlements:
        await in_thread(
            session.store.run,
            lambda tx: settle_fenced(tx, session, generation, enriched.settlements),
        )
        outcome.outcomes.update(settlement.outcome for settlement in enriched.settlements)
    report = await write_reads(
        session, enriched.writes, settle=settle_slice, events=enriched.events
    )
    outcome.outcomes.update(
        settlement.outcome for settlement in settlements_of(enriched.events, report.results)
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
        if isinstance(each.error, RouteFails):
            outcome.add(await put_off(session, generation, events, reason=reason, counted=False))
            continue
        outcome.add(
            await put_off_or_bury(session, generation, events, name=each.key, reason=reason)
        )
    return outcome
