from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from pim.ids import Generation
from receiver.trigger.alarms import (
    DEPLOYMENT_MISSING,
    NO_WORKER,
    PREFECT_UNREACHABLE,
    WORK_POOL_PAUSED,
    WORK_QUEUE_PAUSED,
    WORKER_GONE,
)
from receiver.trigger.loop import Trigger
from receiver.trigger.policy import Phase, Run
from receiver.trigger.ports import DeploymentMissing, Lane, RunServerError
from storage.errors import StoreUnreachable
from storage.inbox.door import DrainNeed

pytestmark = pytest.mark.anyio

WALL = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
NOTHING_DUE = DrainNeed(
    due=0,
    oldest_due_at=None,
    door_alive=False,
    blocked_until=None,
    generation=Generation("g0"),
    attempt=0,
)


@dataclass
class FakeClock:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return WALL + timedelta(seconds=self.seconds - 1000.0)


@dataclass
class FakeDoor:
    """The door row, its rules as in storage: a new generation per opening, attempts by CAS."""

    need: DrainNeed = NOTHING_DUE
    alarms: dict[str, str] = field(default_factory=dict)
    unreachable: bool = False
    openings: int = 0
    watched: list[dict[str, str]] = field(default_factory=list)

    def deliver(self) -> None:
        self.need = replace(self.need, due=self.need.due + 1)

    def open(self) -> None:
        self.openings += 1
        generation = Generation(f"g{self.openings}")
        self.need = replace(self.need, door_alive=True, generation=generation, attempt=0)

    def drain_and_close(self) -> None:
        self.need = replace(self.need, door_alive=False, due=0)

    def end_without_effect(self) -> None:
        self.need = replace(self.need, door_alive=False)

    async def read_need(self) -> DrainNeed:
        if self.unreachable:
            raise StoreUnreachable("gone")
        return self.need

    async def raise_attempt(self, generation: Generation, attempt: int) -> bool:
        if (generation, attempt) != (self.need.generation, self.need.attempt):
            return False
        self.need = replace(self.need, attempt=attempt + 1)
        return True

    async def read_alarms(self) -> Mapping[str, str]:
        return dict(self.alarms)

    async def raise_alarm(self, name: str, text: str) -> None:
        self.alarms[name] = text

    async def clear_alarm(self, name: str) -> None:
        self.alarms.pop(name, None)

    async def note_watch(self, idle: Mapping[str, str]) -> None:
        if self.unreachable:
            raise StoreUnreachable("gone")
        self.watched.append(dict(idle))

    async def close(self) -> None:
        """There is nothing to close."""


@dataclass
class FakePrefect:
    """Runs by idempotency key; a key never expires, as measured on Prefect 3.8.8."""

    runs: dict[str, Run] = field(default_factory=dict)
    asked: int = 0
    stops: dict[str, str] = field(default_factory=dict)
    workers: int = 1
    idle: dict[str, str] = field(default_factory=dict)
    error: RunServerError | None = None

    @asynccontextmanager
    async def session(self) -> AsyncIterator[None]:
        yield

    def move(self, phase: Phase) -> None:
        """Move the newest run to another phase."""
        key = list(self.runs)[-1]
        self.runs[key] = replace(self.runs[key], phase=phase)

    def forget(self) -> None:
        """Delete the newest run, its key stays known to us only."""
        self.runs.pop(list(self.runs)[-1])

    async def look(self) -> Lane:
        self._fail()
        return Lane("pool", self.stops, self.workers)

    async def find_idle(self) -> Mapping[str, str]:
        self._fail()
        return self.idle

    async def create_run(self, *, key: str, name: str) -> Run:
        self.asked += 1
        self._fail()
        return self.runs.setdefault(key, Run(f"run-{len(self.runs)}", name, Phase.SCHEDULED))

    async def read_run(self, run_id: str) -> Run | None:
        self._fail()
        return next((run for run in self.runs.values() if run.run_id == run_id), None)

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


