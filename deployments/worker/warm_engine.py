"""Prefect's side of a warm run: its job form, and its engine, stopped by the worker.

Nothing of the job can be configured: it has no process or container of its own.

In a process of its own a run is cancelled by a signal, and the runner that sent it sets the final
state. Here the run's asyncio task is cancelled instead, which the engine alone would take for a
crash. This subclass asks why it was cancelled, and reports that.

`AsyncFlowRunEngine` is what `prefect.flow_engine.run_flow` builds for an async flow. Neither is a
documented interface, so Prefect is pinned to one version, and tests cover cancel, suspend, retry
and crash.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

import anyio
from prefect._flow_run_suspension import (
    FlowRunSuspensionRequest,
    is_suspended_flow_run_state,
    mark_flow_run_suspension_requested,
    register_flow_run_suspension_request,
)
from prefect.client.schemas.objects import Flow as FlowRecord
from prefect.client.schemas.objects import FlowRun, State, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.flow_engine import AsyncFlowRunEngine, _flow_parameters
from prefect.flows import Flow
from prefect.states import AwaitingRetry, Cancelled
from prefect.workers.base import BaseJobConfiguration, BaseWorkerResult
from pydantic import PrivateAttr

AnyFlow = Flow[..., Any]


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


class StopReason(StrEnum):
    """Why a run is told to stop."""

    CANCELLED = "cancelled"  # by an operator, through Prefect
    ENDED = "ended"  # with its worker; what is left over is another run's
    RESUMED = "resumed"  # with its worker; the same run goes on when a worker is back


def stopped_state(reason: StopReason) -> State[Any]:
    """Return the state that a run stopped for `reason` ends in."""
    match reason:
        case StopReason.CANCELLED:
            return Cancelled(message="Cancelled; what it left undone is due again.")
        case StopReason.ENDED:
            return Cancelled(message="Its worker was stopped; what it left undone is due again.")
        case StopReason.RESUMED:
            return AwaitingRetry(
                scheduled_time=datetime.now(UTC),
                message="Its worker was stopped; the run goes on when a worker is back.",
            )
        case _:
            assert_never(reason)


@dataclass
class WarmFlowRunEngine(AsyncFlowRunEngine[..., Any]):
    """Runs a flow run; when its task is cancelled, `stop_reason` decides the state it ends in."""

    stop_reason: Callable[[], StopReason | None] = lambda: None

    @contextmanager
    def setup_flow_run_suspension_request(self) -> Iterator[FlowRunSuspensionRequest]:
        """Take note of a suspension when the worker tells of it (`mark_suspended`).

        Prefect would start a thread with a websocket for each run, wait for it to connect, and
        wait again for its end; the worker looks at the states of its runs anyway.
        """
        if self.flow_run is None:
            raise ValueError("the engine was made without a flow run")
        request = self._get_flow_run_suspension_request()
        with register_flow_run_suspension_request(self.flow_run.id, request):
            yield request

    async def handle_crash(self, exc: BaseException) -> None:
        """Report the stop that the worker asked for; anything else is a crash."""
        reason = self.stop_reason()
        if reason is None or not isinstance(exc, asyncio.CancelledError):
            await super().handle_crash(exc)
            return
        with anyio.CancelScope(shield=True):  # the report must reach the server
            state = await self.set_state(stopped_state(reason), force=True)
            self._raised = exc  # type: ignore[assignment]  # as the engine itself does
            self._telemetry.end_span_on_failure(state.message)


def mark_suspended(flow_run: FlowRun) -> None:
    """Let a run that Prefect shows as suspended end at its next task."""
    if flow_run.state is not None and is_suspended_flow_run_state(flow_run.state):
        mark_flow_run_suspension_requested(flow_run.id, flow_run.state)


async def run_warm(
    flow: AnyFlow, flow_run: FlowRun, *, stop_reason: Callable[[], StopReason | None]
) -> None:
    """Run `flow` as `flow_run` to its final state, in this event loop.

    A failed flow is a state and no exception. Raises `CancelledError` when it was cancelled, and
    what the engine raises when it could not run the flow (`Abort`, an unreachable server).
    """
    engine = WarmFlowRunEngine(
        flow=flow,
        flow_run=flow_run,
        parameters=_flow_parameters(flow, flow_run, None),
        stop_reason=stop_reason,
    )
    async with engine.start():
        while engine.is_running():
            async with engine.run_context():
                await engine.call_flow_fn()  # type: ignore[unused-coroutine]  # annotated as a coroutine of one
