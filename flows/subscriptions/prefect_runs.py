"""Reconciles asked for through Prefect's API, so that they queue up and show like all others."""

from prefect.client.orchestration import get_client

SWEEPS = {"full": "reconcile/full", "delta": "reconcile/delta"}
"""The deployments by mode; a test compares them with the catalogue."""

TAG = "cause:subscription-gap"


async def ask_for_reconcile(*, mode: str, key: str) -> None:
    """Ask for a run of the deployment of that mode; the same key asks for the same run.

    Raises:
        Exception: Prefect's client raises many kinds when the server fails or lacks the deployment.
    """
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(SWEEPS[mode])
        await client.create_flow_run_from_deployment(deployment.id, tags=[TAG], idempotency_key=key)
