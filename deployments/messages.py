"""Messages between `deploy`, worker and `up`, and to the person at the terminal.

They stand apart from who sends them: with them, the rooms need not import each other.
"""

import sys
from dataclasses import dataclass

from settings import mask, visible

WORKER_READY = "runs what Prefect schedules"
"""What a worker says when it has found its work pool; `up` listens for it."""
SILENT = "No heartbeat"
"""The state that the heartbeat automation gives a run; the next worker may know more of it."""


def say(line: str) -> None:
    """Write `line` to stderr at once: stdout is for results, and may be a pipe."""
    sys.stderr.write(visible(mask(line)) + "\n")
    sys.stderr.flush()


class DeployError(Exception):
    """One line for the operator: what could not be done, and the cure."""


@dataclass(frozen=True, slots=True)
class DeployReport:
    """What `deploy` did, in names."""

    work_pool: str
    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    automation_changed: bool


class WorkerError(Exception):
    """One line for the operator: why the worker cannot start, and the cure."""
