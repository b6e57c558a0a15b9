"""Removal of finished runs of our work pool from Prefect, with their logs and artifacts.

Deleting a flow run deletes its task runs and states with it, and the server deletes its logs
soon after; its artifacts it would leave behind. One run at a time: on SQLite, the server has
one writer, and it is the same server that drains report to.
"""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import TERMINAL_STATES, FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

from flows.retention.report import Tidied
from flows.retention.store import RunRule, list_run_rules
from settings import Retention

_PAGE = 20


async def tidy_runs(
    keep: Retention, *, work_pool: str, now: datetime, ends_at: float
) -> Mapping[str, Tidied]:
    """Delete finished runs of our flows in this work pool that are past their limit.

    Raises:
        Exception: Prefect's client raises many kinds when the server fails; what was deleted is.
    """
    done: dict[str, Tidied] = {}
    async with get_client() as client:
        for rule in list_run_rules(keep):
            done[rule.name] = await _delete_old(client, rule, work_pool, now - rule.after, ends_at)
    return done


async def _delete_old(
    client: PrefectClient, rule: RunRule, work_pool: str, older_than: datetime, ends_at: float
) -> Tidied:
    deleted = 0
    while runs := await _read_old(client, rule, work_pool, older_than):
        for run in runs:
            if time.monotonic() > ends_at:
                return Tidied(deleted, unfinished=True)
            began = time.monotonic()
            await _delete(client, run)
            deleted += 1
            await asyncio.sleep(time.monotonic() - began)
    return Tidied(deleted)


async def _read_old(
    client: PrefectClient, rule: RunRule, work_pool: str, older_than: datetime
) -> list[FlowRun]:
    deployments = None
    if rule.deployment is not None:
        deployments = DeploymentFilter(name=DeploymentFilterName(any_=[rule.deployment]))
    return await client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[rule.flow])),
        deployment_filter=deployments,
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[work_pool])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(TERMINAL_STATES))),
            end_time=FlowRunFilterEndTime(before_=older_than),
        ),
        sort=FlowRunSort.START_TIME_ASC,
        limit=_PAGE,
    )


async def _delete(client: PrefectClient, run: FlowRun) -> None:
    ours = FlowRunFilter(id=FlowRunFilterId(any_=[run.id]))
    for artifact in await client.read_artifacts(flow_run_filter=ours):
        with suppress(ObjectNotFound):  # somebody else was faster
            await client.delete_artifact(artifact.id)
    with suppress(ObjectNotFound):
        await client.delete_flow_run(run.id)
