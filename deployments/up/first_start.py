"""Preparation of a Prefect server: deployments, runs that the last `up` left, first reconcile."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from prefect.client.orchestration import PrefectClient, get_client

from deployments.catalogue import BEGUN_AGAIN, DEPLOYMENTS
from deployments.deploy.publishing import publish
from deployments.messages import DeployError, say
from deployments.prefect_client import QuickClientContext, request_reconcile
from deployments.prefect_env import prefect_api_url
from deployments.up.plan import has_reconciled
from deployments.worker import own_incarnation, worker_name
from deployments.worker.lost_runs import Judge, resolve_lost_runs
from flows.run import open_settings_store
from settings import Settings

FIRST_TAG = "cause:first-start"
_WAIT_SECONDS = 300.0  # as long as `up` itself waits for the server


async def prepare_server(settings: Settings) -> None:
    """Wait for the server, deploy, resolve runs of the last `up`, ask for the first reconcile.

    A store that has been through one is left to its schedules: what passed while nothing ran is
    planned still, and made up for once.

    Raises:
        DeployError: the server does not answer, or refuses.
    """
    await _wait_for_api(settings)
    report = await publish(settings, DEPLOYMENTS)
    changed = (*report.created, *report.updated)
    known = ", ".join(changed) if changed else "as before"
    say(f"work pool {report.work_pool}; deployments: {known}")
    async with QuickClientContext(prefect_api_url(settings)), get_client() as client:
        await _resolve_leftovers(client, settings)
        if not has_reconciled(settings) and await request_reconcile(client, tag=FIRST_TAG):
            say("asked for a full reconcile: it compares the store with all of the PIM")


async def _resolve_leftovers(client: PrefectClient, settings: Settings) -> None:
    # A run of a killed `up` would pass for the reconcile that is still to be done.
    judge = Judge(
        own_incarnation(worker_name()),
        recorded_after=timedelta(0),
        alone=settings.prefect_api_url is None,
    )
    await resolve_lost_runs(
        client,
        work_pool=settings.work_pool_name,
        judge=judge,
        active=(),
        now=datetime.now(UTC),
        resumed=BEGUN_AGAIN,
        open_store=partial(open_settings_store, settings),
    )


async def _wait_for_api(settings: Settings) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        async with get_client() as client:
            problem = await client.api_healthcheck()
        if problem is None:
            return
        if time.monotonic() > end:
            where = prefect_api_url(settings)
            raise DeployError(f"no Prefect server answers at {where} ({problem!r})")
        await asyncio.sleep(0.3)
