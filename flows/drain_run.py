"""One drain from settings to report: what a run of `process-inbox` does, without Prefect."""

import asyncio
import logging
from datetime import timedelta

from flows.drain import ChunkStep, Drain, DrainPolicy, DrainReport, try_door
from flows.session import open_session, open_settings_store
from flows.source_state import note_failure
from flows.threads import in_thread
from pim.errors import SourceError
from pim.ids import RunId
from settings import Settings
from storage import Store, StoreError
from storage.budget import CallerKind
from storage.deliveries import end_silence
from storage.door import DoorHeld, Opened, close_door
from storage.errors import KeysMoved
from storage.products import Cause

log = logging.getLogger(__name__)


async def drain_inbox(
    settings: Settings, *, run_id: RunId, run_name: str, step: ChunkStep, report: DrainReport
) -> DoorHeld | None:
    """Settle what is due; fills `report` as it goes, so that a failing run can show it too.

    Answers DoorHeld at once where another drain is at work.

    Raises:
        SourceError: the source fails; its events are due again, and the breaker blocks.
        LeaseLost, FenceLost: another drain took over.
        StoreError: the store is missing, behind, or takes no writes.
    """
    store = await in_thread(open_settings_store, settings)
    try:
        lease = timedelta(seconds=settings.lease_seconds)
        opened = await in_thread(try_door, store, run_id=run_id, run_name=run_name, lease=lease)
        if isinstance(opened, DoorHeld):
            return opened
        report.opened = True
        await _drain(
            settings, store, opened, cause=Cause("event", run_id), step=step, report=report
        )
        return None
    finally:
        store.close()


async def _drain(
    settings: Settings,
    store: Store,
    opened: Opened,
    *,
    cause: Cause,
    step: ChunkStep,
    report: DrainReport,
) -> None:
    policy = DrainPolicy(
        lease=timedelta(seconds=settings.lease_seconds),
        linger=timedelta(seconds=settings.linger_seconds),
        max_session=timedelta(seconds=settings.max_session_seconds),
        pace=timedelta(seconds=settings.pace_seconds),
        max_attempts=settings.max_attempts,
    )
    try:
        await in_thread(store.run, end_silence)
        async with open_session(settings, store, kind=CallerKind.DRAIN, cause=cause) as session:
            await Drain(session, policy, step, report).run(opened)
    except KeysMoved as error:
        report.ended_because = str(error)
    except SourceError as error:
        report.ended_because = f"the source failed: {error}"
        await note_failure(store, error)
        raise
    except asyncio.CancelledError:
        report.ended_because = "it was cancelled; what was under way is due again"
        raise
    finally:
        await asyncio.shield(_close(store, opened))


async def _close(store: Store, opened: Opened) -> None:
    """Close the door where the drain never came to it; else this changes nothing."""
    try:
        await in_thread(store.run, lambda tx: close_door(tx, generation=opened.generation))
    except StoreError as error:
        log.warning("the door closes by itself when its lease lapses: %s", error)
