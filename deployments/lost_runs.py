"""Runs whose worker is gone: found, and brought to a final state.

A worker that is killed cannot report its runs, and Prefect shows them as running for ever. The
heartbeat automation marks them after a minute; the next worker of the same name on the same host
knows at once, and knows what a heartbeat cannot: a run that had been taken and not yet started.
Runs of other workers are not touched: their host is not ours to judge.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry, Cancelled, Crashed

from deployments.incarnation import Incarnation, is_alive, parse_incarnation, process_start

_AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
# Taking a run and recording who took it are two calls to the server: a run taken again shows its
# former worker for a moment.
RECORDED_AFTER = timedelta(seconds=5)
WORKER_LABEL = "prefect.worker.name"  # set on a run by every Prefect worker that takes it
# A run that nobody recorded within this time was taken by a worker that died in between.
NOBODYS_AFTER = timedelta(minutes=2)
_MAX_LIVES = 3


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides which runs are lost, seen from one worker."""

    me: Incarnation
    alive: Callable[[Incarnation], bool] = is_alive
    recorded_after: timedelta = RECORDED_AFTER

    def is_lost(self, run: FlowRun, *, active: Collection[UUID], now: datetime) -> bool:
        """Say whether nobody works at `run` any more. `active`: the runs of this process."""
        if run.id in active or run.state is None:
            return False
        age = now - run.state.timestamp
        if run.infrastructure_pid is None:
            return run.state.type is not StateType.RUNNING and age > NOBODYS_AFTER
        return age > self.recorded_after and self.was_ours(run) and not self._is_executed(run)

    def was_ours(self, run: FlowRun) -> bool:
        """Say whether a worker of this name on this host took the run."""
        recorded = parse_incarnation(run.infrastructure_pid)
        if recorded is None:  # a `process` pool's: our worker's name holds the host
            return run.labels.get(WORKER_LABEL) == self.me.worker
        return (recorded.worker, recorded.host) == (self.me.worker, self.me.host)

    def _is_executed(self, run: FlowRun) -> bool:
        recorded = parse_incarnation(run.infrastructure_pid)
        if recorded is not None:
            return recorded != self.me and self.alive(recorded)
        # A process for this run alone, whose start is not recorded: in doubt it lives.
        pid = run.infrastructure_pid or ""
        return not pid.isdecimal() or process_start(int(pid)) is not None


@dataclass(frozen=True, slots=True)
class Settled:
    """What a look at the work pool found: runs that were lost, and ours that go on."""

    lost: tuple[FlowRun, ...]
    going_on: tuple[FlowRun, ...]


async def settle_lost_runs(
    client: PrefectClient,
    *,
    work_pool: str,
    judge: Judge,
    active: Collection[UUID],
    now: datetime,
    resumed: Collection[str] = (),
) -> Settled:
    """Bring the lost runs of the work pool to a state that is true.

    Those of the entrypoints `resumed` are scheduled again, a few times: a run may be what killed
    its worker. The others end as crashed, or cancelled if that was asked.
    """
    at_work = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_AT_WORK))
        ),
        work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[work_pool])),
    )
    lost = [run for run in at_work if judge.is_lost(run, active=active, now=now)]
    for run in lost:
        goes_on = await _goes_on(client, run, resumed)
        await client.set_flow_run_state(run.id, _next_state(run, now, goes_on=goes_on), force=True)
    going_on = [run for run in at_work if run not in lost and judge.was_ours(run)]
    return Settled(tuple(lost), tuple(going_on))


async def _goes_on(client: PrefectClient, run: FlowRun, resumed: Collection[str]) -> bool:
    if not resumed or run.deployment_id is None or run.run_count >= _MAX_LIVES:
        return False
    try:
        deployment = await client.read_deployment(run.deployment_id)
    except ObjectNotFound:
        return False
    return deployment.entrypoint in resumed


def _next_state(run: FlowRun, now: datetime, *, goes_on: bool) -> State[None]:
    if run.state is not None and run.state.type is StateType.CANCELLING:
        return Cancelled(message="Its worker had ended; what it left undone is due again.")
    ended = "Its worker ended without a report"
    if goes_on:
        return AwaitingRetry(scheduled_time=now, message=f"{ended}; it goes on where it was.")
    return Crashed(message=f"{ended}; what it left undone is due again.")
