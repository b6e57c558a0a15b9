"""Alarms of the trigger, which `status` shows until they are over."""

import logging
from collections.abc import Callable
from datetime import datetime

from receiver.trigger.policy import (
    STARTING_SECONDS,
    UNREACHABLE_AFTER_SECONDS,
    WORKER_GONE_AFTER_SECONDS,
    Run,
)
from receiver.trigger.ports import DeploymentMissing, Door, Lane, RunServerError

PREFECT_UNREACHABLE = "prefect-unreachable"
DEPLOYMENT_MISSING = "deployment-missing"
WORK_POOL_PAUSED = "work-pool-paused"
WORK_QUEUE_PAUSED = "work-queue-paused"
DEPLOYMENT_PAUSED = "deployment-paused"
NO_WORKER = "no-worker"
WORKER_GONE = "worker-gone"

_STOPS = (WORK_POOL_PAUSED, WORK_QUEUE_PAUSED, DEPLOYMENT_PAUSED)
_OURS = (PREFECT_UNREACHABLE, DEPLOYMENT_MISSING, *_STOPS, NO_WORKER, WORKER_GONE)

_log = logging.getLogger(__name__)


class TriggerAlarms:
    """Raises and clears the trigger's alarms, writing only what changes.

    Several receivers share the alarms: what stands is read anew with each `refresh`.
    """

    def __init__(
        self,
        door: Door,
        *,
        clock: Callable[[], float],
        wall_clock: Callable[[], datetime],
    ) -> None:
        self._door = door
        self._clock = clock
        self._wall_clock = wall_clock
        self._standing: dict[str, str] = {}
        self._failing_since: tuple[float, datetime] | None = None
        self._alone_since: tuple[float, datetime] | None = None
        self._has_answered = False

    async def refresh(self) -> None:
        """Learn which of our alarms stand, whoever raised them."""
        standing = await self._door.read_alarms()
        self._standing = {name: text for name, text in standing.items() if name in _OURS}

    async def server_answered(self) -> None:
        """The run server does what it is asked."""
        self._failing_since = None
        self._has_answered = True
        await self._clear(PREFECT_UNREACHABLE)
        await self._clear(DEPLOYMENT_MISSING)

    async def server_failed(self, error: RunServerError) -> None:
        """The run server did not do it: an alarm, once that lasts."""
        since, since_at = self._failing_since or (self._clock(), self._wall_clock())
        self._failing_since = since, since_at
        patience = UNREACHABLE_AFTER_SECONDS if self._has_answered else STARTING_SECONDS
        if self._clock() - since < patience:
            return
        if isinstance(error, DeploymentMissing):
            await self._clear(PREFECT_UNREACHABLE)
            await self._raise(DEPLOYMENT_MISSING, str(error))
            return
        text = f"Prefect server unreachable since {since_at:%Y-%m-%d %H:%M:%S} UTC: {error}"
        await self._raise(PREFECT_UNREACHABLE, text)

    async def lane_seen(self, lane: Lane) -> None:
        """The way of runs to workers was looked at, whether or not a run is on it."""
        for name in _STOPS:
            stop = lane.stops.get(name)
            if stop is None:
                await self._clear(name)
            else:
                await self._raise(name, f"{stop}: deliveries are kept, nothing is processed")
        await self._workers_seen(lane)
        if self._is_explained:
            await self._clear(NO_WORKER)

    async def run_waits(self, run: Run) -> None:
        """No worker has taken the run for a while, and nothing else explains it."""
        if self._is_explained:
            return
        await self._raise(
            NO_WORKER,
            f"no worker has taken the flow run '{run.name}': start one with `akeneo-sync worker`,"
            " or see whether those there are busy or look at other work queues",
        )

    @property
    def _is_explained(self) -> bool:
        return any(name in self._standing for name in (*_STOPS, WORKER_GONE))

    async def _workers_seen(self, lane: Lane) -> None:
        """Tell that no worker reports, on a quiet night, too; one that starts has a moment."""
        if lane.workers:
            self._alone_since = None
            await self._clear(WORKER_GONE)
            return
        since, since_at = self._alone_since or (self._clock(), self._wall_clock())
        self._alone_since = since, since_at
        if self._clock() - since < WORKER_GONE_AFTER_SECONDS or WORKER_GONE in self._standing:
            return
        await self._raise(
            WORKER_GONE,
            f"no worker reports to the work pool {lane.pool} since {since_at:%Y-%m-%d %H:%M:%S}"
            " UTC: deliveries are kept, nothing is processed and nothing swept",
        )

    async def run_waits_no_more(self) -> None:
        """A worker has taken the run, or none is needed."""
        await self._clear(NO_WORKER)

    async def _raise(self, name: str, text: str) -> None:
        if self._standing.get(name) == text:
            return
        if name not in self._standing:
            _log.warning("%s", text, extra={"alarm": name})
        await self._door.raise_alarm(name, text)
        self._standing[name] = text

    async def _clear(self, name: str) -> None:
        if name in self._standing:
            await self._door.clear_alarm(name)
            del self._standing[name]
            _log.warning("over: %s", name, extra={"alarm": name})
