"""Which refused deliveries no sweep has made up for."""

from datetime import UTC, datetime, timedelta

from flows.sweeps.delta import DELTA
from flows.sweeps.sweep import FULL
from receiver.refusals import IntakeRefusal
from storage.inbox.refusals import Refusals
from storage.state.lost_deliveries import (
    CLOCK_DOUBT,
    LOSSES,
    PRODUCT_SWEEPS,
    Unstored,
    decide_span,
    sum_unstored,
)
from storage.state.watermarks import Watermark

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return TEN + timedelta(minutes=minutes)


def refused(reason: str, minutes: int, *, count: int = 2, detail: str | None = None) -> Refusals:
    return Refusals(reason, count, at(minutes), at(minutes + 1), detail)


def test_the_words_are_those_of_the_receiver_and_of_the_flows() -> None:
    assert set(IntakeRefusal) >= LOSSES
    assert {DELTA, FULL} == set(PRODUCT_SWEEPS)


def test_before_the_first_whole_sweep_all_of_them_count() -> None:
    assert decide_span(None) < at(-1_000_000)


def test_a_sweep_makes_up_for_what_was_refused_well_before_it_began() -> None:
    begun = Watermark(seen_until=at(300), clock=at(10))  # the PIM's clock is another
    assert decide_span(begun) == at(10) - CLOCK_DOUBT


def test_where_only_the_sources_time_was_kept_that_counts() -> None:
    assert decide_span(Watermark(seen_until=at(10))) == at(10) - CLOCK_DOUBT


def test_forgeries_and_deliveries_stored_late_are_no_loss() -> None:
    assert sum_unstored([refused("signature_unknown", 0), refused("store_not_writable", 0)]) is None


def test_losses_are_summed_over_their_reasons_with_the_newest_why() -> None:
    lost = sum_unstored(
        [
            refused("never_stored", 5, count=312, detail="the disk is full"),
            refused("too_much_at_once", 2),
        ]
    )
    assert lost == Unstored(314, at(2), at(6), "the disk is full")
    assert str(lost) == (
        "314 deliveries were refused and never stored, 2026-11-23 10:02 to 10:06 UTC: "
        "the disk is full"
    )


def test_one_delivery_is_one() -> None:
    lost = sum_unstored([refused("too_much_at_once", 2, count=1)])
    assert str(lost).startswith("1 delivery was refused and never stored, ")
    assert str(lost).endswith(": too much at once")
