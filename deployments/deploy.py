"""`akeneo-sync deploy`: make Prefect know our work pool, deployments and automation."""

import asyncio
from dataclasses import dataclass

from deployments.catalogue import DEPLOYMENTS
from deployments.prefect_env import apply_prefect_environment
from settings import Settings


class DeployError(Exception):
    """One line for the operator: what could not be done, and the cure."""


@dataclass(frozen=True, slots=True)
class DeployReport:
    """What `deploy` did, in names."""

    work_pool: str
    created: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    automation_changed: bool


def deploy(settings: Settings) -> DeployReport:
    """Create or update the work pool, the deployments and the heartbeat automation.

    Idempotent. Needs a reachable Prefect server. Imports prefect.

    Raises:
        DeployError: the server cannot be reached, or refuses.
    """
    apply_prefect_environment(settings)
    from deployments.publishing import publish  # noqa: PLC0415 - prefect reads its environment now

    return asyncio.run(publish(settings, DEPLOYMENTS))
