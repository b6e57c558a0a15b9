from datetime import UTC, datetime, timedelta

from receiver.refusals import RefusalCounter, Tally

AT = datetime(2026, 11, 23, 10, 2, 5, tzinfo=UTC)


def test_refusals_are_summed_by_minute_and_reason() -> None:
    counter = RefusalCounter()
    for seconds in (0, 1, 54):
        counter.count("signature_unknown", AT + timedelta(seconds=seconds))
    counter.count("signature_unknown", AT + timedelta(seconds=55))
    counter.count("too_large", AT)
    assert counter.take() == [
        Tally("signature_unknown", 3, AT + timedelta(seconds=54), None),
        Tally("signature_unknown", 1, AT + timedelta(seconds=55), None),
        Tally("too_large", 1, AT, None),
    ]


def test_the_newest_detail_is_kept() -> None:
    counter = RefusalCounter()
    counter.count("clock_off", AT, "clock off by 436 s")
    counter.count("clock_off", AT, "clock off by 437 s")
    (tally,) = counter.take()
    assert tally == Tally("clock_off", 2, AT, "clock off by 437 s")


def test_what_is_taken_is_counted_once() -> None:
    counter = RefusalCounter()
    counter.count("too_large", AT)
    counter.take()
    assert counter.take() == []


def test_what_could_not_be_written_is_counted_with_what_came_since() -> None:
    counter = RefusalCounter()
    counter.count("clock_off", AT, "old")
    taken = counter.take()
    counter.count("clock_off", AT + timedelta(seconds=1), "new")
    counter.put_back(taken)
    assert counter.take() == [Tally("clock_off", 2, AT + timedelta(seconds=1), "new")]


def test_a_flood_takes_no_memory() -> None:
    counter = RefusalCounter()
    for _ in range(10_000):
        counter.count("signature_unknown", AT)
    assert len(counter.take()) == 1
