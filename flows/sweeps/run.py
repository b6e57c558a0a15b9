"""One reconcile from settings to report, without Prefect."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias
from uuid import uuid4

import anyio

from flows.run import (
    Asking,
    LeaseLost,
    ask_again,
    in_thread,
    noting_source,
    open_session,
    open_settings_store,
    read_in,
    utc_now,
    write_in,
)
from flows.sweeps.by_key import reconcile_key
from flows.sweeps.delta import NONE_TELLS, sweep_delta
from flows.sweeps.doubts import tell_of_failing_lists
from flows.sweeps.models import sweep_models
from flows.sweeps.products import sweep_products
from flows.sweeps.report import ReconcileReport
from flows.sweeps.structure import sweep_structure, tell_of_short_lists
from flows.sweeps.structure_lists import SWEPT, is_swept
from flows.sweeps.sweep import Progress, Sweep, SweepHeld, no_progress
from flows.write_path import work_off_marks
from pim.errors import SyncError
from pim.ids import RunId
from pim.json_types import JsonObject
from pim.vocabulary import CatalogKind
from settings import Settings, mask
from storage import FenceLost, Store, Transaction
from storage.figures import count_drift
from storage.products import Cause, recount_products
from storage.state import (
    DELTA,
    FULL,
    MODES,
    STOOD_BY,
    BreakerView,
    CallerKind,
    count_killed,
    finish_run,
    judge_watermark,
    read_asked,
    read_breaker,
    record_failed_sweep,
    record_whole_sweep,
    start_run,
)

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

    @property
    def is_sweep(self) -> bool:
        """Whether it goes through all there is, or all that changed."""
        return self.key is None

    @property
    def asking(self) -> Asking:
        """A sweep of everything asks the source what it is; one that changes nothing does not."""
        if self.dry_run:
            return Asking.NEVER
        return Asking.ALWAYS if self.mode == "full" else Asking.ONCE


async def run_step(_name: str, step: Step) -> None:
    """Run a step as a plain call."""
    await step()


async def run_reconcile(
    settings: Settings,
    request: ReconcileRequest,
    *,
    run_id: RunId | None = None,
    cause: str = "command",
    spares_source: bool = False,
    on_progress: Progress = no_progress,
    runner: StepRunner = run_step,
    report: ReconcileReport | None = None,
) -> ReconcileReport:
    """Compare store and source, repair the store, and record the run.

    `spares_source`: a sweep leaves a source alone that is known to be away, as drains do; what a
    person asks for is tried. `report` is filled as it goes, so that a failing run can show it too.
    A run that leaves its work to another one, or to later, says so in the report (`stood_by`).

    Raises:
        SourceError: the source failed; what was repaired stays, and a full sweep can go on later.
        UnknownProduct: nobody knows `key`.
        StoreError: the store is missing, behind, or takes no writes.
    """
    report = report or ReconcileReport(request.mode, request.dry_run)
    run_id = run_id or RunId(f"local-{uuid4()}")
    began = time.monotonic()
    store = await in_thread(open_settings_store, settings)
    try:
        row_id = await write_in(store, _start, request, run_id, cause)
        if spares_source and request.is_sweep:
            _spare_source(await read_in(store, read_breaker), report)
        try:
            if report.stood_by is None:
                async with noting_source(store):
                    await _reconcile(settings, store, request, report, run_id, on_progress, runner)
        except BaseException as error:
            report.seconds = time.monotonic() - began
            report.ended_early = say_end(error)
            report.notes.append(f"it ended early: {report.ended_early}")
            with anyio.CancelScope(shield=True):
                await asyncio.shield(write_in(store, _finish, row_id, report, "failed"))
            raise
        report.seconds = time.monotonic() - began
        state = "done" if report.stood_by is None else STOOD_BY
        await write_in(store, _finish, row_id, report, state)
    finally:
        store.close()
    return report


STOPPED = "it was stopped"
"""By a person, or with its worker: the next run goes on, and nothing is to be told."""

_COLLISIONS = (SweepHeld, LeaseLost, FenceLost)
"""Another run is at it, or has taken it over: it does this one's work, and nothing is wrong."""


def say_end(error: BaseException) -> str:
    """Say in one line, without secrets, what broke a reconcile off."""
    if not isinstance(error, Exception):
        return STOPPED
    told = " ".join(mask(str(error)).split())
    if isinstance(error, SyncError) and told:
        return told
    return f"unexpected {type(error).__name__}{': ' if told else ''}{told}"


_MOST_KILLS = 1
"""A worker is stopped hard now and then; a run that is killed again kills its process, maybe."""

KILLED = (
    "its process was killed {times} times before it ended: out of memory, maybe, or a machine that "
    "restarts; it goes on where it was"
)


def _start(tx: Transaction, request: ReconcileRequest, run_id: RunId, cause: str) -> int:
    """Record that a run begins; one whose process was killed again and again could tell nobody."""
    asked: JsonObject = {"mode": request.mode, "dry_run": request.dry_run}
    now = utc_now()
    row = start_run(tx, run_id=run_id, flow=FLOW, cause=cause, now=now, asked=asked)
    kills = count_killed(tx, run_id=run_id, before=row)
    if kills > _MOST_KILLS and request.is_sweep and not request.dry_run:
        words = KILLED.format(times=kills)
        record_failed_sweep(tx, mode=request.mode, words=words, now=now)
    return row


