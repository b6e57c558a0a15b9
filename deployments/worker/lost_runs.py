"""Lost runs, whose worker is gone: found, what they had let go, and their state made true.

A worker that is killed cannot report its runs, and Prefect shows them as running for ever. The
heartbeat automation marks them after a minute; the next worker of the same name on the same host
knows at once, and knows what a heartbeat cannot: a run that had been taken and not yet started.
Runs of other workers are not touched: their host is not ours to judge.

Such a run is begun again, or ends as cancelled under the name "Interrupted": that a process was
killed is no defect of the run, and nothing is left for a person.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateName,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound
from prefect.states import AwaitingRetry, Cancelled

from deployments.catalogue import BEGUN_AGAIN
from deployments.messages import SILENT
from deployments.worker.process_identity import (
    Incarnation,
    is_alive,
    is_seen_from,
    own_incarnation,
    parse_incarnation,
    process_start,
    worker_name,
)
from flows.run import open_settings_store
from pim.ids import RunId
from settings import Settings
from storage import Store, StoreError
from storage.state import Leases, free_leases, read_leases

log = logging.getLogger(__name__)

INTERRUPTED = "Interrupted"
OpenStore = Callable[[], Store]
_AT_WORK = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
# Taking a run and recording who took it are two calls to the server: a run taken again shows its
# former worker for a moment.
RECORDED_AFTER = timedelta(seconds=5)
WORKER_LABEL = "prefect.worker.name"  # set on a run by every Prefect worker that takes it
# A run that nobody recorded within this time was taken by a worker that died in between.
NOBODYS_AFTER = timedelta(minutes=2)
_MAX_LIVES = 3
_FEW = 20  # runs without a heartbeat, the newest: each is looked at once and is then another's


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides which runs are lost, seen from one worker.

    `alone`: the Prefect server is reached from this machine alone, and so are all its workers: what
    does not live here lives nowhere, whatever this machine was called when it was begun.
    """

    me: Incarnation
    alive: Callable[[Incarnation], bool] = is_alive
    recorded_after: timedelta = RECORDED_AFTER
    alone: bool = False

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
        if self.alone:
            return True
        recorded = parse_incarnation(run.infrastructure_pid)
        if recorded is None:  # a `process` pool's: our worker's name holds the host
            return run.labels.get(WORKER_LABEL) == self.me.worker
        is_namesake = (recorded.worker, recorded.host) == (self.me.worker, self.me.host)
        return is_namesake and is_seen_from(self.me.place, recorded.place)

    def _is_executed(self, run: FlowRun) -> bool:
        recorded = parse_incarnation(run.infrastructure_pid)
        if recorded is not None:
            is_here = recorded.place in ("", self.me.place)
            return is_here and recorded != self.me and self.alive(recorded)
        # A process for this run alone, whose start is not recorded: in doubt it lives.
        pid = run.infrastructure_pid or ""
        return not pid.isdecimal() or process_start(int(pid)) is not None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a look at the work pool found: runs that were lost, and ours that go on."""

    lost: tuple[FlowRun, ...]
    going_on: tuple[FlowRun, ...]


async def resolve_former_runs(
    client: PrefectClient, settings: Settings, *, worker: str | None = None, alone: bool = False
) -> Resolved:
    """Resolve our runs of former workers; this process has taken none.

    `worker`: the name of those workers; None: this machine's. `alone`: see `Judge`.
    """
    me = own_incarnation(worker or worker_name())
    return await resolve_lost_runs(
        client,
        work_pool=settings.work_pool_name,
        judge=Judge(me, recorded_after=timedelta(0), alone=alone),
        active=(),
        now=datetime.now(UTC),
        resumed=BEGUN_AGAIN,
        open_store=partial(open_settings_store, settings),
    )


async def resolve_lost_runs(
    client: PrefectClient,
    *,
    work_pool: str,
    judge: Judge,
    active: Collection[UUID],
    now: datetime,
    resumed: Collection[str] = (),
    open_store: OpenStore | None = None,
) -> Resolved:
    """Bring the lost runs of the work pool to a state that is true.

    What they had in the store is free at once. Those of the entrypoints `resumed` are scheduled
    again, a few times: a run may be what killed its worker. The others end as interrupted, or
    cancelled if that was asked.
    """
    pool = WorkPoolFilter(name=WorkPoolFilterName(any_=[work_pool]))
    at_work = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=_AT_WORK))
        ),
        work_pool_filter=pool,
    )
    silent = await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(name=FlowRunFilterStateName(any_=[SILENT]))
        ),
        work_pool_filter=pool,
        sort=FlowRunSort.START_TIME_DESC,
        limit=_FEW,
    )
    lost = [run for run in (*at_work, *silent) if judge.is_lost(run, active=active, now=now)]
    if lost and open_store is not None:
        lost = await _let_go(client, lost, open_store)
    for run in lost:
        goes_on = await _goes_on(client, run, resumed)
        await client.set_flow_run_state(run.id, _next_state(run, now, goes_on=goes_on), force=True)
    going_on = [run for run in at_work if run not in lost and judge.was_ours(run)]
    return Resolved(tuple(lost), tuple(going_on))


async def _let_go(
    client: PrefectClient, lost: Sequence[FlowRun], open_store: OpenStore
) -> list[FlowRun]:
    """Free what lost runs have, and return those that are still as they were judged.

    While a run is not scheduled anew, nobody begins it: what it has is its dead life's.
    So that is read first, then whether the run is still in the state in which it was found lost,
    and then it is freed; and only the caller has it scheduled again.
    """
    leases = await asyncio.to_thread(_look, open_store)
    ids = FlowRunFilterId(any_=[run.id for run in lost])
    seen = await client.read_flow_runs(flow_run_filter=FlowRunFilter(id=ids))
    unchanged = {(run.id, run.state_id, run.infrastructure_pid) for run in seen}
    still = [run for run in lost if (run.id, run.state_id, run.infrastructure_pid) in unchanged]
    if leases is not None and still:
        await asyncio.to_thread(_free, open_store, leases, [RunId(str(run.id)) for run in still])
    return still


def _look(open_store: OpenStore) -> Leases | None:
    """None where the store does not answer: then its leases lapse by themselves."""
    try:
        with closing(open_store()) as store, store.read() as tx:
            return read_leases(tx)
    except StoreError as error:
        log.warning("what lost runs hold is free when their leases lapse: %s", error)
        return None


def _free(open_store: OpenStore, leases: Leases, dead: Sequence[RunId]) -> None:
    try:
        with closing(open_store()) as store:
            freed = store.run(lambda tx: free_leases(tx, leases, dead=dead))
    except StoreError as error:
        log.warning("what lost runs hold is free when their leases lapse: %s", error)
        return
    log.info("freed at once: %s", freed)


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
    return Cancelled(name=INTERRUPTED, message=f"{ended}; what it left undone is due again.")
