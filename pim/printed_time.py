"""Printed times: how the source shows when a product was saved, which may be wrong.

PIMs whose server is not in UTC were seen to print the digits of UTC with their server's offset, as
if the two clocks were one: saved at 16:45 UTC, shown as `16:45:00-05:00`. Their `updated` filter,
which takes a local time, is right. An hour that summer time leaves out is printed as the one after
it, so that a later save can look earlier.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pim.json_types import JsonValue
from pim.texts import parse_instant

STEP = timedelta(minutes=15)
"""Every zone's offset is a multiple of it."""

MOST_APART = timedelta(hours=15)
"""No zone is as far from UTC."""

_DOUBT = timedelta(minutes=2)
_ENOUGH = 3

ANY_ZONE = timedelta(hours=28)
"""More than two time zones are apart (UTC-12 and UTC+14), summer time included."""


class Printing(StrEnum):
    """What the digits and the offset of a printed time mean."""

    AS_MEANT = "as meant"
    UTC_DIGITS = "digits of UTC, the server's offset"
    LOCAL_DIGITS = "the server's digits, the offset of UTC"


def saved_at(text: JsonValue, printing: Printing, zone: ZoneInfo) -> datetime | None:
    """When that was, as aware UTC; None if the text is no time with an offset.

    `zone` is the server's. An offset that the printing cannot have brought about is as meant.
    """
    shown = parse_instant(text)
    if shown is None or not isinstance(text, str):
        return None
    printed = datetime.fromisoformat(text)
    is_utc = not printed.utcoffset()
    match printing:
        case Printing.UTC_DIGITS if not is_utc:
            return printed.replace(tzinfo=UTC)
        case Printing.LOCAL_DIGITS if is_utc:
            return printed.replace(tzinfo=zone).astimezone(UTC)
        case _:
            return shown


def printed_offset(text: JsonValue) -> timedelta | None:
    """How far east of UTC the offset of a printed time is; None if it is none."""
    if parse_instant(text) is None or not isinstance(text, str):
        return None
    return datetime.fromisoformat(text).utcoffset()


def is_offset_of(zone: ZoneInfo, text: JsonValue) -> bool:
    """Whether a printed time bears the offset of the zone, by any of its readings."""
    readings = {saved_at(text, printing, zone) for printing in Printing}
    return printed_offset(text) in {_offset_at(each, zone) for each in readings}


def is_other_zone(zone: ZoneInfo, text: JsonValue) -> bool:
    """Whether a printed time shows that the server's zone is another, and not UTC.

    A filter reads its server's zone or UTC: a zone that is neither is wrong, though the filter
    returns what was asked for by a misprinted time.
    """
    if not printed_offset(text) or is_offset_of(zone, text):
        return False
    return bool(_offset_at(parse_instant(text), zone))


def other_printings(
    text: JsonValue, zone: ZoneInfo, told: timedelta | None = None
) -> list[Printing]:
    """What a printed time may be other than as meant, if `zone` is the server's.

    `told`: how much later than printed events say that products were saved. Without their word,
    the server's digits with the offset of UTC are taken as meant: they look like those of a server
    in UTC, and a zone that was set wrongly.
    """
    shown = parse_instant(text)
    found: list[Printing] = []
    for printing in (Printing.UTC_DIGITS, Printing.LOCAL_DIGITS):
        then = saved_at(text, printing, zone)
        if shown is None or then is None or then == shown:
            continue
        is_told = told is not None and abs(then - shown - told) <= _DOUBT
        is_likely = printing is Printing.UTC_DIGITS and is_offset_of(zone, text)
        found += [printing] * (is_told or is_likely)
    return found


def find_shift(differences: Sequence[timedelta]) -> timedelta | None:
    """How much later than printed the products were saved, by what events say: pure.

    Each difference is from what an event's product says to the event's own time. None where that
    is no offset of a zone: saves take no quarter of an hour to be told of, again and again.
    """
    if len(differences) < _ENOUGH:
        return None
    middle = sorted(differences)[len(differences) // 2]
    shift = round(middle / STEP) * STEP
    return shift if shift and abs(middle - shift) <= _DOUBT else None


def _offset_at(instant: datetime | None, zone: ZoneInfo) -> timedelta | None:
    return None if instant is None else instant.astimezone(zone).utcoffset()


def order_doubt(clock_doubt: timedelta, printing: Printing) -> timedelta:
    """By how much an event must be older than what is stored to be outdated without a read: pure.

    Where two clocks are printed as one, a later save can look hours earlier.
    """
    return clock_doubt if printing is Printing.AS_MEANT else clock_doubt + ANY_ZONE
