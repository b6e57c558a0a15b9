"""The PIM's delivery queue: bulks in order, a few at a time, each with its fate."""

import asyncio
from collections import deque
from collections.abc import Iterable

import httpx

from simulator.deliveries.envelope import Bulk, Payload, build_payload, split_bulks
from simulator.deliveries.faults import FORGED_SECRET, Fate, FateDrawer, forge_payload
from simulator.deliveries.webhook import Answer, Ledger, Subscription, Webhook
from simulator.edits import PimEvent
from simulator.simulation import Simulation

_HOUR = 3600.0


class Dispatcher:
    """Tells a subscription of events, from a queue of its own; `run` is what empties it."""

    def __init__(
        self, simulation: Simulation, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        config = simulation.config
        self._simulation = simulation
        self._webhook = Webhook(simulation.clock, config.webhook_timeout_seconds, transport)
        self._queue: asyncio.Queue[tuple[Bulk, asyncio.Event]] = asyncio.Queue()
        self._places = asyncio.Semaphore(config.webhook_concurrency)
        self._sent_at: deque[float] = deque()
        self._going = asyncio.Event()
        self._going.set()
        self.fates = FateDrawer(config.seed, config.faults)
        self.ledger = Ledger()
        self.subscription: Subscription | None = None
        if config.webhook_url is not None and config.webhook_secret is not None:
            self.subscription = Subscription(config.webhook_url, config.webhook_secret)

    @property
    def is_paused(self) -> bool:
        """Whether deliveries wait in the queue until `resume`."""
        return not self._going.is_set()

    @property
    def waiting(self) -> int:
        """Bulks in the queue."""
        return self._queue.qsize()

    def pause(self) -> None:
        """Send nothing more; what is under way goes on."""
        self._going.clear()

    def resume(self) -> None:
        """Send again, beginning with what has waited."""
        self._going.set()

    def put(self, events: Iterable[PimEvent]) -> list[asyncio.Event]:
        """Queue the events of one save; each answer is set when all of its bulk is out.

        The save is kept first: nobody is told of what a PIM that is killed now would forget.
        """
        self._simulation.keep()
        ends: list[asyncio.Event] = []
        for bulk in split_bulks(list(events)):
            end = asyncio.Event()
            self._queue.put_nowait((bulk, end))
            self.ledger.counts["bulks"] += 1
            self.ledger.counts["events"] += len(bulk)
            ends.append(end)
        return ends

    async def test_subscription(self) -> Answer | None:
        """Send the empty, signed body of the PIM's Test button; None if nobody subscribed."""
        if self.subscription is None:
            return None
        return await self._webhook.post(self.subscription, Payload(b"", 0))

    async def run(self) -> None:
        """Deliver until cancelled; then what is under way is cut off."""
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    bulk, end = await self._queue.get()
                    await self._going.wait()
                    fate = self.fates.draw()
                    # Those that wait take no place, or they would hold up all others.
                    if not fate.waits:
                        await self._places.acquire()
                    group.create_task(self._deliver(bulk, fate, end))
        finally:
            await self._webhook.close()

    async def _deliver(self, bulk: Bulk, fate: Fate, end: asyncio.Event) -> None:
        try:
            if self.subscription is None:
                self.ledger.counts["nobody_to_tell"] += 1
                return
            if fate.forge:
                await self._forge()
            if fate.drop:
                self.ledger.counts["dropped"] += 1
            else:
                await self._tell(bulk, fate)
        finally:
            end.set()
            if not fate.waits:
                self._places.release()

    async def _tell(self, bulk: Bulk, fate: Fate) -> None:
        counts = self.ledger.counts
        counts["delayed"] += fate.delayed
        counts["shuffled"] += fate.shuffled
        await asyncio.sleep(fate.queue_seconds)
        payload = build_payload(self._simulation, bulk)
        await asyncio.sleep(fate.network_seconds)
        if payload is None:
            counts["nothing_to_tell"] += 1
            return
        await self._post(payload)
        if fate.repeat:
            counts["repeated"] += 1
            again = build_payload(self._simulation, bulk) if fate.rebuilt else None
            await self._post(again or payload)

    async def _forge(self) -> None:
        payload = forge_payload(self._simulation, self.fates.draw_forgery())
        if payload is not None and self.subscription is not None:
            forged = Subscription(self.subscription.url, FORGED_SECRET)
            self.ledger.note(await self._webhook.post(forged, payload, forged=True))

    async def _post(self, payload: Payload) -> None:
        await self._wait_for_quota()
        if self.subscription is not None:
            self.ledger.note(await self._webhook.post(self.subscription, payload))

    async def _wait_for_quota(self) -> None:
        limit = self._simulation.config.requests_per_hour
        if limit is None:
            return
        while True:
            now = asyncio.get_running_loop().time()
            while self._sent_at and self._sent_at[0] <= now - _HOUR:
                self._sent_at.popleft()
            if len(self._sent_at) < limit:
                self._sent_at.append(now)
                return
            self.ledger.counts["silent_for_quota"] += 1
            await asyncio.sleep(self._sent_at[0] + _HOUR - now)
