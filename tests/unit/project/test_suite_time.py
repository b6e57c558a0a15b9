"""The tests hold on any day and on any machine: what reads the real clock is listed, with why."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scripts.shifted_clock import KNOW_TIME, LEFT_OUT, list_shifts
from tests.long_scenes import LONG
from tests.real_clock import REAL_CLOCK

ROOT = Path(__file__).parents[3]
FILES = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").rglob("*.py"))]
CLOCKS = {
    *(("datetime", name) for name in ("now", "today", "utcnow")),
    *(("date", name) for name in ("today",)),
    *(("time", name) for name in ("time", "time_ns", "gmtime", "localtime")),
}
OURS = {"utc_now", "wall_clock", "_utc_now"}
"""What the product itself reads the real clock with."""


@cache
def nodes_of(file: str) -> tuple[ast.AST, ...]:
    text = (ROOT / file).read_text()
    looked_for = [f"{module}.{name}" for module, name in CLOCKS] + [*OURS, "ReceiverConfig("]
    if not any(each in text for each in looked_for):
        return ()
    return tuple(ast.walk(ast.parse(text)))


def reads_the_clock(file: str) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id in OURS)
        or (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and (node.value.id, node.attr) in CLOCKS
        )
        for node in nodes_of(file)
    )


def impatient_receivers(file: str) -> Iterator[int]:
    """Lines that build a receiver without saying how long it waits for a commit."""
    for node in nodes_of(file):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "ReceiverConfig":
            named = {each.arg for each in node.keywords}
            takes_none = any(ast.unparse(each) == "secrets=()" for each in node.keywords)
            if not (takes_none or named & {"answer_seconds", None}):
                yield node.lineno


def test_every_test_that_reads_the_real_clock_says_why() -> None:
    assert {file for file in FILES if reads_the_clock(file)} == REAL_CLOCK.keys()


def test_no_receiver_of_a_test_refuses_what_a_slow_machine_commits_late() -> None:
    found = {file: lines for file in FILES if (lines := [*impatient_receivers(file)])}
    assert not found, "tests.served_app.patient builds one that waits"


def test_what_is_played_under_a_shifted_clock_exists() -> None:
    assert not [path for path in (*KNOW_TIME, *LEFT_OUT) if not (ROOT / path).exists()]


@pytest.mark.parametrize("day", ["2026-11-29", "2027-12-31", "2028-02-29", "2096-03-01"])
def test_clocks_are_shifted_past_every_odd_day(day: str) -> None:
    now = datetime.fromisoformat(day).replace(tzinfo=UTC)
    shifts = {shift.name: shift for shift in list_shifts(now)}
    far = shifts["more than a year ahead, into 29 February"].begins
    assert far - now > timedelta(days=366)
    leap = far + timedelta(minutes=1)
    assert (leap.month, leap.day) == (2, 29)
    for name, change in (("summer time begins", 1), ("summer time ends", -1)):
        begins, zone = shifts[name].begins, ZoneInfo(shifts[name].zone)
        before, after = (each.astimezone(zone) for each in (begins, begins + timedelta(minutes=1)))
        moved = after.utcoffset() or timedelta(0)
        assert moved - (before.utcoffset() or timedelta(0)) == timedelta(hours=change)
    assert all(shift.begins > now for shift in shifts.values())


def test_the_longest_scenes_are_there_and_ci_plays_them() -> None:
    assert not [path for path in LONG if not (ROOT / "tests" / path).exists()]
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^check: .*\blong\b", makefile, flags=re.MULTILINE)


def test_ci_plays_them() -> None:
    assert "make shifted" in (ROOT / ".ci" / "run").read_text()
