"""What the trigger tells a person: alarms that `status` shows until they are over."""

import logging
from collections.abc import Callable
from datetime import datetime

from receiver.trigger_policy import UNREACHABLE_AFTER_SECONDS, Run
from receiver.trigger_ports import DeploymentMissing, Door, RunServerError

PREFECT_UNREACHABLE = "prefect-unreachable"
DEPLOYMENT_MISSING = "deployment-missing"
WORK_POOL_PAUSED = "work-pool-paused"
NO_WORKER = "no-worker"

_OURS = (PREFECT_UNREACHABLE, DEPLOYMENT_MISSING, WORK_POOL_PAUSED, NO_WORKER)

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

    async def refresh(self) -> None:
        """Learn which of our alarms stand, whoever raised them."""
        standing = await self._door.read_alarms()
        self._standing = {name: text for name, text in standing.items() if name in _OURS}

    async def server_answered(self) -> None:
        """The run server does what it is asked."""
        self._failing_since = None
        await self._clear(PREFECT_UNREACHABLE)
        await self._clear(DEPLOYMENT_MISSING)

    async def server_failed(self, error: RunServerError) -> None:
        """The run server did not do it: an alarm, once that lasts."""
        since, since_at = self._failing_since or (self._clock(), self._wall_clock())
        self._failing_since = since, since_at
        if self._clock() - since < UNREACHABLE_AFTER_SECONDS:
            return
        if isinstance(error, DeploymentMissing):
            await self._clear(PREFECT_UNREACHABLE)
            await self._raise(DEPLOYMENT_MISSING, str(error))
            return
        text = f"Prefect server unreachable since {since_at:%Y-%m-%d %H:%M:%S} UTC: {error}"
        await self._raise(PREFECT_UNREACHABLE, text)

    async def pool_seen(self, *, paused: bool) -> None:
        """The work pool was looked at."""
        if not paused:
            await self._clear(WORK_POOL_PAUSED)
            return
        await self._clear(NO_WORKER)
        await self._raise(
            WORK_POOL_PAUSED,
            "work pool paused in Prefect: deliveries are kept, nothing is processed; resume it"
            " in the Prefect UI",
        )

    async def run_waits(self, run: Run) -> None:
        """No worker has taken the run for a while; a paused pool is reason enough."""
        if WORK_POOL_PAUSED in self._standing:
            return
        await self._raise(
            NO_WORKER,
            f"no worker has taken the flow run '{run.name}': start one with `akeneo-sync worker`",
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
