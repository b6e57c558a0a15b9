"""Health of the source, as runs find it: told to the breaker, and to the alarms.

An alarm stands while its nodes disagree about the time by more than the clock doubt.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from flows.run.threads import in_thread, write_in
from pim.breaker import SourceFailure
from pim.errors import SourceError
from pim.http import ClockSpread
from storage import Store, StoreError
from storage.state import clear_alarm, list_alarms, raise_alarm, reset_breaker, trip_breaker

log = logging.getLogger(__name__)

NODES_ALARM = "source-nodes"
ENOUGH_SIGHTINGS = 5
"""So many answers that agree end the alarm: two nodes of three may have answered one drain."""

CLOCKS_APART = (
    "the clocks of the PIM's nodes are {spread:.0f} s apart, more than SYNC_CLOCK_DOUBT_SECONDS "
    "({doubt:g}): changes are taken for outdated until a sweep finds them; have the PIM's servers "
    "set their clocks (NTP), or raise that setting"
)


@asynccontextmanager
async def noting_source(store: Store) -> AsyncIterator[None]:
    """Tell the breaker how the body fared with the source; what concerns one thing is no news."""
    try:
        yield
    except SourceError as error:
        if error.source_wide:
            await note_failure(store, error)
        raise
    await note_success(store)


async def note_failure(store: Store, error: SourceError) -> None:
    """Record that a run failed because of the source: it is left alone for a while.

    A store that is away as well cannot be told; the caller's own error is the one to show.
    """
    failure = translate_failure(error)
    try:
        view = await write_in(store, trip_breaker, failure)
    except StoreError as store_error:
        log.warning("the source fails (%s), and the store cannot note it: %s", error, store_error)
        return
    fields = {
        "source": error.path or None,
        "status": error.status,
        "failures": view.failures,
        "next_try_at": view.next_try_at,
    }
    log.warning("the source fails, next try at %s: %s", view.next_try_at, error, extra=fields)


async def note_success(store: Store) -> None:
    """Record that the source did what a run asked of it."""
    was = await write_in(store, reset_breaker)
    if was is not None:
        fields = {"failing_since": was.failing_since, "failures": was.failures}
        log.warning(
            "the source answers again; it had failed since %s", was.failing_since, extra=fields
        )


def translate_failure(error: SourceError) -> SourceFailure:
    """Translate an error of the client into the breaker's terms."""
    retry_after = timedelta(seconds=error.retry_after) if error.retry_after else None
    return SourceFailure(str(error), retryable=error.retryable, retry_after=retry_after)


@asynccontextmanager
async def noting_clocks(
    store: Store, spread: ClockSpread, *, doubt: timedelta, now: Callable[[], datetime]
) -> AsyncIterator[None]:
    """Raise or clear the alarm by what the body's answers showed; not after a body that failed."""
    yield
    try:
        await in_thread(_keep_alarm, store, spread, doubt, now)
    except StoreError as error:
        log.warning("could not note how far the clocks of the PIM's nodes are apart: %s", error)


def _keep_alarm(
    store: Store, spread: ClockSpread, doubt: timedelta, now: Callable[[], datetime]
) -> None:
    if spread.widest > doubt:
        text = CLOCKS_APART.format(
            spread=spread.widest.total_seconds(), doubt=doubt.total_seconds()
        )
        store.run(lambda tx: raise_alarm(tx, name=NODES_ALARM, text=text, now=now()))
    elif spread.sightings >= ENOUGH_SIGHTINGS and _stands(store):
        store.run(lambda tx: clear_alarm(tx, name=NODES_ALARM))


def _stands(store: Store) -> bool:
    # Nearly always there is nothing to clear: that takes a read, and no turn to write.
    with store.read() as tx:
        return any(alarm.name == NODES_ALARM for alarm in list_alarms(tx))
