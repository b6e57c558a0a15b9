"""The flow `notify-shops`: what changed is sent to shops that cannot poll."""

from prefect import flow, get_run_logger, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.notifying import describe_notifying, notify_shops
from flows.prefect_tasks import masked, publish, read_run_settings
from pim.ids import RunId

ARTIFACT_KEY = "notify-shops"


@flow(
    name="notify-shops",
    flow_run_name="notify-shops",
    description=(
        "Sends each shop's webhook what changed after its position, signed, and moves the position "
        "when the shop has confirmed it. A shop that fails is tried again, later and later, and "
        "costs no other anything."
    ),
    persist_result=False,
)
@masked
async def notify() -> State[None]:
    """Send until nothing is left, or for 45 seconds; a shop that fails is no failure of the run.

    Raises:
        StoreError: the store is missing, behind, or takes no writes.
    """
    report = await notify_shops(read_run_settings(), run_id=RunId(runtime.flow_run.id or ""))
    summary = report.summary()
    if report.skipped is not None:
        return Completed(name="Skipped", message=summary)
    await publish(ARTIFACT_KEY, describe_notifying(report), f"notify-shops: {summary}")
    for problem in report.problems:
        get_run_logger().warning("%s", problem)
    get_run_logger().info("%s", summary)
    return Completed(name="NotConfirmed" if report.problems else None, message=summary)
