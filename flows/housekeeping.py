"""The flow `housekeeping`: what nobody needs any more is removed, so that no disk fills."""

from prefect import flow, get_run_logger, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.prefect_tasks import masked, publish, read_run_settings, run_step_as_task
from flows.retention import describe_rules, describe_tidying, run_housekeeping
from flows.retention.prefect_runs import tidy_runs
from pim.ids import RunId

ARTIFACT_KEY = "housekeeping"


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
