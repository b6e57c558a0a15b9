"""Preparation of a Prefect server: deployments, runs that the last `up` left, and first runs."""

import asyncio
import time
from contextlib import closing

from prefect.client.orchestration import get_client

from deployments.catalogue import DEPLOYMENTS, WATCH_SUBSCRIPTIONS
from deployments.deploy.publishing import publish
from deployments.messages import DeployError, say
from deployments.prefect_client import QuickClientContext, request_reconcile
from deployments.prefect_env import prefect_api_url
from deployments.worker.lost_runs import resolve_former_runs
from flows.run import open_settings_store
from settings import Settings
from storage.state import has_reconciled

FIRST_TAG = "cause:first-start"
_WAIT_SECONDS = 300.0  # as long as `up` itself waits for the server


async def prepare_server(settings: Settings) -> None:
    """Wait for the server, deploy, resolve runs of the last `up`, ask for the first runs.

    A store that has been through one is left to its schedules: what passed while nothing ran is
    planned still, and made up for once. How the Event Platform's subscriptions are is looked at
    now: one may have been suspended while nobody was there to hear of it.

    Raises:
        DeployError: the server does not answer, or refuses.
    """
    await _wait_for_api(settings)
    report = await publish(settings, DEPLOYMENTS)
    changed = (*report.created, *report.updated)
    known = ", ".join(changed) if changed else "as before"
    say(f"work pool {report.work_pool}; deployments: {known}")
    async with QuickClientContext(prefect_api_url(settings)), get_client() as client:
        # A run of a killed `up` would pass for the reconcile that is still to be done.
        await resolve_former_runs(client, settings, alone=settings.prefect_api_url is None)
        with closing(open_settings_store(settings)) as store, store.read() as tx:
            is_filled = has_reconciled(tx)
        if not is_filled and await request_reconcile(client, tag=FIRST_TAG):
            say("asked for a full reconcile: it compares the store with all of the PIM")
        if settings.event_platform.secrets:
            watching = await client.read_deployment_by_name(WATCH_SUBSCRIPTIONS.full_name)
            await client.create_flow_run_from_deployment(watching.id, tags=[FIRST_TAG])


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
