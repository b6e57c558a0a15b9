"""One drain from settings to report, without Prefect.

It opens the door, settles what is due until nothing is, closes the door, and looks again.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import uuid4

from flows.drain.own_connection import end_connection_alarm, own_client, settle_own
from flows.drain.report import ChunkOutcome, DrainReport
from flows.drain.settle import Fence
from flows.run import (
    LeaseLost,
    Session,
    each_apart,
    in_thread,
    kept_lease,
    note_failure,
    note_success,
    open_session,
    open_settings_store,
    write_in,
)
from flows.write_path import read_referrers
from pim.errors import InvalidAnswer, SourceError
from pim.ids import Generation, RunId
from pim.reading import PAGE_LIMIT
from settings import Settings
from storage import FenceLost, KeysMoved, Store, StoreError, Transaction
from storage.inbox import (
    Chunk,
    DoorAlive,
    DueEvent,
    Opened,
    close_door,
    count_due_products,
    end_silence,
    give_back_all,
    open_door,
    renew_lease,
    reopen_door,
    take_chunk,
)
from storage.products import Cause
from storage.state import CallerKind

log = logging.getLogger(__name__)

CHUNK_PRODUCTS = PAGE_LIMIT  # what one search of the source can answer
SUSPICIOUS = 10  # so many things that all fail, each in a way nobody foresaw, are not at fault
POLL_SECONDS = 0.2
AWAY_SECONDS = 1.0  # before a store that did not answer is asked again

ChunkStep: TypeAlias = Callable[[Fence, Sequence[DueEvent]], Awaitable[ChunkOutcome]]
"""Enriches and upserts one chunk (two retried tasks in a flow run, plain calls in a test)."""


async def drain_inbox(
    settings: Settings, *, run_id: RunId, run_name: str, step: ChunkStep, report: DrainReport
) -> DoorAlive | None:
    """Settle what is due; fills `report` as it goes, so that a failing run can show it too.

    Answers DoorAlive at once where another drain is at work.

    Raises:
        SourceError: the source fails; its events are due again, and the breaker blocks.
        LeaseLost, FenceLost: another drain took over.
        StoreError: the store is missing, behind, or takes no writes.
    """
    store = await in_thread(open_settings_store, settings)
    try:
        lease = timedelta(seconds=settings.lease_seconds)
        opened = await write_in(
            store,
            open_door,
            generation=new_generation(),
            run_id=run_id,
            run_name=run_name,
            lease=lease,
        )
        if isinstance(opened, DoorAlive):
            return opened
        report.opened = True
        await _drain(
            settings, store, opened, cause=Cause("event", run_id), step=step, report=report
        )
        return None
    finally:
        store.close()


async def _drain(
    settings: Settings,
    store: Store,
    opened: Opened,
    *,
    cause: Cause,
    step: ChunkStep,
    report: DrainReport,
) -> None:
    policy = DrainPolicy(
        lease=timedelta(seconds=settings.lease_seconds),
        linger=timedelta(seconds=settings.linger_seconds),
        max_session=timedelta(seconds=settings.max_session_seconds),
        pace=timedelta(seconds=settings.pace_seconds),
        max_attempts=settings.max_attempts,
    )
    try:
        await write_in(store, _end_alarms, own_client(settings))
        async with open_session(settings, store, kind=CallerKind.DRAIN, cause=cause) as session:
            report.calls = session.calls
            await Drain(session, policy, step, report).run(opened)
    except KeysMoved as error:
        report.ended_because = str(error)
    except SourceError as error:
        report.ended_because = f"the source failed: {error}"
        await note_failure(store, error)
        raise
    except asyncio.CancelledError:
        report.ended_because = "it was cancelled; what was under way is due again"
        raise
    finally:
        await asyncio.shield(_close(store, opened))


def _end_alarms(tx: Transaction, client: str | None) -> None:
    end_silence(tx)
    end_connection_alarm(tx, client)


async def _close(store: Store, opened: Opened) -> None:
    """Close the door where the drain never came to it; else this changes nothing."""
    try:
        await write_in(store, close_door, generation=opened.generation)
    except StoreError as error:
        log.warning("the door closes by itself when its lease lapses: %s", error)


@dataclass(frozen=True, slots=True)
class DrainPolicy:
    """How long a drain stays open, and how fast it turns."""

    lease: timedelta
    linger: timedelta
    max_session: timedelta
    pace: timedelta
    max_attempts: int


@dataclass(slots=True)
class Drain:
    """One drain of one run. `clock` is monotonic, in seconds."""

    session: Session
    policy: DrainPolicy
    step: ChunkStep
    report: DrainReport = field(default_factory=DrainReport)
    clock: Callable[[], float] = field(default_factory=lambda: asyncio.get_running_loop().time)

    async def run(self, opened: Opened) -> DrainReport:
        """Settle due events until none is left for a linger, or the session is over.

        Raises:
            SourceError: the source fails; its events are due again.
            LeaseLost, FenceLost: another drain took over.
        """
        self.report.predecessor = opened.predecessor
        ends_at = self.clock() + self.policy.max_session.total_seconds()
        generation: Generation | None = opened.generation
        while generation is not None:
            await self._hold_door(generation, ends_at)
            generation = await self._look_again(generation, ends_at)
        return self.report

    async def _hold_door(self, generation: Generation, ends_at: float) -> None:
        async def renew() -> bool:
            return await self.session.write(
                renew_lease, generation=generation, lease=self.policy.lease
            )

        counted, patience = False, timedelta(0)
        try:
            async with kept_lease(renew, self.policy.lease, what="the door"):
                await self._settle_until_dry(generation, ends_at)
        except StoreError:
            # It may be back before the lease lapses: then this costs no event an attempt, and the
            # next drain need not wait for the lease.
            patience = self.policy.lease
            raise
        except (SourceError, LeaseLost, asyncio.CancelledError):
            raise
        except Exception:
            # Our own defect: the attempt stays counted, so that a chunk that fails the run
            # ends as a dead letter instead of failing every run.
            counted = True
            raise
        finally:
            # Also when cancelled: what was taken must be due again, and the door free.
            leaving = self._leave(generation, counted=counted, patience=patience)
            await asyncio.shield(leaving)

    async def _settle_until_dry(self, generation: Generation, ends_at: float) -> None:
        dry_since = self.clock()
        # A drain before this one may have deleted a product, and then been failed by the source.
        may_have_referrers = True
        while self.clock() < ends_at:
            began = self.clock()
            chunk = await self._take(generation)
            if chunk.events:
                await self._settle_chunk(generation, chunk)
                dry_since = self.clock()
                may_have_referrers = True
                await self._pace(generation, began)
            elif may_have_referrers:
                # Whose associations pointed to what is gone: no event will tell of them.
                await read_referrers(self.session, generation)
                may_have_referrers = False
            elif self.clock() - dry_since >= self.policy.linger.total_seconds():
                return
            else:
                await asyncio.sleep(POLL_SECONDS)
        self.report.ended_because = "its session was over; the next drain goes on"

    async def _take(self, generation: Generation) -> Chunk:
        chunk = await self.session.write(
            take_chunk,
            generation=generation,
            max_attempts=self.policy.max_attempts,
            max_products=CHUNK_PRODUCTS,
        )
        self.report.buried += chunk.buried
        return chunk

    async def _settle_chunk(self, generation: Generation, chunk: Chunk) -> None:
        oldest = min(event.received_at for event in chunk.events)
        self.report.oldest_wait = max(self.report.oldest_wait, self._age(oldest))
        fence = Fence(self.session, generation)
        events, outcome = await settle_own(fence, chunk.events)
        if events:
            outcome.add(await self._step_apart(fence, events))
        self.report.total.add(outcome)
        self.report.events += len(chunk.events)
        self.report.chunks += 1
        if self.report.chunks == 1:
            await note_success(self.session.store)

    async def _step_apart(self, fence: Fence, events: Sequence[DueEvent]) -> ChunkOutcome:
        """Settle a chunk; an error that nobody foresaw costs only the product or model it is of.

        Its own attempt is counted, and the last one makes a dead letter with what was the matter.
        """
        things: defaultdict[str, list[DueEvent]] = defaultdict(list)
        for event in events:
            things[event.resource_key].append(event)

        async def work(keys: Sequence[str]) -> ChunkOutcome:
            wanted = {event.row_id for key in keys for event in things[key]}
            some = [event for event in events if event.row_id in wanted]
            return await self.step(fence, some)

        failed: dict[str, InvalidAnswer] = {}

        async def fail(key: str, error: InvalidAnswer) -> ChunkOutcome:
            failed[key] = error
            return ChunkOutcome()

        total = ChunkOutcome()
        for outcome in await each_apart(list(things), work, fail):
            total.add(outcome)
        if len(failed) == len(things) >= SUSPICIOUS:
            # No single thing is at fault: let the run fail, and be seen.
            raise RuntimeError(str(failed[min(failed)]))
        for key, error in failed.items():
            total.add(await fence.put_off_or_bury(things[key], name=key, reason=str(error)))
        return total

    async def _pace(self, generation: Generation, began: float) -> None:
        """Wait until a whole chunk is due, or `pace` has passed since the last one began."""
        while self.clock() - began < self.policy.pace.total_seconds():
            due = await self.session.read(
                count_due_products, generation=generation, limit=CHUNK_PRODUCTS
            )
            if due >= CHUNK_PRODUCTS:
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _leave(self, generation: Generation, *, counted: bool, patience: timedelta) -> None:
        """Give back what was taken and close; a store that is away for longer lets it lapse."""
        ends_at = self.clock() + patience.total_seconds()
        while True:
            try:
                if not counted:
                    await self.session.write(give_back_all, generation=generation)
                await self.session.write(close_door, generation=generation)
            except FenceLost:
                log.info("the door is another drain's already")
            except StoreError as error:
                if error.retryable and self.clock() < ends_at:
                    await asyncio.sleep(AWAY_SECONDS)
                    continue
                log.warning("the door closes by itself when its lease lapses: %s", error)
            return

    async def _look_again(self, generation: Generation, ends_at: float) -> Generation | None:
        """After the closing was committed: reopen if something came in between."""
        if self.clock() >= ends_at:
            return None
        successor = new_generation()
        reopened = await self.session.write(
            reopen_door, generation=generation, successor=successor, lease=self.policy.lease
        )
        return successor if reopened else None

    def _age(self, instant: datetime) -> timedelta:
        return self.session.now() - instant


def new_generation() -> Generation:
    """A generation nobody has had."""
    return Generation(str(uuid4()))
