"""Command `akeneo-sync deploy`: work pool, deployments and automation made known to Prefect."""

import asyncio

from deployments.catalogue import DEPLOYMENTS
from deployments.messages import DeployReport
from deployments.prefect_env import apply_prefect_environment
from settings import Settings


def deploy(settings: Settings) -> DeployReport:
    """Create or update the work pool, the deployments and the heartbeat automation.

    Idempotent. Needs a reachable Prefect server. Imports prefect.

    Raises:
        DeployError: the server cannot be reached, or refuses.
    """
    apply_prefect_environment(settings)
    from deployments.deploy.publishing import publish  # noqa: PLC0415 - prefect reads its environment now

    return asyncio.run(publish(settings, DEPLOYMENTS))
