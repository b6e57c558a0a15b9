"""The registry of `make guards` fits the code and the tests, without running it."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.guards.guard import ROOT, CannotCut, Guard
from tests.guards.lessons import LESSONS, Lesson
from tests.guards.registry import GUARDS


@cache
def functions(file: str) -> frozenset[str]:
    path = ROOT / file
    if not path.exists():
        return frozenset()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(it.name for it in ast.parse(path.read_text()).body if isinstance(it, kinds))


def unknown(tests: tuple[str, ...]) -> list[str]:
    split = [test.split("::") for test in tests]
    return [f"{file}::{name}" for file, name in split if name not in functions(file)]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.promise)
def test_each_protecting_code_stands_where_the_registry_says(guard: Guard) -> None:
    guard.check()
    assert guard.find != guard.replace


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.promise)
def test_what_is_left_without_a_protection_is_still_python(guard: Guard) -> None:
    # Else its tests would turn red for a syntax error, and show nothing.
    ast.parse(guard.cut((ROOT / guard.file).read_text()))


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.promise)
def test_each_test_that_must_turn_red_exists(guard: Guard) -> None:
    assert guard.red
    assert unknown(guard.red) == []


def test_no_promise_is_made_twice() -> None:
    promises = [guard.promise for guard in GUARDS]
    assert len(set(promises)) == len(promises)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.hurts)
def test_each_lesson_has_its_tests_or_says_why_not(lesson: Lesson) -> None:
    assert bool(lesson.tests) is not bool(lesson.open)
    assert unknown(lesson.tests) == []


def test_code_that_has_moved_is_said_with_its_file(tmp_path: Path) -> None:
    guard = Guard("two and two are four", "sum.py", "2 + 2", "2 + 3", ())
    with pytest.raises(CannotCut, match=r"sum\.py is gone"):
        guard.check(tmp_path)
    (tmp_path / "sum.py").write_text("2 + 2\n2 + 2\n")
    with pytest.raises(CannotCut, match=r"sum\.py holds the snippet .* 2 times"):
        guard.check(tmp_path)
