"""What stands while sweeps fail, or end and move nothing."""

from datetime import datetime, timedelta

import pytest

from storage import Store
from storage.state.alarms import list_alarms
from storage.state.sweep_alarms import (
    STANDS_AFTER,
    judge_watermark,
    read_failing,
    record_failed_sweep,
    record_whole_sweep,
)
from storage.state.sweeps import begin_sweep, finish_sweep
from storage.state.watch import note_watch, read_watch
from tests.store_builders import LEASE, NOW


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """Nothing here is told apart by the database."""
    return sqlite_url


def standing(store: Store) -> dict[str, str]:
    with store.read() as tx:
        return {alarm.name: alarm.text for alarm in list_alarms(tx)}


def sweep(store: Store, watermark: datetime | None, now: datetime) -> None:
    """A delta that ends, and moves the watermark there."""
    name, holder = "products/delta", "run"
    with store.transaction() as tx:
        first = tx.draw_numbers(1)[0]
        begin_sweep(tx, name=name, holder=holder, first_number=first, source_now=now, lease=LEASE)
        finish_sweep(tx, name=name, holder=holder, watermark=watermark)
        judge_watermark(tx, now=now)


def test_failures_are_counted_by_mode_with_the_first_time_and_the_last_words(
    store: Store,
) -> None:
    with store.transaction() as tx:
        record_failed_sweep(tx, mode="delta", words="first\nwords", now=NOW)
        record_failed_sweep(tx, mode="delta", words="a\x00b" + "x" * 999, now=NOW + LEASE)
        record_failed_sweep(tx, mode="full", words="away", now=NOW + LEASE)
        full, delta = read_failing(tx)
    assert (full.mode, full.count, full.words) == ("full", 1, "away")
    assert (delta.since, delta.last_at, delta.count) == (NOW, NOW + LEASE, 2)
    assert len(delta.words) == 300
    text = standing(store)["sweep-fails"]
    assert "the full sweep failed once" in text
    assert "the delta sweep failed 2 times since" in text
    store.run(lambda tx: record_whole_sweep(tx, mode="delta"))
    assert "delta" not in standing(store)["sweep-fails"]
    store.run(lambda tx: record_whole_sweep(tx, mode="full"))
    assert standing(store) == {}


def test_a_watermark_that_sweeps_do_not_move_is_an_alarm_until_one_does(
    store: Store,
) -> None:
    sweep(store, NOW, NOW)
    sweep(store, None, NOW + STANDS_AFTER - timedelta(seconds=1))
    assert standing(store) == {}
    sweep(store, None, NOW + STANDS_AFTER)
    text = standing(store)["watermark-stands"]
    assert f"has not moved since {NOW:%Y-%m-%d %H:%M} UTC" in text
    sweep(store, NOW + STANDS_AFTER, NOW + STANDS_AFTER)
    assert standing(store) == {}


def test_a_watch_with_a_gap_begins_anew(store: Store) -> None:
    def note(minutes: int) -> datetime:
        now = NOW + timedelta(minutes=minutes)
        with store.transaction() as tx:
            note_watch(tx, idle={"full": "it is paused"}, now=now)
            watch = read_watch(tx)
        assert watch is not None
        assert (watch.at, watch.idle) == (now, {"full": "it is paused"})
        return watch.since

    assert note(1) - timedelta(minutes=1) == NOW
    assert note(0) == note(2) == note(7) == NOW + timedelta(minutes=1)  # two receivers' clocks
    assert note(60) == NOW + timedelta(minutes=60)  # the machine was asleep
