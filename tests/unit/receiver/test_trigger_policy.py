from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pim.ids import Generation
from receiver.trigger.policy import (
    MAX_PATIENCE_SECONDS,
    PATIENCE_SECONDS,
    TICK_SECONDS,
    Ask,
    Asked,
    LookAtRun,
    LookBack,
    Memory,
    Phase,
    Rest,
    Run,
    Wait,
    decide_step,
    patience_seconds,
    pause_seconds,
    remember_asking,
    remember_look,
    remember_look_back,
    remember_rest,
    rest_seconds,
)
from storage.inbox.door import DrainNeed

NOW = 1000.0
WALL = datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
FIRST = Generation("first")
SECOND = Generation("second")

NEED = DrainNeed(
    due=3,
    oldest_due_at=WALL,
    door_alive=False,
    blocked_until=None,
    generation=FIRST,
    attempt=0,
)


def a_run(phase: Phase = Phase.SCHEDULED) -> Run:
    return Run("run-1", "process-inbox 14:02:11", phase)


def asked(*, at: float = NOW, look_at: float = NOW + 30, generation: Generation = FIRST) -> Asked:
    return Asked(generation, 0, a_run(), asked_at=at, look_at=look_at)


@pytest.mark.parametrize(
    "need",
    [
        replace(NEED, due=0),
        replace(NEED, door_alive=True),
        replace(NEED, blocked_until=WALL + timedelta(seconds=15)),
    ],
    ids=["nothing due", "somebody at work", "source blocked"],
)
def test_no_run_is_asked_for_when_none_is_needed(need: DrainNeed) -> None:
    assert decide_step(need, Memory(), NOW) == Rest()


def test_what_is_due_is_asked_for_at_once() -> None:
    assert decide_step(NEED, Memory(), NOW) == Ask()


def test_a_key_is_asked_for_once_while_its_run_may_still_act() -> None:
    memory = Memory(asked=asked())
    assert decide_step(NEED, memory, NOW + 29) == Wait(NOW + 30)


def test_a_trigger_without_effect_for_thirty_seconds_is_looked_at() -> None:
    memory = remember_asking(Memory(), NEED, a_run(), NOW)
    assert memory is not None
    assert memory.asked is not None
    assert decide_step(NEED, memory, NOW + 30) == LookAtRun(memory.asked)


def test_an_attempt_that_another_receiver_raised_is_asked_for_at_once() -> None:
    memory = Memory(asked=asked())
    assert decide_step(replace(NEED, attempt=1), memory, NOW + 1) == Ask()


def test_a_new_opening_makes_the_next_need_a_new_question() -> None:
    memory = Memory(asked=asked(at=NOW - 61))
    assert decide_step(replace(NEED, generation=SECOND), memory, NOW) == Ask()


@pytest.mark.parametrize("phase", [Phase.ENDED, Phase.FAILED])
def test_a_key_that_answers_with_a_finished_run_is_spent(phase: Phase) -> None:
    assert remember_asking(Memory(), NEED, a_run(phase), NOW) is None


@pytest.mark.parametrize("phase", [Phase.SCHEDULED, Phase.ACTIVE])
def test_a_key_that_answers_with_a_living_run_is_given_time(phase: Phase) -> None:
    memory = remember_asking(Memory(), NEED, a_run(phase), NOW)
    assert memory is not None
    assert decide_step(NEED, memory, NOW) == Wait(NOW + PATIENCE_SECONDS)


def test_a_run_that_no_worker_has_taken_is_waited_for() -> None:
    before = asked(look_at=NOW)
    memory = remember_look(Memory(asked=before), before, a_run(Phase.SCHEDULED), NOW)
    assert memory is not None
    assert decide_step(NEED, memory, NOW) == Wait(NOW + TICK_SECONDS)


