"""The pipeline of one subscription: its events in order, its rate, its retries, its end.

While the subscription is not active nothing is in it; what was in it when that ended is lost.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import NamedTuple

from pim.json_types import JsonObject
from simulator.config import EventPlatformConfig
from simulator.deliveries import FORGED_SECRET, Fate
from simulator.platform.hours import Hours
from simulator.platform.record import HOUR, LEAST_SUCCESS, Record
from simulator.platform.registry import Subscription
from simulator.platform.sender import Outcome, Sender
from simulator.platform.specs import Spec

_MOST_GROWTH_SECONDS = 3600.0


@dataclass(eq=False, slots=True)
class Delivery:
    """One event on its way to one subscription; `made_at` in the platform's hours.

    `forged`: what somebody else sends along, at the first attempt.
    """

    body: bytes
    type: str
    made_at: float
    fate: Fate = field(default_factory=Fate)
    forged: bytes | None = None
    retries: int = 0
    is_begun: bool = False
    is_counted: bool = False
    is_lost: bool = False
    end: asyncio.Event = field(default_factory=asyncio.Event)


class Surroundings(NamedTuple):
    """What a pipeline works with: the platform's settings as they are, its hours, its sender."""

    config: Callable[[], EventPlatformConfig]
    hours: Hours
    sender: Sender
    going: asyncio.Event


