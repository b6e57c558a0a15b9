"""What Prefect is told about a run in a warm worker: nothing that could be configured."""

from typing import Any
from uuid import UUID

from prefect.client.schemas.objects import Flow as FlowRecord
from prefect.client.schemas.objects import FlowRun, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.workers.base import BaseJobConfiguration, BaseWorkerResult
from pydantic import PrivateAttr


class WarmJobConfiguration(BaseJobConfiguration):
    """What a run needs to know of its deployment: where its flow is. Nothing is configurable."""

    _entrypoint: str | None = PrivateAttr(default=None)

    @property
    def entrypoint(self) -> str | None:
        """Return the module path of the flow, None for a run without a deployment."""
        return self._entrypoint

    def prepare_for_flow_run(  # noqa: PLR0917 - Prefect's signature
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        flow: FlowRecord | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
        worker_id: UUID | None = None,
    ) -> None:
        """Remember the deployment's entrypoint (called by `BaseWorker`)."""
        super().prepare_for_flow_run(flow_run, deployment, flow, work_pool, worker_name, worker_id)
        self._entrypoint = deployment.entrypoint if deployment else None


class WarmResult(BaseWorkerResult):
    """How the run's execution went; the run's own state says how the run went."""


def empty_job_template() -> dict[str, Any]:
    """Return the emptiest template Prefect takes: a run has no process to configure."""
    labels = {
        "title": "Labels",
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Not used: runs have no process or container of their own.",
    }
    return {
        "job_configuration": {"labels": "{{ labels }}"},
        "variables": {"type": "object", "properties": {"labels": labels}},
    }
