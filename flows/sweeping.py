"""One reconcile from settings to report: what a run of `reconcile` does, without Prefect."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from uuid import uuid4

from flows.keys import reconcile_key
from flows.render_again import work_off_marks
from flows.report import ReconcileReport
from flows.session import open_session, open_settings_store, utc_now
from flows.source_state import noting_source
from flows.structure_absence import tell_of_short_lists
from flows.structure_lists import SWEPT, is_swept
from flows.sweep import Progress, Sweep, no_progress
from flows.sweep_delta import sweep_delta
from flows.sweep_models import sweep_models
from flows.sweep_products import sweep_products
from flows.sweep_structure import ListsUnswept, concerns_one_list, sweep_structure
from flows.threads import in_thread
from pim.errors import SourceError
from pim.ids import RunId
from pim.vocabulary import CatalogKind
from settings import Settings
from storage import Store, Transaction
from storage.budget import CallerKind
from storage.figures import count_drift
from storage.metrics import recount_products
from storage.products import Cause
from storage.runs import finish_run, start_run

FLOW = "reconcile"

Step: TypeAlias = Callable[[], Awaitable[str]]
"""A part of a reconcile; answers in one line what it found."""
StepRunner: TypeAlias = Callable[[str, Step], Awaitable[None]]
"""Runs a named step: as a retried task in a flow run, as a plain call elsewhere."""


@dataclass(frozen=True, slots=True)
class ReconcileRequest:
    """What to reconcile: everything (`full`), else what changed; or one product by name (`key`)."""

    full: bool = True
    key: str | None = None
    dry_run: bool = False

    @property
    def mode(self) -> str:
        """The word for reports and status."""
        return "key" if self.key is not None else "full" if self.full else "delta"


async def run_step(_name: str, step: Step) -> None:
    """Run a step as a plain call."""
    await step()


async def run_reconcile(
    settings: Settings,
    request: ReconcileRequest,
    *,
    run_id: RunId | None = None,
    cause: str = "command",
    on_progress: Progress = no_progress,
    runner: StepRunner = run_step,
) -> ReconcileReport:
    """Compare store and source, repair the store, and record the run.

    Raises:
        SourceError: the source failed; what was repaired stays, and a full sweep can go on later.
        ListsUnswept: the products were swept, but a list of the structure was not.
        SweepHeld: another run is at the same sweep.
        UnknownProduct: nobody knows `key`.
        StoreError: the store is missing, behind, or takes no writes.
    """
    report = ReconcileReport(request.mode, request.dry_run)
    run_id = run_id or RunId(f"local-{uuid4()}")
    began = time.monotonic()
    store = await in_thread(open_settings_store, settings)
    try:
        row_id = await in_thread(
            store.run,
            lambda tx: start_run(tx, run_id=run_id, flow=FLOW, cause=cause, now=utc_now()),
        )
        finish = partial(_finish, store, row_id, report)
        try:
            async with noting_source(store):
                await _reconcile(settings, store, request, report, run_id, on_progress, runner)
        except BaseException as error:
            report.seconds = time.monotonic() - began
            report.notes.append(f"it ended early: {error!s}" if str(error) else "it was stopped")
            await asyncio.shield(in_thread(finish, "failed"))
            raise
        report.seconds = time.monotonic() - began
        await in_thread(finish, "done")
    finally:
        store.close()
    return report


async def _reconcile(  # noqa: PLR0917 - passed on as they came
    settings: Settings,
    store: Store,
    request: ReconcileRequest,
    report: ReconcileReport,
    run_id: RunId,
    on_progress: Progress,
    runner: StepRunner,
) -> None:
    kind = CallerKind.SWEEP
    cause = Cause("sweep", run_id)
    # With the sweep of everything: those whose identifier is another then are written anew.
    anew = request.full and request.key is None
    async with open_session(settings, store, kind=kind, cause=cause, anew=anew) as session:
        sweep = Sweep(session, report, dry_run=request.dry_run, progress=on_progress)
        try:
            await _run_steps(sweep, request, runner)
        finally:
            report.calls = session.gate.calls


async def _run_steps(sweep: Sweep, request: ReconcileRequest, runner: StepRunner) -> None:
    if request.key is not None:
        await runner("read-product", partial(reconcile_key, sweep, request.key))
        return
    unswept: list[str] = []
    lists: dict[CatalogKind, Step] = {
        kind: partial(sweep_structure, sweep, kind, whole=request.full) for kind in SWEPT
    }
    lists[CatalogKind.PRODUCT_MODEL] = partial(sweep_models, sweep, whole=request.full)
    for kind, step in lists.items():
        if not await is_swept(sweep, kind, whole=request.full):
            continue
        try:
            await runner(f"sweep-{kind.replace('_', '-')}", step)
        except SourceError as error:
            if not concerns_one_list(error):
                raise
            unswept.append(f"{kind}: {error}")
    await tell_of_short_lists(sweep, whole=request.full)
    products = sweep_products if request.full else sweep_delta
    await runner("sweep-products", partial(products, sweep))
    if not sweep.dry_run:
        await runner("render-again", partial(_render_again, sweep))
    if unswept:
        raise ListsUnswept(f"the products were swept, but not each list: {'; '.join(unswept)}")


async def _render_again(sweep: Sweep) -> str:
    """Bring up to date what refers to something that changed; marks of drains included."""
    rendered = await work_off_marks(sweep.session)
    sweep.report.rendered += rendered
    return f"{rendered} products rendered again after changes of what they refer to"


def _finish(store: Store, row_id: int, report: ReconcileReport, state: str) -> None:
    def finish(tx: Transaction) -> None:
        finish_run(tx, row_id=row_id, state=state, report=report.as_json(), now=utc_now())
        mode = "dry_run" if report.dry_run else report.mode
        count_drift(tx, mode=mode, drift=report.by_kind())
        if mode == "full" and state == "done":
            recount_products(tx)

    store.run(finish)
