"""A delta spends few calls on option lists, and gets round to each that is not too large."""

from datetime import UTC, datetime, timedelta

from flows.sweeps.structure_lists import StructureList, choose_unread
from pim.vocabulary import CatalogKind
from storage.state.watermarks import Listing

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def option_list(number: int) -> StructureList:
    return StructureList(CatalogKind.OPTION, f"Select{number}")


def read_before(number: int, *, minutes: int, listed: int = 5) -> dict[str, Listing]:
    listing = Listing(listed, NOW - timedelta(minutes=minutes))
    return {option_list(number).name: listing}


def test_nine_hundred_lists_are_not_walked_for_a_few_changed_products() -> None:
    assert len(choose_unread([option_list(number) for number in range(900)], {})) == 10


def test_the_longest_unread_come_first_and_the_never_read_before_all() -> None:
    lists = [option_list(number) for number in range(4)]
    known = read_before(0, minutes=5) | read_before(1, minutes=90) | read_before(3, minutes=10)
    assert choose_unread(lists, known, calls=3) == [lists[2], lists[1], lists[3]]


def test_each_list_has_its_turn() -> None:
    lists = [option_list(number) for number in range(25)]
    known: dict[str, Listing] = {}
    for turn in range(3):
        for each in choose_unread(lists, known):
            known[each.name] = Listing(5, NOW + timedelta(minutes=turn))
    assert known.keys() == {each.name for each in lists}


def test_a_list_of_twenty_thousand_options_is_left_to_full_sweeps() -> None:
    """Its pages alone would be more calls than a delta has for all."""
    lists = [option_list(number) for number in range(3)]
    known = (
        read_before(0, minutes=900, listed=20_904)
        | read_before(1, minutes=20, listed=850)
        | read_before(2, minutes=10)
    )
    assert choose_unread(lists, known) == [lists[1], lists[2]]
