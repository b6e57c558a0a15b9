"""The trigger: one coroutine beside the request path that asks for a drain when one is needed.

Strictly serial: a Prefect server on SQLite answers 503 to most creations asked in parallel.
Level-triggered: woken by a commit, and every 15 s besides, it looks at the door, so that a lost
wake-up, run or process only costs time. It can fail no delivery: they are answered before it acts.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import assert_never

from pim.ids import Generation
from receiver.config import utc_now
from receiver.trigger.alarms import TriggerAlarms
from receiver.trigger.policy import (
    TICK_SECONDS,
    WATCH_SECONDS,
    Ask,
    Asked,
    LookAtRun,
    LookBack,
    Memory,
    Rest,
    Wait,
    decide_step,
    pause_seconds,
    remember_asking,
    remember_look,
    remember_look_back,
    remember_rest,
    rest_seconds,
)
from receiver.trigger.ports import Door, RunServer, RunServerError
from storage import StoreError
from storage.inbox import DrainNeed

_BREATH_SECONDS = 0.02  # a burst of commits costs one look at the door
_MAX_MOVES = 5  # in one step: spent keys and races are few
_MOVES_PAUSE_SECONDS = 1.0

_log = logging.getLogger(__name__)


class Trigger:
    """Asks the run server for a drain; `clock` is monotonic, in seconds."""

    def __init__(
        self,
        runs: RunServer,
        door: Door,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._runs = runs
        self._door = door
        self._clock = clock
        self._wall_clock = wall_clock
        self._jitter = jitter
        self._woken = asyncio.Event()
        self._memory = Memory()
        self._alarms = TriggerAlarms(door, clock=clock, wall_clock=wall_clock)
        self._failures = 0  # calls in a row
        self._rests_until = 0.0
        self._refresh_at = 0.0
        self._watch_at = 0.0
        self._idle: Mapping[str, str] = {}

    def wake(self) -> None:
        """Say that something was committed; returns at once, never raises."""
        self._woken.set()

    async def run(self) -> None:
        """Trigger until cancelled."""
        try:
            async with self._runs.session():
                while True:
                    await self._rest(await self._step_safely())
        finally:
            await self._door.close()

    async def step(self) -> float:
        """Look at the door and do what it asks for; answers how many seconds to rest.

        Raises:
            StoreError: the door cannot be read or moved.
        """
        await self._watch()
        wait = self._rests_until - self._clock()
        if wait > 0:
            return wait
        try:
            rest = await self._serve_door()
            await self._refresh_alarms()
        except RunServerError as error:
            return await self._back_off(error)
        self._failures = 0
        await self._alarms.server_answered()
        return rest

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()
        await asyncio.sleep(_BREATH_SECONDS)

    async def _step_safely(self) -> float:
        try:
            return await self.step()
        except StoreError as error:
            _log.warning("the trigger cannot look at the door: %s", error)
        except Exception:  # noqa: BLE001 - it must outlive its own defects: nothing else triggers
            _log.exception("the trigger failed, and goes on")
        return TICK_SECONDS

    async def _serve_door(self) -> float:
        for _ in range(_MAX_MOVES):
            need = await self._door.read_need()
            rest = await self._move(need)
            if rest is not None:
                return rest
        return _MOVES_PAUSE_SECONDS

    async def _move(self, need: DrainNeed) -> float | None:
        """Do the next thing; None: look at the door again at once."""
        now = self._clock()
        decision = decide_step(need, self._memory, now)
        match decision:
            case Rest():
                self._memory = remember_rest(self._memory, now)
                await self._alarms.run_waits_no_more()
                return rest_seconds(need, self._wall_clock())
            case Wait():
                return min(decision.until - now, TICK_SECONDS)
            case Ask():
                return await self._ask(need)
            case LookAtRun():
                return await self._look(decision.asked)
            case LookBack():
                run = await self._runs.read_run(decision.asked.run.run_id)
                self._memory = remember_look_back(self._memory, decision.asked, run)
                return None
        assert_never(decision)

    async def _ask(self, need: DrainNeed) -> float | None:
        run = await self._runs.create_run(
            key=f"process-inbox:{need.generation}:{need.attempt}",
            name=f"process-inbox {self._wall_clock():%H:%M:%S}",
        )
        memory = remember_asking(self._memory, need, run, self._clock())
        return await self._go_on(memory, need.generation, need.attempt)

    async def _look(self, asked: Asked) -> float | None:
        run = await self._runs.read_run(asked.run.run_id)
        memory = remember_look(self._memory, asked, run, self._clock())
        if memory is None:
            await self._alarms.run_waits_no_more()
        else:
            await self._alarms.run_waits(asked.run)
        return await self._go_on(memory, asked.generation, asked.attempt)

    async def _go_on(
        self, memory: Memory | None, generation: Generation, attempt: int
    ) -> float | None:
        if memory is None:
            await self._door.raise_attempt(generation, attempt)
            return None
        self._memory = memory
        return TICK_SECONDS

    async def _refresh_alarms(self) -> None:
        """Now and then, needed or not: `status` must say that Prefect is gone, or paused."""
        if self._clock() < self._refresh_at:
            return
        await self._alarms.refresh()
        await self._alarms.lane_seen(await self._runs.look())
        self._refresh_at = self._clock() + TICK_SECONDS

    async def _watch(self) -> None:
        """Say each minute, Prefect or none, that somebody looks: time that passes counts then."""
        if self._clock() < self._watch_at:
            return
        self._watch_at = self._clock() + WATCH_SECONDS
        with suppress(RunServerError):  # an alarm of its own says so; what was known stands
            self._idle = await self._runs.find_idle()
        try:
            await self._door.note_watch(self._idle)
        except StoreError as error:  # no reason to trigger nothing
            _log.warning("the trigger cannot note that it looks: %s", error)

    async def _back_off(self, error: RunServerError) -> float:
        self._failures += 1
        pause = pause_seconds(self._failures, self._jitter())
        self._rests_until = self._clock() + pause
        await self._alarms.server_failed(error)
        return pause
