"""Watch over a failing PIM, beside a worker: when it is back, what it made fail is made up for.

While the source fails, a run would only fail too and leave history behind; a probe leaves none. It
is made by whichever worker comes first; a worker of any type does it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress

import anyio
from prefect.client.orchestration import get_client

from deployments.prefect_client import API_ERRORS, QuickClientContext, request_reconcile
from deployments.prefect_env import prefect_api_url
from flows.run import Probe, open_settings_store, probe_if_due
from flows.sweeps import FLOW
from settings import Settings, SourceSettings
from storage import Store, StoreError
from storage.state import is_full_left_undone

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
_STORE_SECONDS = 15.0
_PREFECT_SECONDS = 15.0
MADE_UP_TAG = "cause:pim-is-back"


@asynccontextmanager
async def watched_source(settings: Settings) -> AsyncIterator[None]:
    """Watch the source while the body runs; without a PIM configured there is none."""
    if settings.source is None:
        yield
        return
    watch = asyncio.create_task(_watch(settings, settings.source), name="source-watch")
    try:
        yield
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


async def _watch(settings: Settings, source: SourceSettings) -> None:
    while True:
        try:
            await _watch_through(settings, source)
        except StoreError as error:
            log.debug("the source is not watched, the store is away: %s", error)
        except Exception:  # nothing else looks, so it must outlive its own defects
            log.exception("watching the source failed, and goes on")
        await asyncio.sleep(_STORE_SECONDS)


async def _watch_through(settings: Settings, source: SourceSettings) -> None:
    """Look again and again through one open store, as long as that answers."""
    with closing(await asyncio.to_thread(open_settings_store, settings)) as store:
        while True:
            if await probe_if_due(store, source) is Probe.ANSWERED:
                await _make_up(settings, store)
            await asyncio.sleep(_LOOK_SECONDS)


async def _make_up(settings: Settings, store: Store) -> None:
    """Ask for the full reconcile that the source's absence broke off: it goes on where it was."""
    if not await asyncio.to_thread(_is_full_left_undone, store):
        return
    with suppress(*API_ERRORS), anyio.fail_after(_PREFECT_SECONDS):
        async with QuickClientContext(prefect_api_url(settings)), get_client() as client:
            if await request_reconcile(client, tag=MADE_UP_TAG):
                log.warning("asked for the full reconcile that had failed with the source")


def _is_full_left_undone(store: Store) -> bool:
    with store.read() as tx:
        return is_full_left_undone(tx, flow=FLOW)