@pytest.mark.parametrize(
    "run", [a_run(Phase.ACTIVE), a_run(Phase.ENDED), a_run(Phase.FAILED), None]
)
def test_any_other_run_without_effect_gives_way_to_the_next_attempt(run: Run | None) -> None:
    before = asked(look_at=NOW)
    assert remember_look(Memory(asked=before), before, run, NOW) is None


def test_patience_doubles_with_each_attempt_up_to_ten_minutes() -> None:
    assert [patience_seconds(attempt) for attempt in range(6)] == [30, 60, 120, 240, 480, 600]
    assert patience_seconds(10**6) == MAX_PATIENCE_SECONDS


def test_a_need_that_comes_back_looks_at_its_run_without_waiting() -> None:
    memory = remember_rest(Memory(asked=asked()), NOW + 5)
    assert isinstance(decide_step(NEED, memory, NOW + 6), LookAtRun)


def test_a_drain_over_within_its_first_minute_is_looked_back_at() -> None:
    before = asked(at=NOW)
    decision = decide_step(replace(NEED, generation=SECOND), Memory(asked=before), NOW + 3)
    assert decision == LookBack(before)


@pytest.mark.parametrize("run", [a_run(Phase.ENDED), a_run(Phase.ACTIVE), None])
def test_a_short_drain_that_did_not_fail_is_followed_at_once(run: Run | None) -> None:
    memory = remember_look_back(Memory(asked=asked(), failures=2), asked(), run)
    assert decide_step(replace(NEED, generation=SECOND), memory, NOW + 3) == Ask()


def test_drains_that_fail_young_are_asked_for_ever_more_slowly() -> None:
    memory, waits = Memory(), []
    for _ in range(6):
        memory = remember_look_back(memory, asked(at=NOW), a_run(Phase.FAILED))
        waits.append(memory.wait_until - NOW)
    assert waits == [5, 10, 20, 40, 60, 60]
    assert decide_step(replace(NEED, generation=SECOND), memory, NOW + 59) == Wait(NOW + 60)
    assert decide_step(replace(NEED, generation=SECOND), memory, NOW + 60) == Ask()


def test_failures_in_a_row_are_remembered_across_a_new_question() -> None:
    before = Memory(failures=2, wait_until=NOW)
    memory = remember_asking(before, replace(NEED, generation=SECOND), a_run(), NOW)
    assert memory is not None
    assert memory.failures == 2


def test_a_drain_that_lived_ends_the_row_of_failures() -> None:
    old = Memory(asked=asked(at=NOW - 300), failures=3)
    memory = remember_asking(old, replace(NEED, generation=SECOND), a_run(), NOW)
    assert memory is not None
    assert memory.failures == 0


def test_the_first_pause_after_a_failed_call_is_a_tenth_to_three_tenths_of_a_second() -> None:
    assert pause_seconds(1, jitter=0.0) == pytest.approx(0.1)
    assert pause_seconds(1, jitter=1.0) == pytest.approx(0.3)


def test_pauses_grow_and_are_capped() -> None:
    pauses = [pause_seconds(failures, jitter=0.5) for failures in range(1, 40)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 5.0


def test_a_blocked_source_is_looked_at_again_when_the_blocking_ends() -> None:
    need = replace(NEED, blocked_until=WALL + timedelta(seconds=7))
    assert rest_seconds(need, WALL + timedelta(seconds=5)) == 2
    assert rest_seconds(need, WALL + timedelta(seconds=8)) == 1
    assert rest_seconds(replace(need, blocked_until=WALL + timedelta(hours=1)), WALL) == 3
    assert rest_seconds(replace(need, due=0), WALL) == 15


def test_rest_ends_with_the_lease_that_a_dead_drain_left() -> None:
    need = replace(NEED, door_alive=True, lease_until=WALL + timedelta(seconds=7))
    assert rest_seconds(need, WALL) == 7
    assert rest_seconds(need, WALL + timedelta(seconds=7)) == 1
    assert rest_seconds(replace(need, lease_until=WALL + timedelta(minutes=1)), WALL) == 15
    assert rest_seconds(replace(need, due=0), WALL) == 15