class Pipeline:
    """Delivers what it is given; `run` is what empties it.

    `fail` hears of each failure, `suspend` of the one that ends the subscription.
    """

    def __init__(
        self,
        subscription: Subscription,
        around: Surroundings,
        *,
        fail: Callable[[Subscription, Outcome], None],
        suspend: Callable[[Subscription, str], None],
    ) -> None:
        self.subscription = subscription
        self.record = Record()
        self._around = around
        self._fail = fail
        self._suspend = suspend
        self._ready: deque[Delivery] = deque()
        self._waiting: list[tuple[float, int, Delivery]] = []
        self._numbers = count()
        self._outstanding: set[Delivery] = set()
        self._woken = asyncio.Event()
        self._slot = 0.0
        self._rated_at = around.hours.now()
        self.rate = self._config.rate_start

    @property
    def _config(self) -> EventPlatformConfig:
        return self._around.config()

    @property
    def _hour(self) -> float:
        return self._around.hours.scaled(HOUR)

    @property
    def outstanding(self) -> int:
        """How many events are neither delivered nor given up."""
        return len(self._outstanding)

    def put(self, delivery: Delivery) -> None:
        """Take an event in."""
        self.record.counts["events"] += 1
        self._outstanding.add(delivery)
        self._ready.append(delivery)
        self._woken.set()

    def empty(self) -> None:
        """Lose everything that is not delivered yet; the rate and the hour begin anew."""
        self.record.counts["lost_while_suspended"] += len(self._outstanding)
        for delivery in self._outstanding:
            delivery.is_lost = True
            delivery.end.set()
        self._outstanding.clear()
        self._ready.clear()
        self._waiting.clear()
        self.record.forget_hour()
        self.rate = self._config.rate_start

    async def run(self) -> None:
        """Deliver until cancelled."""
        under_way: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while True:
                delivery = await self._next()
                await self._around.going.wait()
                if not delivery.is_begun and delivery.fate.waits:
                    # Those that are kept back take no place, or they would hold up all others.
                    group.create_task(self._keep_back(delivery))
                    continue
                await self._wait_for_slot()
                while len(under_way) >= self._config.parallel:
                    await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                task = group.create_task(self._carry(delivery))
                under_way.add(task)
                task.add_done_callback(under_way.discard)

    def report(self) -> JsonObject:
        """How it is doing."""
        share, judged = self.record.success_rate(self._around.hours.now() - self._hour)
        return {
            **self.record.report(),
            "rate": round(self.rate, 3),
            "outstanding": self.outstanding,
            "waiting_retries": len(self._waiting),
            "success_rate": round(share, 4),
            "judged": judged,
        }

    async def _next(self) -> Delivery:
        while True:
            now = self._around.hours.now()
            while self._waiting and self._waiting[0][0] <= now:
                self._ready.append(heapq.heappop(self._waiting)[2])
            if self._ready:
                return self._ready.popleft()
            until = self._waiting[0][0] if self._waiting else None
            await self._around.hours.rest(self._woken, until)

    async def _keep_back(self, delivery: Delivery) -> None:
        fate = delivery.fate
        self.record.counts["delayed"] += fate.delayed
        self.record.counts["shuffled"] += fate.shuffled
        await asyncio.sleep(fate.queue_seconds + fate.network_seconds)
        delivery.is_begun = True
        if not delivery.is_lost:
            self._ready.append(delivery)
            self._woken.set()

    async def _wait_for_slot(self) -> None:
        now = asyncio.get_running_loop().time()
        self._slot = max(self._slot + 1 / self.rate, now)
        await asyncio.sleep(self._slot - now)

    async def _carry(self, delivery: Delivery) -> None:
        try:
            spec = self.subscription.spec_at(self._around.hours.now())
            if not delivery.is_lost and spec is not None:
                await self._attempt(delivery, spec)
        finally:
            delivery.end.set()

    async def _attempt(self, delivery: Delivery, spec: Spec) -> None:
        config, sender = self._config, self._around.sender
        if delivery.forged is not None:
            forged, delivery.forged = delivery.forged, None
            self.record.counts["forged_sent"] += 1
            await sender.deliver(config, spec, forged, secret=FORGED_SECRET)
        if delivery.fate.drop:
            self._finish(delivery, "dropped")
            return
        outcome = await sender.deliver(config, spec, delivery.body)
        self.record.counts["sent"] += 1
        self.record.answers[outcome.reason if outcome.status is None else str(outcome.status)] += 1
        if delivery.is_lost:
            return
        self._settle(delivery, outcome)
        if delivery.fate.repeat and not outcome.is_throttle:
            delivery.fate = replace(delivery.fate, repeat=False)
            self.record.counts["repeated"] += 1
            await sender.deliver(config, spec, delivery.body)

    def _settle(self, delivery: Delivery, outcome: Outcome) -> None:
        now = self._around.hours.now()
        if outcome.is_accepted(self._config):
            self._finish(delivery, "delivered")
            self.record.delivered_by_type[delivery.type] += 1
            self.record.note(now, self._hour, success=True)
            self._raise_rate(now)
        elif outcome.is_throttle:
            self._throttle(delivery, outcome, now)
        elif outcome.is_misdirected:
            self._finish(delivery, "failed")
            self._fail(self.subscription, outcome)
            self._suspend(self.subscription, outcome.message)
        else:
            self._retry_or_give_up(delivery, outcome, now)

    def _retry_or_give_up(self, delivery: Delivery, outcome: Outcome, now: float) -> None:
        config = self._config
        may_retry = outcome.is_transient or config.retry_on_4xx
        is_over = not may_retry or delivery.retries == len(config.retry_delays_s)
        self.record.counts["failed_attempts"] += 1
        self._fail(self.subscription, outcome)
        if is_over:
            self._finish(delivery, "failed")
        else:
            due = self._around.hours.after(config.retry_delays_s[delivery.retries])
            delivery.retries += 1
            self.record.counts["retries"] += 1
            heapq.heappush(self._waiting, (due, next(self._numbers), delivery))
            self._woken.set()
        if is_over or config.success_unit == "attempt":
            self._count_failure(now)

    def _throttle(self, delivery: Delivery, outcome: Outcome, now: float) -> None:
        config, hours = self._config, self._around.hours
        self.record.counts["throttled"] += 1
        self.rate = max(self.rate * config.rate_down, config.rate_min)
        self._rated_at = now
        age = now - delivery.made_at
        if age >= hours.scaled(config.throttled_drop_after_s):
            self._finish(delivery, "failed")
        else:
            self._ready.appendleft(delivery)
            self._woken.set()
        if age >= hours.scaled(config.throttled_fail_after_s) and not delivery.is_counted:
            delivery.is_counted = True
            self._fail(self.subscription, outcome)
            self._count_failure(now)

    def _count_failure(self, now: float) -> None:
        self.record.note(now, self._hour, success=False)
        share, judged = self.record.success_rate(now - self._hour)
        if judged >= self._config.success_min_attempts and share < LEAST_SUCCESS:
            self._suspend(self.subscription, "Success rate dropped below 90%")

    def _raise_rate(self, now: float) -> None:
        config, elapsed = self._config, max(now - self._rated_at, 0.0)
        grown = self.rate * (1 + config.rate_up) ** min(elapsed, _MOST_GROWTH_SECONDS)
        self.rate = min(max(grown, config.rate_min), config.rate_max)
        self._rated_at = now

    def _finish(self, delivery: Delivery, how: str) -> None:
        self.record.counts[how] += 1
        self._outstanding.discard(delivery)
