"""When a task is tried again: only what another try may help."""

from collections.abc import Callable
from typing import Any, TypedDict

from prefect import Task
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun


class TaskOptions(TypedDict):
    """The options that all tasks of ours share."""

    retries: int
    retry_delay_seconds: list[float]
    retry_jitter_factor: float
    retry_condition_fn: Callable[[Task[Any, Any], TaskRun, State[Any]], bool]
    cache_policy: CachePolicy
    persist_result: bool


def is_retryable(_task: Task[Any, Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what our error trees call retryable; everything else fails at once.

    So does what the source asks to be spared: the client has waited where that was short, and the
    breaker waits where it is long.
    """
    asks_to_wait = bool(getattr(state.data, "retry_after", None))
    return bool(getattr(state.data, "retryable", False)) and not asks_to_wait


RETRIED = TaskOptions(
    retries=3,
    retry_delay_seconds=[1.0, 4.0, 10.0],
    retry_jitter_factor=0.5,  # so that workers do not return together
    retry_condition_fn=is_retryable,
    cache_policy=NO_CACHE,
    persist_result=False,
)
