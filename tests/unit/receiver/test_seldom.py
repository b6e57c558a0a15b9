import logging
from datetime import UTC, datetime

import pytest

from receiver.metrics.store_figures import cumulate_counts
from receiver.refusals import IntakeRefusal, Seldom, SlowAnswers, StoreNews, Tally, tell_refusals

AT = datetime(2026, 11, 23, 10, 2, 5, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_is_told_at_once_and_the_rest_together_after_a_minute() -> None:
    clock = Clock()
    seldom = Seldom(clock)
    assert [seldom.due("a"), seldom.due("a", 5), seldom.due("b"), seldom.due("a")] == [1, 0, 1, 0]
    clock.now += 60
    assert seldom.due("a") == 7
    assert seldom.due("a") == 0


def test_slow_acknowledgements_are_warned_of_with_the_slowest(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    slow = SlowAnswers(Seldom(clock))
    for seconds in (0.25, 0.3, 0.44, 0.26):
        slow.note(seconds)
    clock.now += 60
    slow.note(0.251)
    told = [record.getMessage() for record in caplog.records]
    assert [text.split(" (")[0] for text in told] == [
        "1 slow acknowledgements, the slowest after 0.300 s",
        "3 slow acknowledgements, the slowest after 0.440 s",
    ]


def test_refusals_are_told_by_reason_with_the_newest_detail(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seldom = Seldom(Clock())
    tell_refusals(seldom, [Tally("clock_off", 312, AT, "clock off by 437 s")])
    tell_refusals(seldom, [Tally("clock_off", 9, AT, None), Tally("too_large", 1, AT, None)])
    tell_refusals(seldom, [Tally(IntakeRefusal.NOT_WRITABLE, 4, AT, None)])
    assert [record.getMessage() for record in caplog.records] == [
        "312 deliveries refused: clock off (clock off by 437 s)",
        "1 deliveries refused: too large",
    ]
    assert all(record.levelno == logging.WARNING for record in caplog.records)
    assert caplog.records[0].__dict__["reason"] == "clock_off"


def test_a_histogram_s_buckets_hold_all_that_is_not_above_them() -> None:
    assert cumulate_counts(["1", "2"], [3, 0, 4]) == [("1", 3), ("2", 3), ("+Inf", 7)]


def test_a_store_that_comes_and_goes_is_told_of_once_and_its_return_when_it_lasts(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    news = StoreNews(Seldom(clock), clock)
    news.taken()
    for _ in range(50):
        news.refused(TimeoutError("no commit within 0.4 s"))
        clock.now += 0.1
        news.taken()
    assert [record.getMessage() for record in caplog.records] == [
        (
            "the store is not writable in time, deliveries are answered 503 or 429: "
            "no commit within 0.4 s"
        )
    ]
    clock.now += 5
    news.taken()
    news.taken()
    assert [record.getMessage() for record in caplog.records[1:]] == ["the store is writable again"]


def test_a_store_that_stays_away_is_told_of_every_minute_with_the_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    news = StoreNews(Seldom(clock), clock)
    for _ in range(121):
        news.refused(TimeoutError("away"))
        clock.now += 1
    assert [record.__dict__["deliveries"] for record in caplog.records] == [1, 60, 60]
