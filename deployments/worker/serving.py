"""Life of a worker process: waits for its pool, runs that type of worker, ends in good order."""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import anyio
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import WorkPool
from prefect.exceptions import ObjectNotFound
from prefect.workers.base import BaseWorker

from deployments.catalogue import BEGUN_AGAIN, DEPLOYMENTS, RESUMED
from deployments.messages import WORKER_READY, WorkerError, say
from deployments.prefect_client import API_ERRORS
from deployments.prefect_env import prefect_api_url
from deployments.worker.lost_runs import resolve_former_runs
from deployments.worker.missed_runs import cancel_missed_in
from deployments.worker.process_identity import worker_name
from deployments.worker.source_watch import watched_source
from deployments.worker.warm_worker import WORKER_TYPE, WarmWorker
from flows.run import open_settings_store, spare_the_collector
from settings import Settings

log = logging.getLogger(__name__)

_WAIT_SECONDS = 300.0  # a server on a fresh database takes up to 20 s, on a busy machine far more
_PATIENCE_SECONDS = 5.0
_SIGN_OFF_SECONDS = 2.0
_END_SECONDS = 5.0
_EXIT_SECONDS = 3.0


async def serve_worker(settings: Settings) -> None:
    """Run the configured worker until SIGINT or SIGTERM.

    Raises:
        WorkerError: no server, no such work pool, or a type that is not to be had.
    """
    spare_the_collector()
    stop = _stop_on_signals()
    pool = await _wait_for_pool(settings, stop)
    if pool is None:
        return
    name = worker_name()
    _tell(settings, f"worker {name} {WORKER_READY} in work pool {pool.name} ({pool.type})")
    try:
        async with watched_source(settings):
            if pool.type == WORKER_TYPE:
                await _warm_worker(settings, pool.name, name).serve(stop)
            else:
                await serve_other(settings, pool, name, stop)
    finally:
        await _sign_off(pool.name, name)
    _leave_no_thread_behind()


def _tell(settings: Settings, line: str) -> None:
    """Say a line to the person who started the worker, or to whatever reads its JSON."""
    if settings.log_as_json:
        log.info("%s", line)
    else:
        say(line)


def _warm_worker(settings: Settings, pool_name: str, name: str) -> WarmWorker:
    return WarmWorker(
        pool_name,
        name=name,
        resumed=RESUMED,
        begun_again=BEGUN_AGAIN,
        open_store=partial(open_settings_store, settings),
        preload=[spec.entrypoint for spec in DEPLOYMENTS],
    )


async def serve_other(settings: Settings, pool: WorkPool, name: str, stop: asyncio.Event) -> None:
    """Run Prefect's own worker for the pool's type until `stop` is set.

    Raises:
        WorkerError: no worker of that type is installed.
    """
    worker_class = BaseWorker[Any, Any, Any].get_worker_class_from_type(pool.type)
    if worker_class is None:
        known = ", ".join(sorted(BaseWorker[Any, Any, Any].get_all_available_worker_types()))
        raise WorkerError(f"no worker of type {pool.type} is installed; there are: {known}")
    await _resolve_lost_runs(settings, name)
    async with get_client() as client:
        await cancel_missed_in(client, pool.name, now=datetime.now(UTC))
    async with _ended_by(stop):
        await worker_class(pool.name, name=name).start()
    # Its runs' processes have been told to end; some are killed before they can report that.
    with anyio.move_on_after(_END_SECONDS):
        # Other processes' ends: they can only be looked for.
        while await _resolve_lost_runs(settings, name):  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.5)


async def _resolve_lost_runs(settings: Settings, name: str) -> bool:
    """Mark runs of this worker whose process is gone; say whether others go on."""
    async with get_client() as client:
        resolved = await resolve_former_runs(client, settings, worker=name)
    return bool(resolved.going_on)


@asynccontextmanager
async def _ended_by(stop: asyncio.Event) -> AsyncIterator[None]:
    """Cancel the body when `stop` is set."""
    async with anyio.create_task_group() as group:

        async def watch() -> None:
            await stop.wait()
            group.cancel_scope.cancel()

        group.start_soon(watch)
        yield
        group.cancel_scope.cancel()


async def _wait_for_pool(settings: Settings, stop: asyncio.Event) -> WorkPool | None:
    """Return the work pool as soon as server and pool are there; None when told to stop."""
    problem = ""
    began = time.monotonic()
    told = False
    while not stop.is_set():
        found = await _look_for_pool(settings)
        if isinstance(found, WorkPool):
            return found
        problem = found
        waited = time.monotonic() - began
        if waited > _WAIT_SECONDS:
            raise WorkerError(problem)
        if waited > _PATIENCE_SECONDS and not told:
            told = True
            _tell(settings, f"waiting: {problem}")
        with anyio.move_on_after(0.5):
            await stop.wait()
    return None


async def _look_for_pool(settings: Settings) -> WorkPool | str:
    """Return the work pool, or why there is none to work in."""
    name, kind = settings.work_pool_name, settings.work_pool_type
    try:
        async with get_client() as client:
            pool = await client.read_work_pool(name)
    except ObjectNotFound:
        return f"Prefect knows no work pool {name}; run `akeneo-sync deploy` first"
    except API_ERRORS as error:
        return f"no Prefect server answers at {prefect_api_url(settings)} ({error!r})"
    if pool.type == kind:
        return pool
    return (
        f"work pool {name} is of type {pool.type}, not {kind}; "
        "run `akeneo-sync deploy` with the same SYNC_WORK_POOL_TYPE"
    )


async def _sign_off(pool_name: str, name: str) -> None:
    """Leave Prefect's list of workers, which would show this one as online for a while yet."""
    path = {"work_pool_name": pool_name, "name": name}
    with suppress(*API_ERRORS), anyio.move_on_after(_SIGN_OFF_SECONDS):
        async with get_client() as client:
            await client.request(
                "DELETE", "/work_pools/{work_pool_name}/workers/{name}", path_params=path
            )


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _leave_no_thread_behind() -> None:
    """End the process for certain: the interpreter waits for threads that a hung run may hold."""

    def leave() -> None:
        threading.Event().wait(_EXIT_SECONDS)
        sys.stderr.flush()
        os._exit(0)

    threading.Thread(target=leave, daemon=True).start()
