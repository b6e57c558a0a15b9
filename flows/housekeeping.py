"""The flow `housekeeping`: what nobody needs any more is removed, so that no disk fills."""

from collections.abc import Mapping

from prefect import flow, get_run_logger, runtime, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.prefect_tasks import RETRIED, masked, publish, read_run_settings
from flows.retention import Step, Tidied, describe_rules, describe_tidying, run_housekeeping
from flows.retention.prefect_runs import tidy_runs
from pim.ids import RunId

ARTIFACT_KEY = "housekeeping"


class StepJob:
    """One step; opaque, so that Prefect does not walk through what it closes over."""

    def __init__(self, step: Step) -> None:
        self.step = step


@task(task_run_name="{name}", **RETRIED)
@masked
async def tidy(job: StepJob, name: str) -> Mapping[str, Tidied]:  # noqa: ARG001 - names the run
    """One part of the housekeeping; a retry goes on where the try before it stopped."""
    return await job.step()


async def run_step_as_task(name: str, step: Step) -> Mapping[str, Tidied]:
    """Run a step as a retried task named after it."""
    return await tidy.with_options(name=name)(StepJob(step), name)


@flow(
    name="housekeeping",
    flow_run_name="housekeeping",
    description=(
        "Compresses the raw bodies of settled deliveries and drops them after a while, removes old "
        "settled events, changes and finished runs, and looks whether the disks have room left."
    ),
    persist_result=False,
)
@masked
async def housekeeping() -> State[None]:
    """Remove what is past its retention; what is due, dead or held stays, and so do products.

    Raises:
        StoreError: the store is missing, behind, or takes no writes.
    """
    settings = read_run_settings()
    report = await run_housekeeping(
        settings,
        run_id=RunId(runtime.flow_run.id or ""),
        cause="deployment" if runtime.deployment.id else "command",
        runner=run_step_as_task,
        tidy_history=tidy_runs,
    )
    if report.skipped is not None:
        return Completed(name="Skipped", message=report.summary())
    markdown = describe_tidying(report, describe_rules(settings.keep))
    await publish(ARTIFACT_KEY, markdown, f"housekeeping: {report.summary()}")
    fields = {
        "rows": {name: each.rows for name, each in report.done.items()},
        "seconds": round(report.seconds, 3),
    }
    get_run_logger().info("%s", report.summary(), extra=fields)
    if report.problems:
        return Failed(message=report.summary())
    return Completed(message=report.summary())
