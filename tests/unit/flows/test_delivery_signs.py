"""What deliveries, and their absence, tell."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flows.sweeps.doubts.lost_events import Missed, QuotaSigns, add_missed, find_quota_signs
from storage.inbox.deliveries import Delivery

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NO_OFFSET = timedelta(0)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def at(number: float) -> datetime:
    return NOON + minutes(number)


def delivery(received: float, *, age: float = 0) -> Delivery:
    """Received so many minutes after noon, with an oldest event of that age."""
    return Delivery(at(received), at(received - age))


def signs(
    deliveries: Sequence[Delivery], *, offset: timedelta = NO_OFFSET, now: float = 60
) -> QuotaSigns | None:
    return find_quota_signs(deliveries, clock_offset=offset, now=at(now))


def sweeps(*found: int, last_delivery: float | None = None, every: float = 10) -> Missed | None:
    missed: Missed | None = None
    last = None if last_delivery is None else at(last_delivery)
    for position, count in enumerate(found):
        now = at(position * every)
        known = last if last is not None and last <= now else None
        missed = add_missed(missed, found=count, last_delivery_at=known, now=now)
    return missed


def is_silence(missed: Missed | None) -> bool:
    return missed is not None and missed.is_silence


def test_changes_without_events_in_two_sweeps_and_no_delivery_are_silence() -> None:
    missed = sweeps(7, 0, 3)
    assert missed == Missed(sweeps=2, changes=10, since=NOON)
    assert is_silence(missed)


def test_one_sweep_may_follow_a_night_during_which_nobody_listened() -> None:
    assert not is_silence(sweeps(200, 0, 0))


def test_a_quiet_shop_is_no_silence() -> None:
    assert sweeps(0, 0, 0) is None


def test_deliveries_that_come_again_end_the_silence() -> None:
    assert not is_silence(sweeps(7, 3, 0, last_delivery=15))
    assert sweeps(7, 3, 2, last_delivery=15) == Missed(sweeps=1, changes=2, since=at(20))


def test_a_delivery_from_before_does_not_end_it() -> None:
    assert is_silence(sweeps(7, 3, last_delivery=-60))


def test_steady_deliveries_are_no_sign() -> None:
    assert signs([delivery(minute, age=0.1) for minute in range(60)]) is None
    assert signs([]) is None
    assert signs([delivery(5)]) is None


def test_near_4000_deliveries_within_an_hour_are_a_sign() -> None:
    many = [delivery(second / 60) for second in range(3600)]
    found = signs(many, now=59.99)
    assert found is not None
    assert (found.deliveries, found.since, found.silence) == (3600, NOON, None)
    assert signs(many[:3500], now=59.99) is None


def test_a_burst_of_old_events_after_a_silence_is_a_sign() -> None:
    found = signs([delivery(0), delivery(43, age=42), delivery(43.1, age=42), delivery(44, age=41)])
    assert found == QuotaSigns(NOON, deliveries=3, silence=minutes(43), oldest=minutes(42))
    assert not found.lost_some
    assert str(found) == (
        "since 12:00 UTC: no delivery for 43 min 0 s, then 3 with events up to 42 min 0 s old"
    )


def test_after_two_hours_some_must_have_been_dropped() -> None:
    found = signs([delivery(-90), delivery(30, age=119)])
    assert found is not None
    assert found.lost_some


def test_a_quiet_hour_followed_by_a_fresh_event_is_no_sign() -> None:
    assert signs([delivery(0), delivery(43, age=0.2)]) is None


def test_a_late_event_without_a_silence_before_it_is_no_sign() -> None:
    assert signs([delivery(0), delivery(1, age=40), delivery(2)]) is None


def test_the_age_of_an_event_is_told_by_the_sources_own_clock() -> None:
    slow = minutes(-45)  # the PIM's clock is 45 min behind ours, its events look as old
    assert signs([delivery(0, age=45), delivery(50, age=45)], offset=slow) is None
    assert signs([delivery(0, age=45), delivery(50, age=93)], offset=slow) is not None
