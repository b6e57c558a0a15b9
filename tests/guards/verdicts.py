"""A pytest plugin that writes down how each test ended: which ones failed by an assertion.

The file is named by the option `--verdicts`; one line of JSON a test.
"""

import json
from collections.abc import Generator
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Ask where to write."""
    parser.addoption("--verdicts", type=Path)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Write a test's line as soon as its body has run."""
    report = yield
    if call.when == "call":
        error = call.excinfo.value if call.excinfo else None
        verdict = {
            "test": item.nodeid,
            "red": report.failed,
            "asserted": error is not None and is_assertion(error),
            "why": "" if error is None else f"{type(error).__name__}: {error}"[:300],
        }
        with item.config.getoption("--verdicts").open("a") as file:
            file.write(json.dumps(verdict) + "\n")
    return report


def is_assertion(error: BaseException) -> bool:
    """Whether a test said no (an `assert`, or a `raises` that did not), rather than broke down."""
    if isinstance(error, BaseExceptionGroup):
        return any(is_assertion(each) for each in error.exceptions)
    return isinstance(error, AssertionError | pytest.fail.Exception)
