"""When the source's count says that products were deleted silently."""

from flows.count_check import Gap, find_gap, is_surplus
from storage.census import Census


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
