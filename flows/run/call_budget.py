"""Call budget: how many calls a run may make at a time, and the count of those it made.

Leases in the store share the budget out. Calls are counted in memory and written to the
store now and then, for `/metrics`.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias

from flows.run.lease import LEASE
from flows.run.threads import write_in
from pim.http import cause_of_calls
from pim.vocabulary import CallCause, CallKind
from storage import Store, StoreError, Transaction
from storage.figures import count_call_causes, count_calls
from storage.state import CallerKind, acquire_slots, release_slots

log = logging.getLogger(__name__)

RENEWAL_SECONDS = 10.0
# One each, since both ask for page after page: the third is for a person's command meanwhile. A
# drain that took every share it could would starve the sweeps for as long as deliveries come.
WANTED = {CallerKind.DRAIN: 1, CallerKind.SWEEP: 1}

WRITE_SECONDS = 5.0
"""How long a count may be held back: a killed process takes no more than that with it."""


class SharedGate:
    """A semaphore whose size follows the leased slots; counts the calls made."""

    def __init__(self) -> None:
        self.calls = 0
        self._size = 0
        self._owed = 0
        self._permits = asyncio.Semaphore(0)

    def resize(self, size: int) -> None:
        """Allow `size` calls at a time; a smaller size takes hold as running calls end."""
        grown = size - self._size
        self._size = size
        for _ in range(max(0, grown)):
            self._give()
        self._owed += max(0, -grown)

    def _give(self) -> None:
        if self._owed:
            self._owed -= 1
        else:
            self._permits.release()

    @asynccontextmanager
    async def call(self) -> AsyncIterator[None]:
        """Wait for a share of the budget, and give it back at the end."""
        await self._permits.acquire()
        self.calls += 1
        try:
            yield
        finally:
            self._give()


@dataclass(frozen=True, slots=True)
class _Share:
    store: Store
    holder: str
    kind: CallerKind

    async def refresh(self) -> int:
        """Renew what is held and take what has become free; answer how much is held."""
        held = await write_in(
            self.store,
            acquire_slots,
            holder=self.holder,
            kind=self.kind,
            want=WANTED[self.kind],
            lease=LEASE,
        )
        return len(held)

    async def release(self) -> None:
        await write_in(self.store, release_slots, holder=self.holder)


@asynccontextmanager
async def shared_gate(store: Store, *, holder: str, kind: CallerKind) -> AsyncIterator[SharedGate]:
    """Hold a share of the source's call budget for a session.

    Calls wait until a share is free. A share whose renewals fail lapses after 60 s, so that a
    killed run blocks nobody for longer.
    """
    gate = SharedGate()
    share = _Share(store, holder, kind)
    gate.resize(await share.refresh())
    upkeep = asyncio.create_task(_keep_share(gate, share))
    try:
        yield gate
    finally:
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
        try:
            await share.release()
        except StoreError as error:
            log.warning("the call budget's share lapses by itself: %s", error)


async def _keep_share(gate: SharedGate, share: _Share) -> None:
    held = 0
    while True:
        # A run without any share looks more often: it can do nothing else.
        await asyncio.sleep(RENEWAL_SECONDS if held else 0.5)
        try:
            held = await share.refresh()
        except StoreError as error:
            log.warning("could not renew the share of the call budget: %s", error)
            continue
        gate.resize(held)


Calls: TypeAlias = Counter[tuple[CallCause, CallKind]]
"""How many calls were made for what, by what was asked for."""


class CallCounts:
    """The calls of a session, and those not yet written; used on one event loop.

    `cause`: what those are made for of which nothing else is said. `made`: all of them.
    """

    def __init__(self, cause: CallCause) -> None:
        self.made: Calls = Counter()
        self._cause = cause
        self._seconds: dict[tuple[CallKind, str], list[float]] = {}
        self._causes: Calls = Counter()

    def observe(self, kind: CallKind, end: str, seconds: float) -> None:
        """Count one call, for what it is made here (`calls_for`)."""
        made_for = (cause_of_calls() or self._cause, kind)
        self.made[made_for] += 1
        self._causes[made_for] += 1
        self._seconds.setdefault((kind, end), []).append(seconds)

    async def write(self, store: Store) -> None:
        """Write what has been counted; what cannot be written is counted on.

        Raises:
            StoreError: the store does not take it.
        """
        taken, self._seconds = self._seconds, {}
        causes, self._causes = self._causes, Counter()
        if not taken:
            return

        def add(tx: Transaction) -> None:
            for (kind, end), seconds in taken.items():
                count_calls(tx, kind, end, calls=len(seconds), seconds=seconds)
            for (cause, kind), calls in causes.items():
                count_call_causes(tx, cause, kind, calls=calls)

        try:
            await write_in(store, add)
        except StoreError:
            for (kind, end), seconds in taken.items():
                self._seconds.setdefault((kind, end), []).extend(seconds)
            self._causes.update(causes)
            raise


@asynccontextmanager
async def counted_calls(store: Store, cause: CallCause) -> AsyncIterator[CallCounts]:
    """Count the calls of a session for `cause`, and leave none uncounted at its end.

    What a store that is away does not take is lost with the session: counting fails no run.
    """
    counts = CallCounts(cause)
    upkeep = asyncio.create_task(_write_now_and_then(counts, store), name="call-counts")
    try:
        yield counts
    finally:
        upkeep.cancel()
        await asyncio.gather(upkeep, return_exceptions=True)
        try:
            await counts.write(store)
        except StoreError as error:
            log.warning("calls of this run are missing in the metrics: %s", error)


async def _write_now_and_then(counts: CallCounts, store: Store) -> None:
    while True:
        await asyncio.sleep(WRITE_SECONDS)
        try:
            await counts.write(store)
        except StoreError as error:
            log.debug("calls are counted on: %s", error)
