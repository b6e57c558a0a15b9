"""Ordering decisions, row by row of the table they come from."""

from datetime import UTC, datetime, timedelta

import pytest

from pim.decision import (
    BeforeRead,
    NotWritten,
    StoredMark,
    decide_before_read,
    decide_not_written,
    is_rewound,
)
from pim.ids import OrderNumber
from pim.reads import ReadInterval

T = datetime(2026, 11, 23, 12, tzinfo=UTC)
DOUBT = timedelta(seconds=60)


def _mark(*, updated: datetime | None = T, deleted: bool = False, hashed: str = "h") -> StoredMark:
    return StoredMark(
        OrderNumber(10), OrderNumber(20), updated, None if deleted else hashed, deleted
    )


def _interval(read_from: int, read_to: int) -> ReadInterval:
    return ReadInterval(OrderNumber(read_from), OrderNumber(read_to), T)


def _before(number: int, stored: StoredMark | None, updated: datetime | None = None) -> BeforeRead:
    return decide_before_read(
        number=OrderNumber(number), resource_updated=updated, stored=stored, clock_doubt=DOUBT
    )


def test_a_product_never_seen_is_read() -> None:
    assert _before(5, None, T - timedelta(days=9)) is BeforeRead.READ


@pytest.mark.parametrize("deleted", [False, True])
@pytest.mark.parametrize("updated", [None, T, T - timedelta(days=1)])
def test_an_event_told_before_the_stored_read_began_is_covered(
    deleted: bool,  # noqa: FBT001 - parametrized
    updated: datetime | None,
) -> None:
    assert _before(9, _mark(deleted=deleted), updated) is BeforeRead.COVERED


@pytest.mark.parametrize("number", [10, 15, 21])
def test_an_event_told_after_the_stored_read_began_is_read(number: int) -> None:
    assert _before(number, _mark()) is BeforeRead.READ
    assert _before(number, _mark(), T) is BeforeRead.READ


def test_an_event_older_than_the_stored_product_by_more_than_the_doubt_is_outdated() -> None:
    assert _before(21, _mark(), T - timedelta(seconds=61)) is BeforeRead.OUTDATED


@pytest.mark.parametrize("seconds", [60, 1, 0, -1, -3600])
def test_within_the_doubt_an_event_is_read(seconds: int) -> None:
    assert _before(21, _mark(), T - timedelta(seconds=seconds)) is BeforeRead.READ


def test_a_tombstone_makes_no_event_outdated() -> None:
    assert _before(21, _mark(deleted=True), T - timedelta(days=9)) is BeforeRead.READ


def test_without_a_date_on_either_side_an_event_is_read() -> None:
    assert _before(21, _mark(updated=None), T - timedelta(days=9)) is BeforeRead.READ
    assert _before(21, _mark(), None) is BeforeRead.READ


def test_a_read_answered_before_the_stored_one_was_asked_is_outdated() -> None:
    assert decide_not_written(_interval(1, 9), "other", _mark()) is NotWritten.OUTDATED
    assert decide_not_written(_interval(1, 9), "h", _mark()) is NotWritten.OUTDATED


@pytest.mark.parametrize(("read_from", "read_to"), [(1, 15), (12, 15), (15, 30), (1, 30)])
def test_overlapping_reads_that_agree_are_unchanged(read_from: int, read_to: int) -> None:
    assert decide_not_written(_interval(read_from, read_to), "h", _mark()) is NotWritten.UNCHANGED


@pytest.mark.parametrize(("read_from", "read_to"), [(1, 15), (12, 15), (15, 30), (1, 30)])
def test_overlapping_reads_that_disagree_are_contended(read_from: int, read_to: int) -> None:
    interval = _interval(read_from, read_to)
    assert decide_not_written(interval, "other", _mark()) is NotWritten.CONTENDED
    assert decide_not_written(interval, None, _mark()) is NotWritten.CONTENDED
    assert decide_not_written(interval, "h", _mark(deleted=True)) is NotWritten.CONTENDED


def test_two_absences_are_the_same_content() -> None:
    verdict = decide_not_written(_interval(12, 15), None, _mark(deleted=True))
    assert verdict is NotWritten.UNCHANGED


def test_only_an_older_date_than_the_live_rows_is_a_rewind() -> None:
    second = timedelta(seconds=1)
    assert is_rewound(T - second, _mark())
    assert not is_rewound(T, _mark())
    assert not is_rewound(T + second, _mark())
    assert not is_rewound(None, _mark())
    assert not is_rewound(T - second, None)
    assert not is_rewound(T - second, _mark(deleted=True))
    assert not is_rewound(T - second, _mark(updated=None))
