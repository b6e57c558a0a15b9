"""When a task is tried again: only what another try may help."""

from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

RETRIES = 3
RETRY_DELAYS = [1.0, 4.0, 10.0]  # seconds; with jitter, so that workers do not return together
RETRY_JITTER = 0.5


def is_retryable(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what our error trees call retryable; everything else fails at once."""
    return bool(getattr(state.data, "retryable", False))
