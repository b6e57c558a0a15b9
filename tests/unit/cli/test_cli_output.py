"""Instants, spans and counts in words; foreign data cannot steer the terminal."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.output import printable, say_ago, say_count, say_instant, say_span

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (3601, "1 h"),
        (7500, "2 h 5 min"),
        (86_400 * 3 + 3600 * 4 + 59, "3 d 4 h"),
    ],
)
def test_a_span_is_said_in_at_most_two_units(seconds: float, said: str) -> None:
    assert say_span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (NOW - timedelta(hours=2), "10:00"),
        (NOW - timedelta(days=1), "22 Nov 12:00"),
        (NOW - timedelta(days=400), "2025-10-19 12:00"),
    ],
)
def test_an_instant_is_as_short_as_its_distance_allows(instant: datetime, said: str) -> None:
    assert say_instant(instant, now=NOW, zone=UTC) == said


def test_the_past_is_ago_and_the_future_is_in() -> None:
    assert say_ago(NOW - timedelta(minutes=3), now=NOW) == "3 min ago"
    assert say_ago(NOW + timedelta(seconds=20), now=NOW) == "in 20 s"


def test_counts_agree_with_their_noun() -> None:
    assert say_count(1, "delivery", "deliveries") == "1 delivery"
    assert say_count(0, "event") == "0 events"
    assert say_count(12345, "event") == "12,345 events"


def test_control_characters_of_foreign_data_are_shown_and_not_obeyed() -> None:
    assert printable("a\x1b[2Jb\tc\x00") == "a\\x1b[2Jb\\tc\\x00"
    assert printable("Größe\nCafé 日本") == "Größe\\nCafé 日本"
