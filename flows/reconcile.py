"""The flow `reconcile`: compare store and PIM, repair the store, and report the drift."""

import asyncio
from typing import Annotated

import anyio
from prefect import flow, get_run_logger, runtime, task
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.prefect_tasks import RETRIED, masked, publish, read_run_settings
from flows.sweeps import (
    ReconcileReport,
    ReconcileRequest,
    Step,
    describe_reconcile,
    run_reconcile,
    say_end,
)
from pim.ids import RunId
from settings import visible

ARTIFACT_KEY = "reconcile"
_PUBLISH_SECONDS = 10.0


class StepJob:
    """One step of a sweep; opaque, so that Prefect does not walk through what it closes over."""

    def __init__(self, step: Step) -> None:
        self.step = step


@task(task_run_name="{name}", **RETRIED)
@masked
async def sweep(job: StepJob, name: str) -> None:  # noqa: ARG001 - names the run
    """One pass over one kind of thing; a retry goes on where the try before it stopped."""
    get_run_logger().info("%s", await job.step())


async def run_step_as_task(name: str, step: Step) -> None:
    """Run a step as a retried task named after it."""
    await sweep.with_options(name=name)(StepJob(step), name)


def name_run() -> str:
    """Name a run after what it was asked for, until its summary is known."""
    asked = runtime.flow_run.parameters
    what = (
        f"product {visible(asked['key'])}"
        if asked.get("key")
        else "full"
        if asked["full"]
        else "delta"
    )
    return f"reconcile {what}{' (dry run)' if asked.get('dry_run') else ''}"


@flow(
    name="reconcile",
    flow_run_name=name_run,
    description=(
        "Compares the store with the PIM and repairs the store, because events get lost. The "
        "report says what had drifted: missing, outdated, different, orphan, rewound."
    ),
    persist_result=False,
)
@masked
async def reconcile(
    *,
    full: Annotated[
        bool,
        Field(description="Read every product; also finds deletions and hidden values."),
    ] = True,
    key: Annotated[
        str | None,
        Field(
            description="Only this product (uuid or identifier), or this model and its variants."
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        Field(description="Report the drift and repair nothing."),
    ] = False,
) -> State[None]:
    """Bring the store up to the PIM.

    Raises:
        SourceError: the PIM failed; the sweep goes on where it stopped with the next run.
    """
    request = ReconcileRequest(full=full, key=key, dry_run=dry_run)
    report = ReconcileReport(request.mode, request.dry_run)
    is_deployed = bool(runtime.deployment.id)
    try:
        await run_reconcile(
            read_run_settings(),
            request,
            run_id=RunId(runtime.flow_run.id or ""),
            cause="deployment" if is_deployed else "command",
            spares_source=is_deployed,
            runner=run_step_as_task,
            report=report,
        )
    except BaseException as error:
        # Also what came before there was a store to tell: settings, a database that is away.
        report.ended_early = report.ended_early or say_end(error)
        raise
    finally:
        if report.stood_by is None:
            await _publish(report)
    fields = {
        "products": report.products,
        "drift": {drift.value: count for drift, count in report.by_kind().items()},
        "repaired": report.repaired,
        "calls": report.calls,
        "seconds": round(report.seconds, 3),
    }
    get_run_logger().info("%s", report.summary(), extra=fields)
    return Completed(name="StoodBy" if report.stood_by else None, message=report.summary())


async def _publish(report: ReconcileReport) -> None:
    """Show the report so far, however the run ended, before whoever stops it loses patience."""
    name = f"{report.mode}{' (dry run)' if report.dry_run else ''}: {report.summary()}"
    with anyio.move_on_after(_PUBLISH_SECONDS, shield=True):
        await asyncio.shield(publish(ARTIFACT_KEY, describe_reconcile(report), name))
