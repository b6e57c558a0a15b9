"""A list's watermark is that of its last whole sweep, on two clocks."""

from datetime import timedelta

from pim.ids import OrderNumber
from storage import Store
from storage.database import read_clock
from storage.state.sweeps import SweepStart, begin_sweep, finish_sweep, list_sweeps
from storage.state.watermarks import Watermark, read_watermark, record_listing
from tests.store_builders import LEASE, at

FULL, DELTA = "products/full", "products/delta"


def sweep(store: Store, name: str, start: float, *, whole: bool = True) -> None:
    with store.transaction() as tx:
        begun = begin_sweep(
            tx,
            name=name,
            holder="run",
            first_number=OrderNumber(1),
            source_now=at(start),
            lease=LEASE,
        )
        assert isinstance(begun, SweepStart)
        if whole:
            finish_sweep(tx, name=name, holder="run", watermark=begun.source_started_at)


def mark(store: Store, *names: str) -> Watermark | None:
    with store.read() as tx:
        return read_watermark(tx, names)


def test_before_the_first_whole_sweep_there_is_no_watermark(store: Store) -> None:
    sweep(store, FULL, 0, whole=False)
    assert mark(store, FULL, DELTA) is None


def test_the_sweep_that_was_whole_last_counts_even_with_an_earlier_watermark(store: Store) -> None:
    sweep(store, DELTA, 900)
    store.clock_offset = timedelta(minutes=1)
    sweep(store, FULL, 100)
    found = mark(store, FULL, DELTA)
    assert found is not None
    assert found.seen_until == at(100)


def test_a_begun_sweep_leaves_watermark_and_its_clock_as_they_were(store: Store) -> None:
    sweep(store, DELTA, 0)
    before = mark(store, DELTA)
    store.clock_offset = timedelta(hours=1)
    sweep(store, DELTA, 3600, whole=False)
    assert mark(store, DELTA) == before


def test_a_listing_done_in_one_go_is_recorded_with_both_clocks(store: Store) -> None:
    for seconds in (500, 100):
        kept = Watermark(at(seconds), at(seconds + 1))
        with store.transaction() as tx:
            record_listing(tx, name="family", watermark=kept, counts={"listed": 3})
        assert mark(store, "family") == kept
    with store.read() as tx:
        (view,) = list_sweeps(tx)
        assert view.counts == {"listed": 3}
        assert view.finished_at is not None
        assert abs(read_clock(tx) - view.finished_at) < timedelta(minutes=1)
