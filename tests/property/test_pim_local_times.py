"""Filters by local time leave nothing out, whichever instant the PIM takes the time for."""

from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from pim.json_types import JsonObject
from pim.search import updated_at, updated_since

ZONES = st.sampled_from(
    [
        *("UTC", "Europe/Berlin", "America/New_York", "America/Bogota", "Asia/Kathmandu"),
        *("Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "Africa/Casablanca"),
    ]
).map(ZoneInfo)
INSTANTS = st.datetimes(datetime(2007, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
SECOND = timedelta(seconds=1)
FOLD = datetime(2026, 10, 25, 0, 30, 0, 500_000, tzinfo=UTC)


def readings(search: JsonObject, operator: str, zone: ZoneInfo) -> list[datetime]:
    """What the PIM can take the filter's time for."""
    criteria = cast("list[dict[str, str]]", search["updated"])
    (text,) = [each["value"] for each in criteria if each["operator"] == operator]
    local = datetime.fromisoformat(text)
    return [local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]


@given(INSTANTS, ZONES)
@example(FOLD, ZoneInfo("Europe/Berlin"))
@example(FOLD + timedelta(hours=1), ZoneInfo("Europe/Berlin"))
def test_nothing_stamped_since_then_is_left_out_and_little_more_is_read(
    since: datetime, zone: ZoneInfo
) -> None:
    found_after = readings(updated_since(since, zone), ">", zone)
    stamp = since.replace(microsecond=0)  # of an edit at that very moment
    assert all(reading < stamp for reading in found_after)
    assert min(found_after) >= stamp - SECOND - timedelta(hours=4)


@given(INSTANTS, ZONES)
@example(FOLD, ZoneInfo("Europe/Berlin"))
@example(FOLD + timedelta(hours=1), ZoneInfo("Europe/Berlin"))
def test_the_second_of_an_instant_is_let_through(instant: datetime, zone: ZoneInfo) -> None:
    search = updated_at(instant, zone)
    stamp = instant.replace(microsecond=0)
    assert all(reading < stamp for reading in readings(search, ">", zone))
    assert all(reading > stamp for reading in readings(search, "<", zone))
