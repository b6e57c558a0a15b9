"""What becomes of runs whose worker is stopped, or killed."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun, State
from prefect.states import Cancelling, Crashed, Pending, Running

from deployments.messages import SILENT
from deployments.worker.lost_runs import INTERRUPTED, WORKER_LABEL, Judge, resolve_lost_runs
from deployments.worker.process_identity import (
    Incarnation,
    is_alive,
    own_incarnation,
    parse_incarnation,
)
from pim.ids import Generation, RunId
from storage import migrate, open_store
from storage.database.store import Transaction
from storage.inbox.door import open_door, read_door
from storage.state.call_budget import CallerKind, acquire_slots
from storage.state.takeover import read_leases
from tests.integration.deployments.prefect_helpers import (
    SAMPLES,
    make_pool,
    make_run,
    open_client,
    wait_for,
    wait_for_state,
)
from tests.prefect_fixtures import PrefectServer

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
PLACE = "machine.boot-2.4026531836"
ME = Incarnation("here", 100, "5", "worker", PLACE)


@contextlib.contextmanager
def worker_process(
    server: PrefectServer, pool: str, name: str
) -> Iterator[subprocess.Popen[bytes]]:
    module = "tests.integration.deployments.worker_process"
    process = subprocess.Popen(  # noqa: S603 - our own command line
        [sys.executable, "-m", module, pool, name],
        env={**server.env, "PYTHONPATH": str(Path.cwd())},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def open_as(tx: Transaction, run: RunId) -> None:
    lease = timedelta(minutes=5)
    open_door(tx, generation=Generation("dead"), run_id=run, run_name="drain", lease=lease)


def hold_slot(tx: Transaction, holder: RunId) -> None:
    lease = timedelta(minutes=5)
    acquire_slots(tx, holder=holder, kind=CallerKind.DRAIN, want=1, lease=lease)


async def test_next_worker_of_the_name_marks_runs_of_a_killed_one(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        with worker_process(prefect_server, pool, "mortal") as first:
            run = await make_run(client, pool, "lasting", tmp_path)
            await wait_for((tmp_path / "began.txt").exists, "the run to begin")
            first.kill()
            first.wait()
        with worker_process(prefect_server, pool, "mortal"):
            seen = await wait_for_state(client, run.id, "Interrupted")
    assert seen.state is not None
    assert "Its worker ended" in (seen.state.message or "")


async def test_killed_workers_sweep_goes_on_with_the_next_worker(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    async with open_client() as client:
        pool = await make_pool(client)
        with worker_process(prefect_server, pool, "mortal") as first:
            run = await make_run(client, pool, "resumable", tmp_path)
            await wait_for((tmp_path / "began.txt").exists, "the sweep to begin")
            first.kill()
            first.wait()
        with worker_process(prefect_server, pool, "mortal"):
            await wait_for_state(client, run.id, "Completed")
    assert (tmp_path / "went-on.txt").exists()


@pytest.mark.usefixtures("prefect_server")
async def test_run_that_lost_its_worker_time_and_again_is_given_up(tmp_path: Path) -> None:
    dead = Incarnation(own_incarnation("mortal").host, 2**22 + 1, "1", "mortal")
    async with open_client() as client:
        pool = await make_pool(client)
        run = await make_run(client, pool, "resumable", tmp_path)
        await client.update_flow_run(run.id, infrastructure_pid=str(dead))
        for life in range(3):
            await client.set_flow_run_state(run.id, Running(), force=True)
            await resolve_lost_runs(
                client,
                work_pool=pool,
                judge=Judge(own_incarnation("mortal"), recorded_after=timedelta(0)),
                active=(),
                now=datetime.now(UTC) + timedelta(seconds=1),
                resumed=[f"{SAMPLES}.resumable"],
            )
            seen = await client.read_flow_run(run.id)
            assert seen.state_name == ("Interrupted" if life == 2 else "AwaitingRetry")


@pytest.mark.usefixtures("prefect_server")
async def test_what_a_killed_worker_held_is_free_before_its_runs_go_on(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    migrate(url)
    mortal = own_incarnation("mortal")
    dead = replace(mortal, pid=2**22 + 1, started="1")
    elsewhere = replace(dead, host="elsewhere")
    async with open_client() as client:
        pool = await make_pool(client)
        runs = []
        for recorded in (dead, elsewhere):
            run = await make_run(client, pool, "resumable", tmp_path)
            await client.update_flow_run(run.id, infrastructure_pid=str(recorded))
            await client.set_flow_run_state(run.id, Running(), force=True)
            runs.append(RunId(str(run.id)))
        lost, living = runs
        with closing(open_store(url)) as store:
            store.run(lambda tx: open_as(tx, lost))
            store.run(lambda tx: hold_slot(tx, lost))
            store.run(lambda tx: hold_slot(tx, living))
        resolved = await resolve_lost_runs(
            client,
            work_pool=pool,
            judge=Judge(mortal, recorded_after=timedelta(0)),
            active=(),
            now=datetime.now(UTC) + timedelta(seconds=1),
            resumed=[f"{SAMPLES}.resumable"],
            open_store=lambda: open_store(url),
        )
        assert [str(run.id) for run in resolved.lost] == [lost]
    with closing(open_store(url)) as store, store.read() as tx:
        assert not read_door(tx).alive
        assert [lease.holder for lease in read_leases(tx).slots] == [living]


@pytest.mark.usefixtures("prefect_server")
async def test_a_run_without_a_heartbeat_goes_on_once_its_worker_is_known_to_be_dead(
    tmp_path: Path,
) -> None:
    mortal = own_incarnation("mortal")
    async with open_client() as client:
        pool = await make_pool(client)
        for name, state in (("resumable", "AwaitingRetry"), ("lasting", INTERRUPTED)):
            run = await make_run(client, pool, name, tmp_path)
            dead = replace(mortal, pid=2**22 + 1, started="1")
            await client.update_flow_run(run.id, infrastructure_pid=str(dead))
            await client.set_flow_run_state(run.id, Running(), force=True)
            await client.set_flow_run_state(run.id, Crashed(name=SILENT), force=True)
            await resolve_lost_runs(
                client,
                work_pool=pool,
                judge=Judge(mortal, recorded_after=timedelta(0)),
                active=(),
                now=datetime.now(UTC) + timedelta(seconds=1),
                resumed=[f"{SAMPLES}.resumable"],
                open_store=None,
            )
            assert (await client.read_flow_run(run.id)).state_name == state


async def test_worker_told_to_stop_ends_drains_and_puts_sweeps_back(
    prefect_server: PrefectServer, tmp_path: Path
) -> None:
    drain, sweep = tmp_path / "drain", tmp_path / "sweep"
    drain.mkdir()
    sweep.mkdir()
    async with open_client() as client:
        pool = await make_pool(client)
        with worker_process(prefect_server, pool, "stopped") as first:
            drained = await make_run(client, pool, "lasting", drain)
            swept = await make_run(client, pool, "resumable", sweep)
            await wait_for((drain / "began.txt").exists, "the drain to begin")
            await wait_for((sweep / "began.txt").exists, "the sweep to begin")
            first.send_signal(signal.SIGTERM)
            assert first.wait(timeout=60) == 0
        assert (await client.read_flow_run(drained.id)).state_name == "Cancelled"
        assert (await client.read_flow_run(swept.id)).state_name == "AwaitingRetry"
        with worker_process(prefect_server, pool, "stopped"):
            await wait_for_state(client, swept.id, "Completed")
    assert (drain / "cleaned.txt").exists()
    assert (sweep / "went-on.txt").exists()


def recorded_at(place: str) -> str:
    return str(Incarnation("here", 99, "4", "worker", place))


def flow_run(infrastructure: str | None, state: State[object], age: timedelta) -> FlowRun:
    state.timestamp = NOW - age
    return FlowRun(flow_id=uuid4(), infrastructure_pid=infrastructure, state=state)


@pytest.mark.parametrize(
    ("infrastructure", "state", "age", "lost"),
    [
        (str(Incarnation("here", 99, "4", "worker")), Running(), 60, True),
        (str(Incarnation("here", 99, "4", "worker")), Cancelling(), 60, True),
        # Taken a moment ago: another worker may be about to record itself.
        (str(Incarnation("here", 99, "4", "worker")), Pending(), 3, False),
        (str(Incarnation("elsewhere", 99, "4", "worker")), Running(), 60, False),
        (str(Incarnation("here", 99, "4", "another")), Running(), 60, False),
        (str(Incarnation("here", 77, "3", "worker")), Running(), 60, False),  # lives
        (str(ME), Running(), 60, True),  # ours, and we do not run it
        (None, Pending(), 60, False),
        (None, Pending(), 600, True),  # taken, and the taker died before saying who it was
        (None, Running(), 600, False),
        ("4711", Running(), 600, False),  # a process worker's
        (recorded_at(PLACE), Running(), 60, True),
        (recorded_at("machine.boot-1.4026531836"), Running(), 60, True),  # before a restart of here
        # Of the same name, and not to be seen from here: another container, another machine.
        (recorded_at("machine.boot-2.4026532001"), Running(), 60, False),
        (recorded_at("machine.boot-1.4026532001"), Running(), 60, False),
        (recorded_at("other.boot-1.4026531836"), Running(), 60, False),
        (recorded_at(".boot-1.4026531836"), Running(), 60, False),
    ],
)
async def test_only_runs_of_dead_lives_of_this_worker_are_lost(
    infrastructure: str | None, state: State[object], age: int, *, lost: bool
) -> None:
    judge = Judge(ME, alive=lambda incarnation: incarnation.pid == 77)
    run = flow_run(infrastructure, state, timedelta(seconds=age))
    assert judge.is_lost(run, active=(), now=NOW) is lost


@pytest.mark.parametrize(
    ("infrastructure", "lost"),
    [
        (recorded_at("machine.boot-2.4026532001"), True),  # a container that was started again
        (str(Incarnation("renamed", 99, "4", "another")), True),
        (str(Incarnation("renamed", 77, "3", "another", PLACE)), False),  # lives
    ],
)
async def test_what_a_server_of_this_machine_alone_has_running_lives_here_or_nowhere(
    infrastructure: str, *, lost: bool
) -> None:
    judge = Judge(ME, alive=lambda incarnation: incarnation.pid == 77, alone=True)
    run = flow_run(infrastructure, Running(), timedelta(minutes=1))
    assert judge.is_lost(run, active=(), now=NOW) is lost


@pytest.mark.parametrize(("worker", "lost"), [("worker", True), ("another", False)])
async def test_ended_process_of_a_process_pool_is_lost_to_the_worker_that_started_it(
    worker: str, *, lost: bool
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])  # noqa: ASYNC220 - ends at once
    ended.wait()
    run = flow_run(str(ended.pid), Running(), timedelta(minutes=1))
    run.labels = {WORKER_LABEL: worker}
    assert Judge(ME).is_lost(run, active=(), now=NOW) is lost
    alive = flow_run(str(os.getpid()), Running(), timedelta(minutes=1))
    alive.labels = {WORKER_LABEL: "worker"}
    assert not Judge(ME).is_lost(alive, active=(), now=NOW)


async def test_run_that_is_being_executed_here_is_not_lost() -> None:
    run = flow_run(str(ME), Running(), timedelta(hours=1))
    assert not Judge(ME).is_lost(run, active={run.id}, now=NOW)


async def test_a_process_id_used_again_is_another_life() -> None:
    me = own_incarnation("worker")
    assert parse_incarnation(str(me)) == me
    assert is_alive(me)
    assert not is_alive(Incarnation(me.host, os.getpid(), "an earlier start", me.worker))
