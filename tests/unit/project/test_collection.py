"""The tests have the same names in every process: else none that plays them side by side agrees."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_process_collects_the_same_tests_in_the_same_order() -> None:
    """Names come from no clock, no random number and no set's order: twice, seconds apart."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    first, second = (
        subprocess.run(  # noqa: S603 - ourselves
            [*command, "tests"],
            cwd=ROOT,
            env=dict(os.environ) | {"PYTHONHASHSEED": seed},  # noqa: TID251 - a process of its own
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for seed in ("1", "2")
    )
    names = [line for line in first if "::" in line]
    assert len(names) > 1000
    other = [line for line in second if "::" in line]
    assert [pair for pair in zip(names, other, strict=True) if pair[0] != pair[1]] == []
