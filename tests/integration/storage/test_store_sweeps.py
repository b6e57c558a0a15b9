"""Sweeps go on where they stopped, and one run of each at a time."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from pim.ids import OrderNumber, RunId
from storage import FenceLost, Store
from storage.state.runs import finish_run, list_runs, start_run
from storage.state.sweeps import (
    SweepBusy,
    SweepStart,
    SweepView,
    begin_sweep,
    finish_sweep,
    has_reconciled,
    list_sweeps,
    release_sweep,
    renew_sweep,
    save_position,
)
from tests.store_builders import LEASE, NOW, at

NAME = "products/full"


def _begin(store: Store, holder: str, number: int = 10, start: float = 0) -> SweepStart | SweepBusy:
    return store.run(
        lambda tx: begin_sweep(
            tx,
            name=NAME,
            holder=holder,
            first_number=OrderNumber(number),
            source_now=at(start),
            lease=LEASE,
        )
    )


def _save(store: Store, holder: str, position: str, counts: Mapping[str, int]) -> None:
    store.run(
        lambda tx: save_position(tx, name=NAME, holder=holder, position=position, counts=counts)
    )


def _finish(store: Store, holder: str, watermark: float | None) -> None:
    mark = None if watermark is None else at(watermark)
    store.run(lambda tx: finish_sweep(tx, name=NAME, holder=holder, watermark=mark))


def _view(store: Store) -> SweepView:
    with store.read() as tx:
        (view,) = list_sweeps(tx)
    return view


def test_the_first_run_starts_at_the_beginning(store: Store) -> None:
    start = _begin(store, "run-1")
    assert start == SweepStart(
        resumed=False,
        position=None,
        counts={},
        first_number=OrderNumber(10),
        source_started_at=NOW,
        watermark=None,
    )
    assert _view(store).running


def test_a_second_run_of_the_same_sweep_is_turned_away(store: Store) -> None:
    _begin(store, "run-1")
    busy = _begin(store, "run-2")
    assert isinstance(busy, SweepBusy)
    assert busy.holder == "run-1"
    store.clock_offset = timedelta(seconds=50)
    assert store.run(lambda tx: renew_sweep(tx, name=NAME, holder="run-1", lease=LEASE))
    store.clock_offset = timedelta(seconds=100)
    assert isinstance(_begin(store, "run-2"), SweepBusy)


def test_the_next_run_goes_on_with_number_and_start_of_the_first(store: Store) -> None:
    _begin(store, "run-1", number=10)
    _save(store, "run-1", "page-7", {"read": 700, "missing": 2})
    store.clock_offset = timedelta(hours=1)
    start = _begin(store, "run-2", number=99, start=3600)
    assert start == SweepStart(
        resumed=True,
        position="page-7",
        counts={"read": 700, "missing": 2},
        first_number=OrderNumber(10),
        source_started_at=NOW,
        watermark=None,
    )


def test_a_run_that_was_overtaken_stores_nothing_more(store: Store) -> None:
    _begin(store, "dead")
    _save(store, "dead", "page-1", {})
    store.clock_offset = timedelta(minutes=2)
    _begin(store, "heir")
    with pytest.raises(FenceLost, match="products/full is another run's now"):
        _save(store, "dead", "page-2", {})
    with pytest.raises(FenceLost):
        _finish(store, "dead", 0)
    assert not store.run(lambda tx: renew_sweep(tx, name=NAME, holder="dead", lease=LEASE))
    assert _view(store).position == "page-1"


def test_a_released_sweep_is_resumed_at_once(store: Store) -> None:
    _begin(store, "run-1")
    _save(store, "run-1", "page-1", {})
    assert store.run(lambda tx: release_sweep(tx, name=NAME, holder="run-1"))
    start = _begin(store, "run-2")
    assert isinstance(start, SweepStart)
    assert start.resumed


def test_a_position_of_yesterday_is_not_resumed(store: Store) -> None:
    _begin(store, "run-1")
    _save(store, "run-1", "page-1", {"read": 100})
    store.clock_offset = timedelta(hours=25)
    start = _begin(store, "run-2", number=99)
    assert isinstance(start, SweepStart)
    assert (start.resumed, start.position, start.counts) == (False, None, {})
    assert start.first_number == 99


def test_a_whole_sweep_starts_anew_and_knows_its_watermark(store: Store) -> None:
    _begin(store, "run-1")
    _save(store, "run-1", "page-1", {"read": 100})
    _finish(store, "run-1", 0)
    assert (_view(store).running, _view(store).position) == (False, None)
    start = _begin(store, "run-2", start=500)
    assert isinstance(start, SweepStart)
    assert (start.resumed, start.watermark, start.source_started_at) == (False, NOW, at(500))


def test_only_a_whole_full_sweep_has_reconciled_the_store(store: Store) -> None:
    def seen() -> bool:
        with store.read() as tx:
            return has_reconciled(tx)

    assert not seen()
    _begin(store, "run-1")
    _save(store, "run-1", "page-1", {"read": 100})
    assert not seen()
    _finish(store, "run-1", 0)
    assert seen()


def test_the_watermark_is_that_of_the_last_whole_sweep_even_if_the_clock_went_back(
    store: Store,
) -> None:
    for watermark, expected in ((100.0, at(100)), (None, at(100)), (50.0, at(50))):
        _begin(store, "run")
        _finish(store, "run", watermark)
        assert _view(store).watermark == expected


def test_runs_are_listed_with_their_reports(store: Store) -> None:
    with store.transaction() as tx:
        first = start_run(tx, run_id=RunId("r1"), flow="reconcile", cause="schedule", now=NOW)
        start_run(tx, run_id=RunId("r2"), flow="process-inbox", cause="event", now=at(1))
        finish_run(tx, row_id=first, state="done", report={"drift": {"missing": 2}}, now=at(9))
        runs = list_runs(tx)
        assert [(run.run_id, run.state) for run in runs] == [("r2", "running"), ("r1", "done")]
        (run,) = list_runs(tx, flow="reconcile")
    assert run.report == {"drift": {"missing": 2}}
    assert run.finished_at == at(9)
