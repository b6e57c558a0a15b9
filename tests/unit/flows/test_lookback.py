"""From when on a delta looks."""

from datetime import UTC, datetime, timedelta

from flows.sweeps.doubts.filter_probe import FilterAnswer, judge_filter
from flows.sweeps.lookback import (
    Clocks,
    Margins,
    Probed,
    Verdict,
    clock_jump,
    decide_reach,
    decide_since,
)
from storage.state.watermarks import Watermark

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARGINS = Margins(overlap=timedelta(minutes=5), clock_doubt=timedelta(minutes=1))


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def since(watermark: Watermark, *, source: float, ours: float) -> datetime | None:
    """Of a delta when so many minutes have passed on either clock."""
    clocks = Clocks(NOON + minutes(source), NOON + minutes(ours))
    return decide_since(watermark, clocks, MARGINS)


def test_it_looks_back_by_overlap_and_clock_doubt() -> None:
    assert since(Watermark(NOON, NOON), source=10, ours=10) == NOON - minutes(6)


def test_a_source_whose_clock_always_differs_from_ours_is_no_jump() -> None:
    watermark = Watermark(NOON + minutes(90), NOON)
    assert since(watermark, source=100, ours=10) == NOON + minutes(84)
    watermark = Watermark(NOON - minutes(90), NOON)
    assert since(watermark, source=-80, ours=10) == NOON - minutes(96)


def test_nodes_that_differ_by_the_doubt_are_no_clock_that_went_back() -> None:
    assert since(Watermark(NOON, NOON), source=-1, ours=0) == NOON - minutes(7)


def test_a_source_clock_behind_what_it_said_before_calls_for_a_whole_sweep() -> None:
    assert since(Watermark(NOON, NOON), source=-1.1, ours=10) is None


def test_a_clock_that_was_ahead_during_the_last_sweep_leaves_nothing_out() -> None:
    ahead = Watermark(NOON + minutes(9), NOON)  # right again ten minutes later
    assert since(ahead, source=10, ours=10) == NOON - minutes(6)
    assert clock_jump(ahead, Clocks(NOON + minutes(10), NOON + minutes(10))) == minutes(9)


def test_a_clock_that_is_ahead_now_leaves_nothing_out() -> None:
    assert since(Watermark(NOON, NOON), source=100, ours=10) == NOON - minutes(6)


def test_our_own_clock_put_right_leaves_nothing_out() -> None:
    ours_was_slow = Watermark(NOON, NOON - minutes(30))
    assert since(ours_was_slow, source=10, ours=10) == NOON - minutes(36)
    ours_was_fast = Watermark(NOON, NOON + minutes(30))
    assert since(ours_was_fast, source=10, ours=10) == NOON - minutes(6)


def test_a_watermark_of_before_both_clocks_were_kept_is_taken_as_it_is() -> None:
    assert since(Watermark(NOON), source=10, ours=10) == NOON - minutes(6)


def test_a_filter_seen_to_work_at_that_time_is_asked_for_no_more_than_needed() -> None:
    probed = Probed(Verdict.WORKS, NOON)
    assert decide_reach(NOON, probed, was_broken=False) == NOON


def test_a_filter_seen_to_work_at_an_earlier_time_may_be_off_by_summer_time() -> None:
    probed = Probed(Verdict.WORKS, NOON - timedelta(days=90))
    assert decide_reach(NOON, probed, was_broken=False) <= NOON - minutes(60)


def test_a_filter_that_nothing_vouches_for_is_asked_for_more_than_zones_are_apart() -> None:
    widest = timedelta(hours=26)  # UTC-12 and UTC+14
    for verdict in (Verdict.BROKEN, Verdict.UNKNOWN):
        assert decide_reach(NOON, Probed(verdict), was_broken=False) < NOON - widest
    assert decide_reach(NOON, Probed(Verdict.WORKS, NOON), was_broken=True) < NOON - widest


def answer(*, exact: bool, since: bool, simple: bool = True) -> FilterAnswer:
    return FilterAnswer(NOON, simple=simple, exact=exact, since=since)


EXACT = answer(exact=True, since=True)
OPEN_ONLY = answer(exact=False, since=True)
HIDDEN = answer(exact=False, since=False)
VARIANT = answer(exact=False, since=True, simple=False)


def test_one_product_found_in_its_very_second_is_proof() -> None:
    assert judge_filter([HIDDEN, VARIANT, EXACT]) == Probed(Verdict.WORKS, NOON)


def test_times_read_as_earlier_than_meant_let_more_through() -> None:
    assert judge_filter([OPEN_ONLY, HIDDEN]).verdict is Verdict.EARLY


def test_a_product_that_is_not_returned_proves_the_filter_wrong() -> None:
    assert judge_filter([HIDDEN]).verdict is Verdict.BROKEN
    assert judge_filter([VARIANT, HIDDEN]).verdict is Verdict.BROKEN


def test_a_variant_may_owe_its_place_to_its_models_and_proves_nothing() -> None:
    assert judge_filter([VARIANT, VARIANT]).verdict is Verdict.UNKNOWN
    assert judge_filter([]).verdict is Verdict.UNKNOWN