def _spare_source(breaker: BreakerView, report: ReconcileReport) -> None:
    """Leave a source alone that is blocked: a probe or a later run asks it first."""
    if breaker.blocked and breaker.failing_since is not None:
        since = f"{breaker.failing_since:%Y-%m-%d %H:%M} UTC"
        later = f"{breaker.next_try_at:%H:%M:%S} UTC" if breaker.next_try_at else "soon"
        report.source_away = True
        report.stood_by = (
            f"the PIM is away since {since} ({breaker.reason}), asked again at {later}"
        )


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
    asking = request.asking
    async with open_session(settings, store, kind=kind, cause=cause, asking=asking) as session:
        report.notes += session.news
        sweep = Sweep(session, report, dry_run=request.dry_run, progress=on_progress)
        try:
            await _run_steps(sweep, request, runner)
        finally:
            report.calls = session.gate.calls


async def _run_steps(sweep: Sweep, request: ReconcileRequest, runner: StepRunner) -> None:
    if request.key is not None:
        await runner("read-product", partial(reconcile_key, sweep, request.key))
        return
    await _sweep_lists(sweep, request, runner)
    if sweep.report.stood_by is None:
        await tell_of_short_lists(sweep, whole=request.full)
        products = partial(sweep_products if request.full else sweep_delta, sweep)
        await runner("sweep-products", partial(_unless_held, sweep, products))
    if sweep.report.stood_by is None and not sweep.dry_run:
        await runner("render-again", partial(_render_again, sweep))
    if sweep.report.stood_by is None:
        await tell_of_failing_lists(sweep, whole=request.full)
    if request.full and sweep.report.stood_by is None:
        session = sweep.session
        zone = session.settings.timezone
        await ask_again(session.client, session.store, now=session.now(), timezone=zone)


async def _sweep_lists(sweep: Sweep, request: ReconcileRequest, runner: StepRunner) -> None:
    """Sweep what products refer to, list by list."""
    lists: dict[CatalogKind, Step] = {
        kind: partial(sweep_structure, sweep, kind, whole=request.full) for kind in SWEPT
    }
    models = partial(sweep_models, sweep, whole=request.full)
    lists[CatalogKind.PRODUCT_MODEL] = partial(_sweep_models, sweep, models)
    for kind, step in lists.items():
        if not await is_swept(sweep, kind, whole=request.full):
            continue
        await runner(f"sweep-{kind.replace('_', '-')}", step)


async def _unless_held(sweep: Sweep, step: Step) -> str:
    """Run a step; where another run is at it, or took it over, that one does the work."""
    try:
        return await step()
    except _COLLISIONS as error:
        sweep.report.stood_by = str(error)
        return sweep.report.summary()


async def _sweep_models(sweep: Sweep, step: Step) -> str:
    """Sweep the models; a delta that has all of them in hand is no reason to stand by all night.

    That is left to it, and a full sweep goes on with the products.
    """
    try:
        return await step()
    except _COLLISIONS as error:
        holder = error.holder if isinstance(error, SweepHeld) else ""
        if sweep.report.mode == FULL and await _is_delta(sweep, holder):
            sweep.report.notes.append(f"product models: left to the delta at work: {error}")
            return f"left to the delta at work: {error}"
        sweep.report.stood_by = str(error)
        return sweep.report.summary()


async def _is_delta(sweep: Sweep, run_id: str) -> bool:
    asked = await sweep.session.read(read_asked, run_id)
    return asked.get("mode") == DELTA


async def _render_again(sweep: Sweep) -> str:
    """Bring up to date what refers to something that changed; marks of drains included."""
    users = await work_off_marks(sweep.session)
    sweep.report.rendered += users.touched
    sweep.report.held += users.held
    sweep.report.failed += users.behind
    return f"{users.touched} products rendered again after changes of what they refer to"


def _finish(tx: Transaction, row_id: int, report: ReconcileReport, state: str) -> None:
    now = utc_now()
    finish_run(tx, row_id=row_id, state=state, report=report.as_json(), now=now)
    mode = "dry_run" if report.dry_run else report.mode
    count_drift(tx, mode=mode, drift=report.by_kind())
    if mode == FULL and state == "done":
        recount_products(tx)
    if mode in MODES:
        _tell_of_end(tx, report, state, now)


def _tell_of_end(tx: Transaction, report: ReconcileReport, state: str, now: datetime) -> None:
    """Raise or end what stands for sweeps that fail; a stopped or standing one says nothing."""
    if state == "failed":
        if report.ended_early not in (None, STOPPED):
            record_failed_sweep(tx, mode=report.mode, words=report.ended_early or "", now=now)
        return
    if state == STOOD_BY:
        return
    if report.not_whole:
        words = f"not whole: {'; '.join(report.not_whole)}"
        record_failed_sweep(tx, mode=report.mode, words=words, now=now)
    else:
        record_whole_sweep(tx, mode=report.mode)
    if NONE_TELLS not in report.notes:  # then a delta leaves the watermark on purpose
        judge_watermark(tx, now=now)