class Scene:
    """A trigger, and the world around it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.door = FakeDoor()
        self.prefect = FakePrefect()
        self.trigger = self.another_receiver()

    def another_receiver(self) -> Trigger:
        return Trigger(
            self.prefect,
            self.door,
            clock=self.clock,
            wall_clock=self.clock.wall,
            jitter=lambda: 0.5,
        )

    async def after(self, seconds: float) -> float:
        self.clock.seconds += seconds
        return await self.trigger.step()

    async def pass_time(self, seconds: float) -> None:
        """Step as the loop does: never more than its own rest apart."""
        end = self.clock.seconds + seconds
        while self.clock.seconds < end:
            rest = await self.trigger.step()
            self.clock.seconds = min(self.clock.seconds + max(rest, 0.01), end)
        await self.trigger.step()


@pytest.fixture
def scene() -> Scene:
    return Scene()


async def test_a_delivery_makes_one_run_named_after_the_time(scene: Scene) -> None:
    scene.door.deliver()
    await scene.trigger.step()
    await scene.trigger.step()
    assert list(scene.prefect.runs) == ["process-inbox:g0:0"]
    assert scene.prefect.runs["process-inbox:g0:0"].name == "process-inbox 14:02:11"


async def test_nothing_is_asked_while_a_drain_is_at_work(scene: Scene) -> None:
    scene.door.open()
    scene.door.deliver()
    assert await scene.trigger.step() == 15
    assert scene.prefect.asked == 0


async def test_receivers_that_ask_at_once_make_one_run(scene: Scene) -> None:
    scene.door.deliver()
    await scene.trigger.step()
    await scene.another_receiver().step()
    assert len(scene.prefect.runs) == 1


async def test_each_opening_of_the_door_makes_a_fresh_key(scene: Scene) -> None:
    scene.door.deliver()
    await scene.trigger.step()
    scene.door.open()
    await scene.after(2)
    scene.door.drain_and_close()
    await scene.after(70)
    scene.door.deliver()
    await scene.after(1)
    assert list(scene.prefect.runs) == ["process-inbox:g0:0", "process-inbox:g1:0"]


async def test_a_restarted_receiver_whose_key_is_spent_takes_the_next_attempt_at_once(
    scene: Scene,
) -> None:
    scene.door.deliver()
    await scene.trigger.step()
    scene.prefect.move(Phase.ENDED)
    await scene.another_receiver().step()
    assert list(scene.prefect.runs) == ["process-inbox:g0:0", "process-inbox:g0:1"]
    assert scene.door.need.attempt == 1


async def test_a_run_without_effect_gives_way_after_thirty_seconds(scene: Scene) -> None:
    scene.door.deliver()
    await scene.trigger.step()
    scene.prefect.move(Phase.ACTIVE)
    await scene.pass_time(29)
    assert len(scene.prefect.runs) == 1
    await scene.pass_time(2)
    assert len(scene.prefect.runs) == 2


async def test_a_run_that_was_deleted_gives_way(scene: Scene) -> None:
    scene.door.deliver()
    await scene.trigger.step()
    scene.prefect.forget()
    await scene.pass_time(31)
    assert list(scene.prefect.runs) == ["process-inbox:g0:1"]


async def test_attempts_without_effect_become_rare(scene: Scene) -> None:
    scene.door.deliver()
    for _ in range(120):  # an hour in which every run dies at once
        await scene.pass_time(30)
        scene.prefect.move(Phase.FAILED)
    # after 30, 60, 120, 240, 480 s, and then every 10 minutes
    assert 8 <= len(scene.prefect.runs) <= 12


async def test_a_run_that_no_worker_takes_is_an_alarm_and_not_asked_for_again(
    scene: Scene,
) -> None:
    scene.door.deliver()
    await scene.pass_time(25)
    assert scene.door.alarms == {}
    await scene.pass_time(600)
    assert len(scene.prefect.runs) == 1
    assert set(scene.door.alarms) == {NO_WORKER}
    assert "akeneo-sync worker" in scene.door.alarms[NO_WORKER]


async def test_the_alarm_ends_when_a_worker_takes_the_run(scene: Scene) -> None:
    scene.door.deliver()
    await scene.pass_time(60)
    scene.door.open()
    await scene.after(1)
    assert scene.door.alarms == {}


async def test_an_alarm_that_a_dead_receiver_left_is_cleared(scene: Scene) -> None:
    scene.door.alarms = {NO_WORKER: "old", PREFECT_UNREACHABLE: "old", "inbox-deep": "not ours"}
    await scene.trigger.step()
    await scene.after(15)
    assert set(scene.door.alarms) == {"inbox-deep"}


async def test_a_busy_server_is_asked_again_within_three_tenths_of_a_second(scene: Scene) -> None:
    scene.door.deliver()
    scene.prefect.error = RunServerError("it answered 503")
    assert await scene.trigger.step() <= 0.3
    scene.prefect.error = None
    await scene.after(0.3)
    assert len(scene.prefect.runs) == 1
    assert scene.door.alarms == {}


async def test_wake_ups_do_not_hasten_a_failing_server(scene: Scene) -> None:
    scene.door.deliver()
    scene.prefect.error = RunServerError("it answered 503")
    for _ in range(1000):  # a burst of commits
        await scene.trigger.step()
    assert scene.prefect.asked == 1


async def test_a_server_that_is_starting_beside_the_receiver_is_no_alarm(scene: Scene) -> None:
    scene.door.deliver()
    scene.prefect.error = RunServerError("ConnectError: all attempts failed")
    await scene.pass_time(55)
    assert scene.door.alarms == {}
    await scene.pass_time(10)
    assert PREFECT_UNREACHABLE in scene.door.alarms


async def test_an_unreachable_server_is_an_alarm_that_says_since_when(scene: Scene) -> None:
    await scene.trigger.step()
    scene.door.deliver()
    scene.prefect.error = RunServerError("ConnectError: all attempts failed")
    await scene.pass_time(9)
    assert scene.door.alarms == {}
    await scene.pass_time(10)
    assert "since 2026-11-23 14:02:11 UTC" in scene.door.alarms[PREFECT_UNREACHABLE]
    scene.prefect.error = None
    await scene.pass_time(5)
    assert scene.door.alarms == {}
    assert len(scene.prefect.runs) == 1


async def test_an_unreachable_server_is_noticed_with_nothing_due(scene: Scene) -> None:
    scene.prefect.error = RunServerError("ConnectError: all attempts failed")
    await scene.pass_time(75)
    assert PREFECT_UNREACHABLE in scene.door.alarms
    scene.prefect.error = None
    await scene.pass_time(30)
    assert scene.door.alarms == {}


@pytest.mark.parametrize("name", [WORK_POOL_PAUSED, WORK_QUEUE_PAUSED])
async def test_what_is_paused_is_named_with_nothing_due(scene: Scene, name: str) -> None:
    scene.prefect.stops = {name: "it is paused"}
    await scene.trigger.step()
    assert set(scene.door.alarms) == {name}
    assert scene.door.alarms[name].startswith("it is paused")
    scene.prefect.stops = {}
    await scene.after(15)
    assert scene.door.alarms == {}


@pytest.mark.parametrize("name", [WORK_POOL_PAUSED, WORK_QUEUE_PAUSED])
async def test_what_is_paused_is_not_mistaken_for_a_missing_worker(scene: Scene, name: str) -> None:
    scene.prefect.stops = {name: "it is paused"}
    scene.door.deliver()
    await scene.pass_time(120)
    assert set(scene.door.alarms) == {name}
    assert len(scene.prefect.runs) == 1


async def test_a_worker_that_is_gone_is_an_alarm_with_nothing_due(scene: Scene) -> None:
    scene.prefect.workers = 0
    await scene.pass_time(105)
    assert scene.door.alarms == {}  # one that starts has a moment
    await scene.pass_time(60)
    assert set(scene.door.alarms) == {WORKER_GONE}
    assert "the work pool pool since 2026-11-23 14:02" in scene.door.alarms[WORKER_GONE]
    scene.prefect.workers = 1
    await scene.after(15)
    assert scene.door.alarms == {}


async def test_a_run_that_waits_for_a_worker_that_is_gone_is_one_alarm(scene: Scene) -> None:
    scene.prefect.workers = 0
    scene.door.deliver()
    await scene.pass_time(40)
    assert set(scene.door.alarms) == {NO_WORKER}
    await scene.pass_time(120)
    assert set(scene.door.alarms) == {WORKER_GONE}


async def test_it_is_noted_each_minute_that_somebody_looks_and_which_sweeps_are_idle(
    scene: Scene,
) -> None:
    scene.prefect.idle = {"delta": "its schedule is paused"}
    await scene.pass_time(50)
    assert scene.door.watched == [scene.prefect.idle]
    scene.prefect.error = RunServerError("ConnectError: all attempts failed")
    await scene.pass_time(60)
    assert scene.door.watched == [scene.prefect.idle] * 2  # Prefect's absence is no sleep


async def test_a_missing_deployment_is_an_alarm_with_its_cure(scene: Scene) -> None:
    scene.door.deliver()
    scene.prefect.error = DeploymentMissing("unknown: run `akeneo-sync deploy`")
    await scene.pass_time(75)
    assert scene.door.alarms == {DEPLOYMENT_MISSING: "unknown: run `akeneo-sync deploy`"}
    scene.prefect.error = None
    await scene.pass_time(5)
    assert scene.door.alarms == {}
    assert len(scene.prefect.runs) == 1


async def test_a_drain_that_keeps_failing_young_is_not_asked_for_in_a_loop(scene: Scene) -> None:
    scene.door.deliver()
    end = scene.clock.seconds + 600
    while scene.clock.seconds < end:
        runs = len(scene.prefect.runs)
        await scene.pass_time(1)
        if len(scene.prefect.runs) > runs:
            scene.door.open()
            await scene.pass_time(0.5)
            scene.prefect.move(Phase.FAILED)
            scene.door.end_without_effect()
    assert 10 <= len(scene.prefect.runs) <= 15


async def test_a_door_that_cannot_be_read_is_looked_at_again(scene: Scene) -> None:
    scene.door.deliver()
    scene.door.unreachable = True
    with pytest.raises(StoreUnreachable):
        await scene.trigger.step()
    scene.door.unreachable = False
    await scene.after(15)
    assert len(scene.prefect.runs) == 1
