"""The flow `reconcile`: compare store and PIM, repair the store, and report the drift."""

import asyncio
from typing import Annotated

import anyio
from prefect import flow, get_run_logger, runtime
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from flows.prefect_tasks import masked, publish, read_run_settings, run_step_as_task
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


async def run_sweep(name: str, step: Step) -> None:
    """Run one pass over one kind of thing as a task, in whose log stands what it found."""

    async def sweep() -> None:
        get_run_logger().info("%s", await step())

    await run_step_as_task(name, sweep)


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
            runner=run_sweep,
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
