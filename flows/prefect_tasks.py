"""Options, masking and publishing that the flows share with Prefect.

A task is tried again only where another try may help; what Prefect keeps of a run (its
state's message, its artifacts, its logs) shows no secret.
"""

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, ParamSpec, TypedDict, TypeVar

from prefect import Task, get_run_logger, runtime, task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, TaskRun

from settings import Settings, install_masking, load_settings, mask, masked_errors

P = ParamSpec("P")
R = TypeVar("R")


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


def read_run_settings() -> Settings:
    """Read the settings in a flow run's process, and mask their secrets from then on."""
    settings = load_settings()
    install_masking(settings)
    return settings


def masked(call: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Wrap the body of a flow or task: what it raises or answers shows no secret.

    Prefect writes an exception's text into the run's state, and that into its history.
    """

    @functools.wraps(call)
    async def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with masked_errors():
            answer = await call(*args, **kwargs)
        if isinstance(answer, State) and answer.message is not None:
            answer.message = mask(answer.message)
        return answer

    return run


class StepJob(Generic[R]):
    """One step of a flow; opaque, so that Prefect does not walk through what it closes over."""

    def __init__(self, step: Callable[[], Awaitable[R]]) -> None:
        self.step = step


@task(task_run_name="{name}", **RETRIED)
@masked
async def run_step(job: StepJob[Any], name: str) -> Any:  # noqa: ARG001 - names the run
    """One step of a flow; a retry goes on where the try before it stopped."""
    return await job.step()


async def run_step_as_task(name: str, step: Callable[[], Awaitable[R]]) -> R:
    """Run a step as a retried task named after it."""
    answer: R = await run_step.with_options(name=name)(StepJob(step), name)
    return answer


async def ask_for_run(deployment: str, *, tag: str, key: str) -> None:
    """Ask for a run of a deployment, by its full name; the same key asks for the same run.

    Raises:
        Exception: Prefect's client raises many kinds when the server fails or lacks the deployment.
    """
    async with get_client() as client:
        found = await client.read_deployment_by_name(deployment)
        await client.create_flow_run_from_deployment(found.id, tags=[tag], idempotency_key=key)


async def publish(key: str, markdown: str, summary: str) -> None:
    """Attach the report to the run as an artifact, and name the run after its summary.

    A server that is away now must not fail a run whose work is done: the report is logged then.
    """
    markdown, summary = mask(markdown), mask(summary)
    try:
        await acreate_markdown_artifact(key=key, markdown=markdown, description=summary)
        flow_run_id = runtime.flow_run.id
        if flow_run_id is not None:
            async with get_client() as client:
                await client.update_flow_run(flow_run_id, name=summary)
    except Exception as error:  # noqa: BLE001 - Prefect's client raises many kinds; see above
        get_run_logger().warning("the report could not be published (%s): %s", error, summary)
