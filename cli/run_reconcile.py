"""A reconcile in this process: as a flow run where a Prefect server answers."""

import asyncio
import logging
from dataclasses import dataclass

import httpx

from cli.guard import CommandError
from cli.opening import opened_store
from cli.progress import Report, progress_bar
from deployments.prefect_env import apply_prefect_environment, prefect_api_url
from deployments.prefect_status import prefect_answers
from flows.run import spare_the_collector
from flows.sweeps import FLOW, ReconcileRequest, run_reconcile
from pim.json_types import JsonObject, as_text
from settings import Settings
from settings.log_lines import JsonConsole
from storage.state import list_runs, list_sweeps

_HEALTH_SECONDS = 2.0
_LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A report as it is stored with its run, and what a person should know about where it ran."""

    report: JsonObject
    remark: str | None


def reconcile_here(settings: Settings, request: ReconcileRequest) -> Reconciled:
    """Reconcile, through Prefect's API where it answers, so that the run shows up there.

    Raises:
        SyncError: the source or the store failed.
        CommandError: another run is at it, or the Prefect server went away meanwhile.
    """
    spare_the_collector()
    with progress_bar() as report:
        if prefect_answers(settings, seconds=_HEALTH_SECONDS):
            apply_prefect_environment(settings)
            return Reconciled(asyncio.run(_run_in_prefect(settings, request, report)), None)
        done = asyncio.run(_run_plainly(settings, request, report))
        address = prefect_api_url(settings)
        return Reconciled(done, f"not shown in Prefect: no server answers at {address}")


async def _run_plainly(settings: Settings, request: ReconcileRequest, report: Report) -> JsonObject:
    done = await run_reconcile(settings, request, on_progress=report)
    return _unless_stood_by(done.as_json())


async def _run_in_prefect(
    settings: Settings, request: ReconcileRequest, report: Report
) -> JsonObject:
    # Only now: Prefect reads its settings from the environment at this moment.
    from flows.reconcile import reconcile  # noqa: PLC0415 -- see above

    _mute_console()
    watch = asyncio.create_task(_watch_sweeps(settings, report))
    try:
        state = await reconcile(
            full=request.full, key=request.key, dry_run=request.dry_run, return_state=True
        )
        await state.aresult()  # raises what the flow raised
    except httpx.HTTPError as error:
        raise CommandError(
            f"the Prefect server went away ({type(error).__name__}); what was repaired stays, "
            "and the next run goes on"
        ) from error
    finally:
        watch.cancel()
    run_id = str(state.state_details.flow_run_id)
    return _unless_stood_by(await asyncio.to_thread(_read_stored, settings, run_id))


def _unless_stood_by(report: JsonObject) -> JsonObject:
    """Return the report of a run that did something; a person asked for it, so nothing is no end.

    Raises:
        CommandError: another run is at it.
    """
    stood_by = as_text(report.get("stood_by"))
    if stood_by is not None:
        raise CommandError(f"nothing was done, {stood_by}")
    return report


def _mute_console() -> None:
    """Keep the run's log for Prefect's UI: stderr is for one line, stdout for the report."""
    from prefect.logging.configuration import setup_logging  # noqa: PLC0415 -- see above
    from prefect.logging.handlers import PrefectConsoleHandler  # noqa: PLC0415 -- same

    setup_logging()
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    for logger in [logging.root, *loggers]:
        for handler in logger.handlers:
            if isinstance(handler, (PrefectConsoleHandler, JsonConsole)):
                handler.setLevel(logging.CRITICAL + 1)


async def _watch_sweeps(settings: Settings, report: Report) -> None:
    """Show how far the running sweep is, as committed with each of its pages."""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        done = await asyncio.to_thread(_count_running, settings)
        report(done, None, "products")


def _count_running(settings: Settings) -> int:
    with opened_store(settings) as store, store.read() as tx:
        return sum(sweep.counts.get("products", 0) for sweep in list_sweeps(tx) if sweep.running)


def _read_stored(settings: Settings, run_id: str) -> JsonObject:
    with opened_store(settings) as store, store.read() as tx:
        for run in list_runs(tx, flow=FLOW, limit=100):
            if run.run_id == run_id:
                return run.report
    raise CommandError(f"the run {run_id} ended, but the store holds no report of it")
