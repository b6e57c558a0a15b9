"""The flow `watch-subscriptions`: how the Event Platform's subscriptions are, and a catch-up."""

from prefect import flow, get_run_logger
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows.prefect_tasks import ask_for_run, masked, read_run_settings
from flows.subscriptions import watch_subscriptions

SWEEPS = {"full": "reconcile/full", "delta": "reconcile/delta"}
"""The deployments by mode; a test compares them with the catalogue."""

CATCH_UP_TAG = "cause:subscription-gap"


async def ask_for_reconcile(*, mode: str, key: str) -> None:
    """Ask for a run of the deployment of that mode; the same key asks for the same run.

    Raises:
        Exception: Prefect's client raises many kinds when the server fails or lacks the deployment.
    """
    await ask_for_run(SWEEPS[mode], tag=CATCH_UP_TAG, key=key)


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
