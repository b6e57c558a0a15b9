"""When a catch-up asks for sweeps, when it is over, and what it says that was missed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.subscriptions.catch_up import (
    ASK_AGAIN_AFTER,
    count_cost,
    decide_round,
    find_whole,
)
from pim.ids import RunId
from storage.state import Gap, SweepView, SyncRun, describe_cost

ENDED = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DELAY = timedelta(minutes=10)
SAFE = ENDED + DELAY
WHOLE = {"mode": "full", "dry_run": False, "not_whole": [], "ended_early": None}


def at(minutes: float) -> datetime:
    return ENDED + timedelta(minutes=minutes)


def gap_with(**known: Any) -> Gap:
    gap = Gap(
        id=1,
        subscription_id="one",
        reason=None,
        began=at(-90),
        ended=ENDED,
        rounds=0,
        asked_at=None,
        closed_at=None,
        cost={},
    )
    return replace(gap, **known)


def run_of(number: int, minutes: float, state: str = "done", **report: Any) -> SyncRun:
    told = {**WHOLE, **report}
    return SyncRun(number, RunId("r"), "reconcile", "deployment", state, at(minutes), None, told)


def sweep_of(minutes: float, ended: float | None = None) -> SweepView:
    finished = None if ended is None else at(ended)
    return SweepView("products/full", ended is None, None, {}, None, at(minutes), finished)


def decide(gap: Gap, minutes: float, *, is_running: bool = False) -> int | None:
    return decide_round(gap, is_running=is_running, now=at(minutes), delay=DELAY)


def test_while_a_gap_is_open_or_caught_up_with_nothing_is_asked_for() -> None:
    assert decide(gap_with(ended=None), 60) is None
    assert decide(gap_with(rounds=2, closed_at=at(30)), 600) is None


def test_the_first_round_is_at_once_and_the_second_after_the_delay() -> None:
    assert decide(gap_with(), 0, is_running=True) == 1
    asked = gap_with(rounds=1, asked_at=ENDED)
    assert decide(asked, 9) is None
    assert decide(asked, 10) == 2


def test_a_full_sweep_that_began_too_early_ends_before_the_next_round() -> None:
    asked = gap_with(rounds=1, asked_at=ENDED)
    assert decide(asked, 60, is_running=True) is None
    assert decide(asked, 61) == 2


def test_a_round_of_which_nothing_came_is_asked_for_again() -> None:
    asked = gap_with(rounds=2, asked_at=at(10))
    patience = ASK_AGAIN_AFTER.total_seconds() / 60
    assert decide(asked, 10 + patience - 1) is None
    assert decide(asked, 10 + patience, is_running=True) is None
    assert decide(asked, 10 + patience) == 3


def test_a_whole_full_run_after_the_delay_ends_it() -> None:
    run = run_of(3, 11)
    assert find_whole([run], sweep_of(12, 20), safe_from=SAFE) is run


@pytest.mark.parametrize(
    ("run", "sweep"),
    [
        (run_of(3, 9), sweep_of(12, 20)),
        (run_of(3, 11, state="failed"), sweep_of(12, 20)),
        (run_of(3, 11, state="stood-by"), sweep_of(12, 20)),
        (run_of(3, 11, mode="delta"), sweep_of(12, 20)),
        (run_of(3, 11, dry_run=True), sweep_of(12, 20)),
        (run_of(3, 11, not_whole=["a list failed"]), sweep_of(12, 20)),
        (run_of(3, 11), sweep_of(2, 20)),
        (run_of(3, 11), sweep_of(12)),
        (run_of(3, 11), sweep_of(12, 5)),
        (run_of(3, 11), None),
    ],
    ids=[
        "before the delay",
        "failed",
        "stood by",
        "delta",
        "dry",
        "not whole",
        "went on with an old sweep",
        "under way",
        "under way anew",
        "never",
    ],
)
def test_no_other_run_ends_it(run: SyncRun, sweep: SweepView | None) -> None:
    assert find_whole([run], sweep, safe_from=SAFE) is None


def test_the_cost_is_what_all_sweeps_since_the_gaps_end_repaired() -> None:
    runs = [
        run_of(9, 90, drift={"missing": 100}),
        run_of(4, 11, drift={"missing": 1, "orphan": 2}, structure={"family": 1, "option": 2}),
        run_of(3, 5, drift={"outdated": 4, "missing": 1}, mode="delta"),
        run_of(2, 2, drift={"missing": 100}, dry_run=True),
        run_of(1, -5, drift={"missing": 100}),
    ]
    cost = count_cost(gap_with(), runs, until=runs[1])
    assert cost == {"missing": 2, "orphan": 2, "outdated": 4, "structure": 3}
    assert describe_cost(cost) == (
        "2 missing, 2 orphan, 4 outdated, 3 items of the structure repaired"
    )
    assert describe_cost(count_cost(gap_with(), [], until=runs[1])) == "nothing had been missed"
