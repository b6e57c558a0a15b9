"""Asking Prefect for a full reconcile beside its schedule."""

from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun, StateType

from deployments.catalogue import RECONCILE_FULL

_SOON = timedelta(minutes=1)


async def request_reconcile(client: PrefectClient, *, tag: str) -> bool:
    """Ask for a full reconcile unless one is at work or about to be; say whether it was asked.

    `tag` says why, in Prefect's UI.
    """
    deployment = await client.read_deployment_by_name(RECONCILE_FULL.full_name)
    runs = await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
    )
    now = datetime.now(UTC)
    if any(_is_coming(run, now) for run in runs):
        return False
    await client.create_flow_run_from_deployment(deployment.id, tags=[tag])
    return True


def _is_coming(run: FlowRun, now: datetime) -> bool:
    if run.state_type is StateType.SCHEDULED:
        return run.expected_start_time is not None and run.expected_start_time < now + _SOON
    return run.state_type in (StateType.RUNNING, StateType.PENDING)
