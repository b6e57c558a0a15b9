"""The flow `watch-subscriptions`: how the Event Platform's subscriptions are, and a catch-up."""

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.prefect_tasks import masked, read_run_settings
from flows.subscriptions import watch_subscriptions
from flows.subscriptions.prefect_runs import ask_for_reconcile


@flow(
    name="watch-subscriptions",
    flow_run_name="watch-subscriptions",
    description=(
        "Looks how the Event Platform's subscriptions to this receiver are, and asks for the "
        "sweeps that find what was not delivered while one was stopped."
    ),
    persist_result=False,
)
@masked
async def watch() -> State[None]:
    """Look once; a platform that cannot be asked is noted, and no failure of the run.

    Raises:
        StoreError: the store is missing, behind, or takes no writes.
    """
    report = await watch_subscriptions(read_run_settings(), ask=ask_for_reconcile)
    summary = report.summary()
    if report.skipped is not None:
        return Completed(name="Skipped", message=summary)
    if report.unseen is not None:
        get_run_logger().warning("%s", summary)
        return Completed(name="NotSeen", message=summary)
    get_run_logger().info("%s", summary)
    return Completed(message=summary)
