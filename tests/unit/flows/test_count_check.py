"""When the source's count says that products were deleted silently."""

from flows.sweeps.doubts.count_check import Gap, a_few_of, find_gap, is_shortage, is_surplus
from storage.views.census import Census


def test_products_that_came_lately_may_not_be_counted_yet() -> None:
    census = Census(live=100, fresh=3, unsettled=0, last_delivery_at=None)
    assert find_gap(census, 97) == 0
    assert find_gap(census, 95) == 2


def test_a_surplus_while_no_events_come_is_one_at_once() -> None:
    assert is_surplus(2, Gap(), is_quiet=True)
    assert not is_surplus(0, Gap(), is_quiet=True)
    assert not is_surplus(-5, Gap(), is_quiet=True)


def test_while_events_come_it_must_have_been_there_at_the_last_delta() -> None:
    assert not is_surplus(2, Gap(seen=0), is_quiet=False)
    assert is_surplus(2, Gap(seen=1), is_quiet=False)


def test_what_stayed_when_all_had_been_compared_is_none() -> None:
    assert not is_surplus(30, Gap(known=30, seen=30), is_quiet=True)
    assert is_surplus(31, Gap(known=30, seen=30), is_quiet=True)


def shortage(short: int, before: Gap, *, is_quiet: bool = True) -> bool:
    return is_shortage(short, before, is_quiet=is_quiet, few=5)


def test_many_products_that_the_source_counts_and_the_store_lacks_are_a_shortage_at_once() -> None:
    assert shortage(62, Gap())
    assert not shortage(0, Gap())
    assert not shortage(62, Gap(), is_quiet=False)


def test_a_few_must_have_been_lacking_at_the_last_delta_too() -> None:
    assert not shortage(2, Gap())
    assert shortage(2, Gap(seen_short=2))
    assert shortage(62, Gap(seen_short=60), is_quiet=False)


def test_what_was_lacking_when_all_had_been_compared_is_no_shortage() -> None:
    known = Gap(known_short=20, seen_short=40)
    assert not shortage(20, known)
    assert not shortage(25, known)  # an index gathers entries of what is gone
    assert shortage(26, known)


def test_a_few_are_five_or_one_in_a_hundred() -> None:
    assert (a_few_of(0), a_few_of(250), a_few_of(76_980)) == (5, 5, 769)
