"""Prefect as the trigger's run server: the only module here that knows Prefect.

Prefect's client repeats a 503 after 2, 4, 8 … s, far too slow for a trigger, and even without
repeats it sleeps 2 s before it says so. So its repeats are off, and an answer that it would repeat
becomes our error as soon as it arrives.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, TypeVar
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import WorkerFilter, WorkerFilterStatus
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from receiver.trigger.alarms import DEPLOYMENT_PAUSED, WORK_POOL_PAUSED, WORK_QUEUE_PAUSED
from receiver.trigger.policy import Phase, Run
from receiver.trigger.ports import DeploymentMissing, Lane, RunServerError

DEPLOYMENT_NAME = "process-inbox/on-event"
"""A test compares it with the catalogue: receiver and deployments never import each other."""

SWEEPS = {"full": "reconcile/full", "delta": "reconcile/delta"}
"""The scheduled deployments by mode; the same test compares them."""

TAGS = ("source:events-api", "cause:delivery")

_CALL_SECONDS = 10.0
_BUSY = frozenset({408, 429, 502, 503})  # what Prefect's client would repeat by itself

_PHASES = {
    StateType.SCHEDULED: Phase.SCHEDULED,
    StateType.COMPLETED: Phase.ENDED,
    StateType.CANCELLED: Phase.ENDED,
    StateType.FAILED: Phase.FAILED,
    StateType.CRASHED: Phase.FAILED,
}

T = TypeVar("T")

_ONLINE = WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
_NO_ROOM = "has a concurrency limit of 0 in Prefect"


class _Response(Protocol):
    @property
    def status_code(self) -> int: ...


async def _raise_at_once(response: _Response) -> None:
    if response.status_code in _BUSY:
        raise RunServerError(f"it answered {response.status_code}")


class PrefectRuns:
    """A Prefect server as the trigger's run server; its calls belong into its `session`."""

    def __init__(self, deployment_name: str = DEPLOYMENT_NAME) -> None:
        self._deployment_name = deployment_name
        self._deployment_id: UUID | None = None
        self._client: PrefectClient | None = None

    def session(self) -> AbstractAsyncContextManager[None]:
        """Hold one client open."""
        return self._session()

    async def look(self) -> Lane:
        """Look at pool, queue and workers; finds a deployment that was made anew."""
        deployment = await self._call(self._read_deployment)
        pool_name, queue_name = deployment.work_pool_name, deployment.work_queue_name
        if pool_name is None:
            raise self._missing()
        pool = await self._call(lambda client: client.read_work_pool(pool_name))
        stops = {}
        if why := _why_stopped(pool.is_paused, pool.concurrency_limit):
            stops[WORK_POOL_PAUSED] = f"the work pool {pool_name} {why}"
        if queue_name is not None:
            queue = await self._call(
                lambda client: client.read_work_queue_by_name(queue_name, pool_name)
            )
            if why := _why_stopped(queue.is_paused, queue.concurrency_limit):
                stops[WORK_QUEUE_PAUSED] = f"the work queue {queue_name} of {pool_name} {why}"
        limit = deployment.global_concurrency_limit
        if limit is not None and limit.limit == 0:
            stops[DEPLOYMENT_PAUSED] = f"the deployment {self._deployment_name} {_NO_ROOM}"
        workers = await self._call(
            lambda client: client.read_workers_for_work_pool(pool_name, worker_filter=_ONLINE)
        )
        return Lane(pool_name, stops, len(workers))

    async def find_idle(self) -> dict[str, str]:
        """Say why Prefect starts no sweep of a mode by itself, where it does not."""
        idle = {}
        for mode, name in SWEEPS.items():
            read = self._reading(name)
            try:
                deployment = await self._call(read)
            except DeploymentMissing:
                idle[mode] = f"Prefect does not know {name}: run `akeneo-sync deploy`"
                continue
            schedules = deployment.schedules
            if deployment.paused:
                idle[mode] = f"the deployment {name} is paused in Prefect"
            elif not any(schedule.active for schedule in schedules):
                idle[mode] = f"the deployment {name} has no active schedule in Prefect"
        return idle

    async def create_run(self, *, key: str, name: str) -> Run:
        """Create the run of this idempotency key, or answer with the one it made before."""
        deployment_id = self._deployment_id
        if deployment_id is None:
            deployment_id = (await self._call(self._read_deployment)).id
        create = self._creation(deployment_id, key=key, name=name)
        return _as_run(await self._call(create))

    async def read_run(self, run_id: str) -> Run | None:
        """Read a run; None if it is not found, or waits where no worker will ever look."""
        return await self._call(lambda client: _read_run(client, UUID(run_id)))

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[None]:
        settings = {"timeout": _CALL_SECONDS, "event_hooks": {"response": [_raise_at_once]}}
        with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
            async with get_client(httpx_settings=settings) as client:
                self._client = client
                yield

    async def _read_deployment(self, client: PrefectClient) -> DeploymentResponse:
        deployment = await client.read_deployment_by_name(self._deployment_name)
        self._deployment_id = deployment.id
        return deployment

    def _reading(self, name: str) -> Callable[[PrefectClient], Awaitable[DeploymentResponse]]:
        return lambda client: client.read_deployment_by_name(name)

    def _creation(
        self, deployment_id: UUID, *, key: str, name: str
    ) -> Callable[[PrefectClient], Awaitable[FlowRun]]:
        return lambda client: client.create_flow_run_from_deployment(
            deployment_id, name=name, tags=TAGS, idempotency_key=key
        )

    async def _call(self, operation: Callable[[PrefectClient], Awaitable[T]]) -> T:
        if self._client is None:
            raise RunServerError("the client is not open yet")
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                return await operation(self._client)
        except RunServerError:
            raise
        except (ObjectNotFound, PrefectHTTPStatusError) as error:
            raise self._refused(error) from error
        except Exception as error:  # whatever it is, all a trigger can do is try again
            raise RunServerError(_one_line(error)) from error

    def _refused(self, error: ObjectNotFound | PrefectHTTPStatusError) -> RunServerError:
        status = 404 if isinstance(error, ObjectNotFound) else error.response.status_code
        if status != 404:  # noqa: PLR2004
            return RunServerError(f"it answered {status}")
        return self._missing()

    def _missing(self) -> DeploymentMissing:
        self._deployment_id = None
        return DeploymentMissing(
            f"Prefect does not know the deployment {self._deployment_name}, or its work pool:"
            " run `akeneo-sync deploy`"
        )


def _why_stopped(is_paused: bool, limit: int | None) -> str | None:  # noqa: FBT001 - as Prefect says it
    """Say what keeps runs of a pool or queue from its workers."""
    if is_paused:
        return "is paused in Prefect"
    return _NO_ROOM if limit == 0 else None


async def _read_run(client: PrefectClient, run_id: UUID) -> Run | None:
    try:
        found = await client.read_flow_run(run_id)
    except ObjectNotFound:
        return None
    run = _as_run(found)
    # Its work pool was deleted, and no worker of another one will take it.
    is_stranded = run.phase is Phase.SCHEDULED and found.work_queue_id is None
    return None if is_stranded else run


def _as_run(run: FlowRun) -> Run:
    state = run.state_type
    phase = Phase.ACTIVE if state is None else _PHASES.get(state, Phase.ACTIVE)
    return Run(run_id=str(run.id), name=run.name, phase=phase)


def _one_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
