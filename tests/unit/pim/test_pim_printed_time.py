"""What a printed `updated` means, where a source takes two clocks for one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pim.printed_time import (
    Printing,
    find_shift,
    is_offset_of,
    is_other_zone,
    other_printings,
    saved_at,
)

NEW_YORK = ZoneInfo("America/New_York")
KOLKATA = ZoneInfo("Asia/Kolkata")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
UTC_ZONE = ZoneInfo("UTC")
SAVED = datetime(2026, 1, 15, 16, 45, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-01-15T16:45:00-05:00", NEW_YORK),
        ("2026-01-15T16:45:00-0500", NEW_YORK),
        ("2026-01-15T16:45:00+05:30", KOLKATA),
        ("2026-01-15T16:45:00+11:00", LORD_HOWE),
    ],
)
def test_the_digits_of_utc_with_the_servers_offset(text: str, zone: ZoneInfo) -> None:
    assert saved_at(text, Printing.UTC_DIGITS, zone) == SAVED
    assert saved_at(text, Printing.AS_MEANT, zone) != SAVED
    assert other_printings(text, zone) == [Printing.UTC_DIGITS]


@pytest.mark.parametrize("text", ["2026-01-15T16:45:00Z", "2026-01-15T16:45:00+0000"])
@pytest.mark.parametrize("zone", [UTC_ZONE, NEW_YORK])
def test_what_is_printed_in_utc_is_as_meant(text: str, zone: ZoneInfo) -> None:
    for printing in (Printing.AS_MEANT, Printing.UTC_DIGITS):
        assert saved_at(text, printing, zone) == SAVED
    assert other_printings(text, zone) == []
    assert not is_other_zone(zone, text)


def test_the_servers_digits_with_the_offset_of_utc_need_the_word_of_events() -> None:
    text = "2026-01-15T22:15:00+00:00"
    assert saved_at(text, Printing.LOCAL_DIGITS, KOLKATA) == SAVED
    assert other_printings(text, KOLKATA) == []
    told = timedelta(hours=-5, minutes=-30)
    assert other_printings(text, KOLKATA, told) == [Printing.LOCAL_DIGITS]
    assert other_printings(text, NEW_YORK, told) == []


def test_the_digits_of_utc_are_known_by_events_whatever_zone_is_set() -> None:
    text = "2026-01-15T16:45:00+05:30"
    assert other_printings(text, UTC_ZONE) == []
    assert other_printings(text, UTC_ZONE, timedelta(hours=5, minutes=30)) == [Printing.UTC_DIGITS]


def test_an_offset_shows_a_zone_that_was_set_wrongly() -> None:
    text = "2026-01-15T16:45:00+05:30"
    assert is_other_zone(ZoneInfo("Pacific/Noumea"), text)  # where it would be as UTC+11:00
    assert not is_other_zone(KOLKATA, text)
    assert not is_other_zone(UTC_ZONE, text)  # a filter may read UTC wherever its server is


def test_a_zone_is_known_by_its_offset_on_both_sides_of_a_change() -> None:
    # An hour, or half of one, lies between what is printed and what was meant.
    assert is_offset_of(NEW_YORK, "2026-03-08T06:59:00-04:00")
    assert is_offset_of(NEW_YORK, "2026-03-08T03:30:00-04:00")
    assert is_offset_of(LORD_HOWE, "2026-10-03T15:40:00+10:30")
    assert is_offset_of(LORD_HOWE, "2026-10-03T15:40:00+11:00")
    assert not is_offset_of(NEW_YORK, "2026-03-08T06:59:00-06:00")


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "yesterday", "2026-01-15T16:45:00", 12),
        *("0001-01-01T00:00:00-05:00", "9999-12-31T23:59:59-05:00", "-0001-11-30T00:00:00-05:00"),
    ],
)
def test_what_is_no_time_with_an_offset_says_nothing(text: str | int | None) -> None:
    assert saved_at(text, Printing.UTC_DIGITS, NEW_YORK) is None
    assert other_printings(text, NEW_YORK) == []
    assert not is_other_zone(NEW_YORK, text)


def test_events_tell_of_a_shift_by_whole_quarters_of_an_hour() -> None:
    def of(*minutes: float) -> timedelta | None:
        return find_shift([timedelta(minutes=each) for each in minutes])

    assert of(-300, -299.9, 4, -299.8) == timedelta(hours=-5)
    assert of(330.1, 330.2, 330) == timedelta(hours=5, minutes=30)
    assert of(0, 0.1, 7) is None
    assert of(0.2, 8, 9) is None  # a queue that stood still
    assert of(-300, -300) is None  # too few to tell
