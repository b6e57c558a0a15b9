"""Missed runs: scheduled times that passed while no worker ran, made up for by the latest run.

A machine that slept for hours, or was switched off, finds a sweep planned for every ten minutes of
them. The latest does the work of all: a sweep begins where the last whole one ended.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelled

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def find_missed(due: Sequence[FlowRun]) -> list[FlowRun]:
    """Return those of the due runs that a later one of the same schedule makes needless.

    Runs that a person or a program asked for are never among them.
    """
    latest: dict[tuple[object, str], FlowRun] = {}
    for run in filter(_is_planned, due):
        known = latest.setdefault(_kind(run), run)
        if _planned_at(run) > _planned_at(known):
            latest[_kind(run)] = run
    return [run for run in due if _is_planned(run) and latest[_kind(run)].id != run.id]


async def cancel_missed(client: PrefectClient, missed: Sequence[FlowRun]) -> None:
    """Mark them in Prefect, so that no worker takes them and their history says why."""
    for run in missed:
        text = "Nobody ran it in time; the latest run of its schedule does its work, too."
        await client.set_flow_run_state(run.id, Cancelled(name="Missed", message=text), force=True)


async def cancel_missed_in(client: PrefectClient, work_pool: str, *, now: datetime) -> None:
    """Do that for a whole work pool, before a worker that is not ours looks at it."""
    due = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=now),
        ),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[work_pool])),
    )
    await cancel_missed(client, find_missed(due))


def _is_planned(run: FlowRun) -> bool:
    return run.auto_scheduled and run.deployment_id is not None


def _planned_at(run: FlowRun) -> datetime:
    return run.expected_start_time or _LONG_AGO


def _kind(run: FlowRun) -> tuple[object, str]:
    """Tell schedules apart: a person may have added one with other parameters."""
    return run.deployment_id, json.dumps(run.parameters, sort_keys=True, default=str)
