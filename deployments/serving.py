"""Starting the right worker for the work pool, and stopping it in good order."""

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import WorkPool
from prefect.exceptions import ObjectNotFound
from prefect.workers.base import BaseWorker

from deployments.catalogue import DEPLOYMENTS
from deployments.prefect_env import prefect_api_url
from deployments.saying import say
from deployments.warm_worker import API_ERRORS, WORKER_TYPE, WarmWorker
from deployments.worker import WorkerError
from settings import Settings

_WAIT_SECONDS = 90.0  # a server on a fresh database takes up to 20 s, on a busy machine more
_EXIT_SECONDS = 3.0


async def serve_worker(settings: Settings) -> None:
    """Run the configured worker until SIGINT or SIGTERM.

    Raises:
        WorkerError: no server, no such work pool, or a type that is not to be had.
    """
    stop = _stop_on_signals()
    pool = await _wait_for_pool(settings, stop)
    if pool is None:
        return
    if pool.type != settings.work_pool_type:
        raise WorkerError(
            f"work pool {pool.name} is of type {pool.type}, not {settings.work_pool_type}; "
            "run `akeneo-sync deploy` with the same SYNC_WORK_POOL_TYPE"
        )
    name = worker_name()
    say(f"worker {name} runs what Prefect schedules in work pool {pool.name} ({pool.type})")
    if pool.type == WORKER_TYPE:
        await _warm_worker(pool.name, name).serve(stop)
        _leave_no_thread_behind()
    else:
        await serve_other(pool, name, stop)


def worker_name() -> str:
    """Return the name under which this machine's worker is known to Prefect."""
    return f"akeneo-sync on {socket.gethostname()}".replace("/", "-").replace("%", "-")


def _warm_worker(pool_name: str, name: str) -> WarmWorker:
    return WarmWorker(
        pool_name,
        name=name,
        resumed=[spec.entrypoint for spec in DEPLOYMENTS if spec.goes_on_after_stop],
        preload=[spec.entrypoint for spec in DEPLOYMENTS],
    )


async def serve_other(pool: WorkPool, name: str, stop: asyncio.Event) -> None:
    """Run Prefect's own worker for the pool's type until `stop` is set.

    Raises:
        WorkerError: no worker of that type is installed.
    """
    worker_class = BaseWorker[Any, Any, Any].get_worker_class_from_type(pool.type)
    if worker_class is None:
        known = ", ".join(sorted(BaseWorker[Any, Any, Any].get_all_available_worker_types()))
        raise WorkerError(f"no worker of type {pool.type} is installed; there are: {known}")
    async with _ended_by(stop):
        await worker_class(pool.name, name=name).start()


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
    with anyio.move_on_after(_WAIT_SECONDS):
        while not stop.is_set():
            try:
                async with get_client() as client:
                    return await _read_pool(client, settings)
            except ObjectNotFound:
                problem = (
                    f"Prefect knows no work pool {settings.work_pool_name}; "
                    "run `akeneo-sync deploy` first"
                )
            except API_ERRORS as error:
                problem = f"no Prefect server answers at {prefect_api_url(settings)} ({error!r})"
            with anyio.move_on_after(0.5):
                await stop.wait()
    if stop.is_set():
        return None
    raise WorkerError(problem)


async def _read_pool(client: PrefectClient, settings: Settings) -> WorkPool:
    return await client.read_work_pool(settings.work_pool_name)


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
