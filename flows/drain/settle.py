"""Writing and settling of a chunk: products, change rows and events in one transaction.

How events end follows from what the write did: pure. Events of what failed alone are put
off, or become dead letters after the last try. Only the drain that holds the door settles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from flows.drain.enrich import EnrichedChunk
from flows.drain.report import ChunkOutcome, DeadLetter
from flows.run import Session
from flows.write_path import UNDECIDED, read_referrers, write_reads
from pim.errors import RouteFails
from pim.ids import Generation, ProductKey
from pim.reads import FailedRead
from pim.vocabulary import Outcome
from storage import Transaction
from storage.catalog import mark_removed
from storage.inbox import DueEvent, Settlement, put_off_events, settle_events
from storage.products import WriteResult, Written

READ_AGAIN = f"{UNDECIDED}; it is read again"

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=10)

UNCOUNTED = timedelta(minutes=1)
"""Between tries of what fails for no reason of its own, and for as long as it takes."""


@dataclass(frozen=True, slots=True)
class Fence:
    """What one drain may do with the events that it took, for as long as the door is its own.

    What is settled names the session's run. Each raises FenceLost where another drain took over.
    """

    session: Session
    generation: Generation

    def settle_in(self, tx: Transaction, settlements: Sequence[Settlement]) -> None:
        """Settle events in a transaction, which FenceLost must undo."""
        settle_events(
            tx,
            generation=self.generation,
            settlements=settlements,
            run_id=self.session.run_id,
            now=self.session.now(),
        )

    async def settle(self, settlements: Sequence[Settlement]) -> ChunkOutcome:
        """Settle events in a transaction of their own."""
        outcome = ChunkOutcome()
        if settlements:
            await self.session.write(self.settle_in, settlements)
        outcome.count(settlements)
        return outcome

    async def put_off(
        self, events: Sequence[DueEvent], *, reason: str, counted: bool = True
    ) -> ChunkOutcome:
        """Make events due again after a while; the attempt stays counted where it says of them."""
        outcome = ChunkOutcome(deferred=len(events))
        if not events:
            return outcome
        attempts = max(event.attempts for event in events)
        delay = retry_delay(attempts) if counted else UNCOUNTED
        await self.session.write(
            put_off_events,
            generation=self.generation,
            row_ids=[event.row_id for event in events],
            delay=delay,
            reason=reason,
            counted=counted,
        )
        return outcome

    async def put_off_or_bury(
        self, events: Sequence[DueEvent], *, name: str, reason: str
    ) -> ChunkOutcome:
        """Put off the events of one thing; those on their last attempt become dead letters."""
        most = self.session.settings.max_attempts
        last = [event for event in events if event.attempts >= most]
        outcome = await self.settle(
            [Settlement(event.row_id, Outcome.DEAD, reason) for event in last]
        )
        outcome.dead += [
            DeadLetter(event.event_id, event.identifier or name, reason) for event in last
        ]
        rest = [event for event in events if event not in last]
        outcome.add(await self.put_off(rest, reason=reason))
        return outcome


async def upsert_chunk(fence: Fence, enriched: EnrichedChunk) -> ChunkOutcome:
    """Write what was read and settle the events, fenced by the door's generation.

    Safe to repeat: what an earlier try has written and settled stays as it is.

    Raises:
        FenceLost: another drain took over.
        StoreError: the store took no writes; the events stay due.
    """
    session = fence.session

    def settle_slice(
        tx: Transaction, results: Mapping[ProductKey, WriteResult]
    ) -> list[Settlement]:
        settlements = decide_settlements(enriched.events, results)
        if settlements:
            fence.settle_in(tx, settlements)
        return settlements

    # Before any of them is settled: the marks outlive whatever ends this run.
    if enriched.removed:
        await session.write(mark_removed, enriched.removed, told=enriched.told)
    outcome = await fence.settle(enriched.settlements)
    report = await write_reads(
        session, enriched.writes, settle=settle_slice, events=enriched.events
    )
    outcome.count(report.settlements)
    outcome.written = report.counts
    outcome.held = sum(len(enriched.events.get(key, ())) for key in report.held)
    failed = [*enriched.failed, *report.failed]
    outcome.add(await _put_off_failed(fence, enriched, failed))
    # Whose associations point to what is gone, by this chunk or an earlier one: no event will tell
    # of them.
    await read_referrers(session, fence.generation)
    if report.undecided:
        undecided = [e for key in report.undecided for e in enriched.events.get(key, ())]
        outcome.add(await fence.put_off(undecided, reason=READ_AGAIN))
    return outcome


async def _put_off_failed(
    fence: Fence, enriched: EnrichedChunk, failures: Sequence[FailedRead]
) -> ChunkOutcome:
    outcome = ChunkOutcome()
    for each in failures:
        events = enriched.events.get(each.key, ())
        reason = str(each.error)
        if isinstance(each.error, RouteFails):
            outcome.add(await fence.put_off(events, reason=reason, counted=False))
        else:
            outcome.add(await fence.put_off_or_bury(events, name=each.key, reason=reason))
    return outcome


def settle_by_result(events: Sequence[DueEvent], result: WriteResult) -> list[Settlement]:
    """Settle the events of one product by its one read: the newest tells, the rest are coalesced.

    Empty where the write decided nothing yet (contended, rewound-suspect): read again first.
    """
    outcome = written_outcome(result)
    if outcome is None or not events:
        return []
    return settle_together(events, outcome, _written_reason(result))


def decide_settlements(
    events: Mapping[ProductKey, Sequence[DueEvent]], results: Mapping[ProductKey, WriteResult]
) -> list[Settlement]:
    """The settlements that a set of write results decides, in event order."""
    settlements = [
        settlement
        for key, result in results.items()
        for settlement in settle_by_result(events.get(key, ()), result)
    ]
    return sorted(settlements, key=lambda settlement: settlement.row_id)


def settle_together(
    events: Sequence[DueEvent], outcome: Outcome, reason: str | None
) -> list[Settlement]:
    """Settle the events of one thing: the newest with the outcome, the rest as coalesced."""
    newest = max(events, key=lambda event: event.number)
    # The shop has waited since the first of them, however late the newest came.
    told_at = min(event.received_at for event in events) if outcome is Outcome.APPLIED else None
    return [
        Settlement(event.row_id, outcome, reason, told_at)
        if event is newest
        else Settlement(event.row_id, Outcome.COALESCED, f"settled with event {newest.event_id}")
        for event in sorted(events, key=lambda event: event.row_id)
    ]


def written_outcome(result: WriteResult) -> Outcome | None:
    """Name the outcome of a write; None where the product must be read once more."""
    match result.written:
        case Written.CREATED | Written.UPDATED | Written.RESTORED:
            return Outcome.APPLIED
        case Written.UNCHANGED:
            return Outcome.UNCHANGED
        case Written.DELETED | Written.ABSENT:
            return Outcome.GONE
        case Written.OUTDATED:
            return Outcome.COVERED
        case Written.CONTENDED | Written.REWOUND_SUSPECT:
            return None
        case _:
            assert_never(result.written)


def _written_reason(result: WriteResult) -> str | None:
    match result.written:
        case Written.ABSENT:
            return "it does not have it, and the store did not"
        case Written.DELETED:
            return "it does not have it any more: confirmed by a read of its own"
        case Written.OUTDATED:
            return "a read that began after this one's answer was stored meanwhile"
        case Written.RESTORED:
            return "it is back: the store held a tombstone"
        case _ if result.rewound:
            return "the source went back to an older state; confirmed by a second read"
        case _:
            return None


def retry_delay(attempts: int) -> timedelta:
    """How long a product that failed alone waits: 5 s, then four times as long, up to 10 min."""
    delay: timedelta = FIRST_RETRY * 4 ** max(0, attempts - 1)
    return min(LONGEST_RETRY, delay)
