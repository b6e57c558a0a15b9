"""Warm worker: a Prefect worker that runs this project's flows inside its own process.

Prefect's other workers start a process or a container for each flow run, which takes 3 to 9 s and
as many CPU seconds; a sync that promises products within seconds cannot afford that. Measured here
on 2 cores, server and worker on SQLite: from creating a run to its first line 0.6 s (median of 15,
of which a poll is 0.25 s), from Cancel to the flow's clean-up 1.2 s. All else about a deployment
stays ordinary, so the same deployments run on a `process` pool.

Decisions, with their reasons:

* Each run has a thread and an event loop of its own (`warm_run`).
* The worker polls for runs twice a second, and for cancellations every two: the server pushes
  nothing that can be relied on. Its own loops replace `BaseWorker.start`, which gives up, and
  takes all runs with it, after a few tries against a server that restarts.
* Its heartbeats are plain HTTP requests. Prefect's use a websocket: one that breaks in the middle
  of a heartbeat leaves a server on SQLite with its write lock taken for up to a minute.
* What runs where is recorded in Prefect itself, as the run's infrastructure id
  (`process_identity`).
* A worker that is stopped cancels its runs. A sweep goes on where it stopped: the same run is
  scheduled again. A drain ends as cancelled: what it left is due, and the next trigger takes it.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import anyio
import anyio.abc
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from prefect.workers.base import BaseVariables, BaseWorker

from deployments.flow_loading import FlowCache
from deployments.prefect_client import API_ERRORS, CALL_SECONDS, QuickClientContext, repeat
from deployments.worker.lost_runs import Judge, OpenStore, resolve_lost_runs
from deployments.worker.missed_runs import cancel_missed, find_missed
from deployments.worker.process_identity import own_incarnation
from deployments.worker.warm_engine import (
    StopReason,
    WarmJobConfiguration,
    WarmResult,
    empty_job_template,
    mark_suspended,
)
from deployments.worker.warm_run import WarmRun

log = logging.getLogger(__name__)

WORKER_TYPE = "akeneo-sync-warm"
MAX_RUNS = 5  # one drain, sweeps beside it, and one that waits for shops
_HEED_SECONDS = 2.0
_LOST_SECONDS = 10.0
_POLL_SECONDS = 10.0
_CALL_END_SECONDS = 1.0
_GRACE_SECONDS = 7.0  # for running flows to end when the worker is stopped


class WarmWorker(BaseWorker[WarmJobConfiguration, BaseVariables, WarmResult]):
    """Runs flows of `packages` in its own process.

    `resumed` names the entrypoints whose runs go on after the worker was stopped; those of
    `begun_again` do so after it was killed, too. `open_store` opens the store in which runs hold
    leases.
    """

    type = WORKER_TYPE
    job_configuration = WarmJobConfiguration
    _description = "Runs akeneo-sync's flows inside the worker's own process, within a second."

    def __init__(
        self,
        work_pool_name: str,
        *,
        name: str,
        packages: Sequence[str] = ("flows",),
        resumed: Sequence[str] = (),
        begun_again: Sequence[str] = (),
        open_store: OpenStore | None = None,
        preload: Sequence[str] = (),
        limit: int = MAX_RUNS,
        judge: Judge | None = None,
    ) -> None:
        # Not ahead of time: a run taken early would wait inside one of the few places.
        super().__init__(work_pool_name, name=name, limit=limit, prefetch_seconds=0)
        self._flows = FlowCache(packages)
        self._resumed = frozenset(resumed)
        self._begun_again = self._resumed | frozenset(begun_again)
        self._open_store = open_store
        self._preload = tuple(preload)
        self._me = own_incarnation(name)
        self._judge = judge or Judge(self._me)
        self._api_url = str(get_current_settings().api.url)
        self._running: dict[UUID, WarmRun] = {}
        self._stopping = False
        self._api_lost = False
        self._pool_lost = False

    @classmethod
    def get_default_base_job_template(cls) -> dict[str, Any]:
        """Return the emptiest template Prefect takes: a run has no process to configure."""
        return empty_job_template()

    async def serve(self, stop: asyncio.Event) -> None:
        """Run what is scheduled until `stop` is set; then end the runs, and return."""
        for entrypoint in self._preload:
            await asyncio.to_thread(self._flows.load, entrypoint)
        async with QuickClientContext(self._api_url), self:
            with suppress(*API_ERRORS), anyio.fail_after(CALL_SECONDS):
                # This worker has taken nothing yet: what is recorded as its own is a dead one's.
                await self._resolve_lost_runs(replace(self._judge, recorded_after=timedelta(0)))
            settings = get_current_settings().worker
            async with anyio.create_task_group() as loops:
                for seconds, work in (
                    (settings.query_seconds, self._poll),
                    (settings.heartbeat_seconds, self.sync_with_backend),
                    (_HEED_SECONDS, self._heed_operators),
                    (_LOST_SECONDS, self._resolve_lost_runs),
                ):
                    loops.start_soon(repeat, seconds, work, stop)
                await stop.wait()
                # A call under way ends by itself, unless the server is gone.
                loops.cancel_scope.deadline = anyio.current_time() + _CALL_END_SECONDS
            await self._stop_runs()
            with suppress(*API_ERRORS), anyio.fail_after(_CALL_END_SECONDS):
                # What a killed predecessor left may be younger than the last look.
                await self._resolve_lost_runs()

    async def run(
        self,
        flow_run: FlowRun,
        configuration: WarmJobConfiguration,
        task_status: anyio.abc.TaskStatus[Any] | None = None,
    ) -> WarmResult:
        """Run it to its end (called by `BaseWorker`, which has set it to pending)."""
        flow = await asyncio.to_thread(self._flows.load, configuration.entrypoint)
        resumed = configuration.entrypoint in self._resumed
        on_stop = StopReason.RESUMED if resumed else StopReason.ENDED
        run = WarmRun(flow, flow_run, api_url=self._api_url, on_worker_stop=on_stop)
        # Before it begins: of a run killed at its first line it must be known whose it was.
        await self.client.update_flow_run(flow_run.id, infrastructure_pid=str(self._me))
        self._running[flow_run.id] = run
        try:
            run.start()
            if task_status is not None:
                task_status.started(str(self._me))
            if self._stopping:
                run.stop(run.on_worker_stop)
            error = await run.wait()
            # A server that is gone cannot be told; the next worker of this name will see to it.
            patience = _CALL_END_SECONDS if self._stopping else CALL_SECONDS
            with suppress(*API_ERRORS), anyio.fail_after(patience):
                await run.report_end(error, self.client)
        finally:
            del self._running[flow_run.id]
            run.ended.set()
        return WarmResult(status_code=0, identifier=str(self._me))

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Take a run (called by `BaseWorker`), and stay whole if Prefect fails meanwhile.

        Prefect's own would let a server's absence end the worker, with all that it runs, and would
        keep the place of a run whose deployment is gone.
        """
        try:
            await super()._submit_run(flow_run)
        except (*API_ERRORS, ObjectNotFound) as error:
            log.warning("run %s could not be taken: %r", flow_run.name, error)
        finally:
            if flow_run.id not in self._running:
                self._submitting_flow_run_ids.discard(flow_run.id)
                self._release_limit_slot(flow_run.id)

    async def _submit_scheduled_flow_runs(
        self, flow_run_response: list[WorkerFlowRunResponse]
    ) -> list[FlowRun]:
        """Take what is due (called by `BaseWorker`), but of a schedule only the latest."""
        taken = self._submitting_flow_run_ids
        due = [each.flow_run for each in flow_run_response if each.flow_run.id not in taken]
        missed = find_missed(due)
        await cancel_missed(self.client, missed)
        kept = [each for each in flow_run_response if each.flow_run not in missed]
        return await super()._submit_scheduled_flow_runs(kept)

    async def sync_with_backend(self) -> None:
        """Say that this worker lives, and learn of its work pool.

        A pool that is gone (deleted by hand, or with Prefect's database) is said once, and looked
        for again: `deploy` makes it anew.
        """
        try:
            pool = await self.client.read_work_pool(self._work_pool_name)
            await self.client.send_worker_heartbeat(
                self._work_pool_name, self.name, self.heartbeat_interval_seconds
            )
        except ObjectNotFound:
            if not self._pool_lost:
                log.warning("Prefect knows no work pool %s any more", self._work_pool_name)
            self._pool_lost = True
            return
        self._pool_lost = False
        self._record_work_pool_snapshot(pool)
        await self._initialize_after_sync()

    async def _heed_operators(self) -> None:
        """Stop the runs that were cancelled through Prefect, and tell those that were suspended."""
        if not self._running:
            return
        ids = FlowRunFilterId(any_=list(self._running))
        for seen in await self.client.read_flow_runs(flow_run_filter=FlowRunFilter(id=ids)):
            cancelled = seen.state_type in (StateType.CANCELLING, StateType.CANCELLED)
            if cancelled and seen.id in self._running:
                self._running[seen.id].stop(StopReason.CANCELLED)
            mark_suspended(seen)

    async def _resolve_lost_runs(self, judge: Judge | None = None) -> None:
        resolved = await resolve_lost_runs(
            self.client,
            work_pool=self._work_pool_name,
            judge=judge or self._judge,
            active=self._running,
            now=datetime.now(UTC),
            resumed=self._begun_again,
            open_store=self._open_store,
        )
        for run in resolved.lost:
            log.warning("run %s had lost its worker", run.name)

    async def _stop_runs(self) -> None:
        self._stopping = True
        for run in self._running.values():
            run.stop(run.on_worker_stop)
        with anyio.move_on_after(_GRACE_SECONDS):
            while self._running:
                await next(iter(self._running.values())).ended.wait()
        for run in self._running.values():
            log.error("run %s did not stop in time and is given up", run.flow_run.name)
            run.abandon()

    async def _poll(self) -> None:
        """Take what is scheduled; say once that the server is gone, and once that it is back."""
        try:
            with anyio.fail_after(_POLL_SECONDS):
                await self.get_and_submit_flow_runs()
        except API_ERRORS as error:
            if not self._api_lost:
                log.warning("the Prefect server does not answer (%r); trying on", error)
            self._api_lost = True
            raise
        if self._api_lost:
            log.warning("the Prefect server answers again")
        self._api_lost = False
