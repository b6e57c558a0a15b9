"""Events of what failed alone: another try later, or a dead letter after the last one."""

from collections.abc import Sequence
from datetime import timedelta

from flows.chunk_outcome import ChunkOutcome, DeadLetter
from flows.fenced import settle_fenced
from flows.session import Session
from flows.settling import retry_delay
from flows.threads import in_thread
from pim.ids import Generation
from pim.vocabulary import Outcome
from storage.events import DueEvent, Settlement, defer_events

UNCOUNTED = timedelta(minutes=1)
"""Between tries of what fails for no reason of its own, and for as long as it takes."""


async def put_off_or_bury(
    session: Session,
    generation: Generation,
    events: Sequence[DueEvent],
    *,
    name: str,
    reason: str,
) -> ChunkOutcome:
    """Put off the events of one thing; those on their last attempt become dead letters."""
    outcome = ChunkOutcome()
    last = [event for event in events if event.attempts >= session.settings.max_attempts]
    if last:
        settlements = [Settlement(event.row_id, Outcome.DEAD, reason) for event in last]
        await in_thread(
            session.store.run,
            lambda tx: settle_fenced(tx, session, generation, settlements),
        )
        outcome.outcomes[Outcome.DEAD] += len(last)
        outcome.dead += [
            DeadLetter(event.event_id, event.identifier or name, reason) for event in last
        ]
    rest = [event for event in events if event not in last]
    outcome.add(await put_off(session, generation, rest, reason=reason))
    return outcome


async def put_off(
    session: Session,
    generation: Generation,
    events: Sequence[DueEvent],
    *,
    reason: str,
    counted: bool = True,
) -> ChunkOutcome:
    """Make events due again after a while; the attempt stays counted where it says of them."""
    outcome = ChunkOutcome(deferred=len(events))
    if not events:
        return outcome
    attempts = max(event.attempts for event in events)
    delay = retry_delay(attempts) if counted else UNCOUNTED
    row_ids = [event.row_id for event in events]
    await in_thread(
        session.store.run,
        lambda tx: defer_events(
            tx,
            generation=generation,
            row_ids=row_ids,
            delay=delay,
            reason=reason,
            counted=counted,
        ),
    )
    return outcome
