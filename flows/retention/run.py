"""One housekeeping from settings to report, without Prefect."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

from flows.retention.disks import decide_disk_alarm, read_rooms
from flows.retention.report import Tidied, TidyReport
from flows.retention.store import tidy_store
from flows.run import (
    format_bytes,
    format_span,
    in_thread,
    open_settings_store,
    utc_now,
    write_in,
)
from pim.ids import RunId
from pim.texts import storable
from settings import Retention, Settings, mask
from storage import Store, StoreError, Transaction
from storage.database import read_size, store_folder
from storage.state import claim_run, clear_alarm, finish_run, list_runs, raise_alarm

log = logging.getLogger(__name__)

FLOW = "housekeeping"
DISK_ALARM = "disk"
FAILS_ALARM = "housekeeping-fails"
# After a machine's sleep, all the runs that were planned meanwhile come at once.
NOT_WITHIN = timedelta(minutes=20)
LONGEST = timedelta(minutes=30)  # what is left then is the next run's

Step: TypeAlias = Callable[[], Awaitable[Mapping[str, Tidied]]]
StepRunner: TypeAlias = Callable[[str, Step], Awaitable[Mapping[str, Tidied]]]
"""Runs a named step: as a retried task in a flow run, as a plain call in a test."""


class HistoryTidier(Protocol):
    """Deletes finished flow runs that are past their limit."""

    async def __call__(
        self, keep: Retention, *, work_pool: str, now: datetime, ends_at: float
    ) -> Mapping[str, Tidied]:
        """Delete them in this work pool, until `ends_at` of the monotonic clock."""
        ...


async def run_housekeeping(
    settings: Settings,
    *,
    run_id: RunId,
    cause: str,
    runner: StepRunner,
    tidy_history: HistoryTidier,
) -> TidyReport:
    """Clean up store and run history, look at the disks, and record the run.

    Needs no PIM. Does nothing where another run began a short while ago. A part that fails leaves
    the others to be done: see the report's `problems`.

    Raises:
        StoreError: the store is missing, behind, or takes no writes at all.
    """
    report = TidyReport()
    began = time.monotonic()
    with closing(await in_thread(open_settings_store, settings)) as store:
        claimed = await write_in(
            store,
            claim_run,
            run_id=run_id,
            flow=FLOW,
            cause=cause,
            now=utc_now(),
            not_within=NOT_WITHIN,
        )
        if isinstance(claimed, datetime):
            ago = format_span(utc_now() - claimed)
            report.skipped = f"another housekeeping began {ago} ago"
            return report
        state = "failed"
        try:
            await _tidy(settings, store, report, runner, tidy_history)
            state = "failed" if report.problems else "done"
        finally:
            report.seconds = time.monotonic() - began
            await write_in(store, _finish, claimed, report, state)
    return report


async def _tidy(
    settings: Settings,
    store: Store,
    report: TidyReport,
    runner: StepRunner,
    tidy_history: HistoryTidier,
) -> None:
    now, ends_at = utc_now(), time.monotonic() + LONGEST.total_seconds()
    steps: Mapping[str, Step] = {
        "tidy-store": partial(tidy_store, store, settings.keep, now=now, ends_at=ends_at),
        "tidy-runs": partial(
            tidy_history,
            settings.keep,
            work_pool=settings.work_pool_name,
            now=now,
            ends_at=ends_at,
        ),
    }
    for name, step in steps.items():
        try:
            report.done.update(await runner(name, step))
        except Exception as error:  # noqa: BLE001 - Prefect's client raises many kinds; reported
            log.warning("%s failed: %s", name, error)
            report.problems.append(f"{name} failed: {error}")
    await in_thread(_look_at_disks, settings, store, report)


def _look_at_disks(settings: Settings, store: Store, report: TidyReport) -> None:
    """Measure databases and disks; raise the alarm or clear it."""
    with store.read() as tx:
        size = read_size(tx)
    reusable = f", {format_bytes(size.reusable)} of it free for new rows" if size.reusable else ""
    report.sizes["store"] = format_bytes(size.total) + reusable
    folders = [folder for folder in (store_folder(settings.database_url),) if folder is not None]
    if settings.prefect_api_url is None:
        folders.append(settings.prefect_home)
        report.sizes["Prefect"] = format_bytes(_prefect_bytes(settings.prefect_home))
    report.rooms = read_rooms(folders)
    alarm = decide_disk_alarm(report.rooms)
    try:
        store.run(partial(_tell, alarm=alarm))
    except StoreError as error:
        report.problems.append(f"the disk alarm could not be written: {error}")


def _tell(tx: Transaction, *, alarm: str | None) -> None:
    if alarm is None:
        clear_alarm(tx, name=DISK_ALARM)
    else:
        raise_alarm(tx, name=DISK_ALARM, text=alarm, now=utc_now())


def _prefect_bytes(home: Path) -> int:
    files = (home / "prefect.db", home / "prefect.db-wal")
    return sum(file.stat().st_size for file in files if file.exists())


def _finish(tx: Transaction, row_id: int, report: TidyReport, state: str) -> None:
    now = utc_now()
    before = [run.state for run in list_runs(tx, flow=FLOW, limit=2) if run.id != row_id]
    finish_run(tx, row_id=row_id, state=state, report=report.as_json(), now=now)
    if state == "done":
        clear_alarm(tx, name=FAILS_ALARM)
    elif before == ["failed"]:  # once may be a server that was busy
        words = "; ".join(report.problems) or "it ended early, see its run in the Prefect UI"
        text = f"housekeeping fails, so nothing old is removed: {storable(mask(words))[:300]}"
        raise_alarm(tx, name=FAILS_ALARM, text=text, now=now)
