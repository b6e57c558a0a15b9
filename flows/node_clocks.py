"""An alarm while the source's nodes disagree about the time by more than the clock doubt."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from flows.threads import in_thread
from pim.clock_spread import ClockSpread
from storage.alarms import clear_alarm, list_alarms, raise_alarm
from storage.engine import Store
from storage.errors import StoreError

log = logging.getLogger(__name__)

NODES_ALARM = "source-nodes"
ENOUGH_SIGHTINGS = 5
"""So many answers that agree end the alarm: two nodes of three may have answered one drain."""

TEXT = (
    "the clocks of the PIM's nodes are {spread:.0f} s apart, more than SYNC_CLOCK_DOUBT_SECONDS "
    "({doubt:g}): changes are taken for outdated until a sweep finds them; have the PIM's servers "
    "set their clocks (NTP), or raise that setting"
)


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
        text = TEXT.format(spread=spread.widest.total_seconds(), doubt=doubt.total_seconds())
        store.run(lambda tx: raise_alarm(tx, name=NODES_ALARM, text=text, now=now()))
    elif spread.sightings >= ENOUGH_SIGHTINGS and _stands(store):
        store.run(lambda tx: clear_alarm(tx, name=NODES_ALARM))


def _stands(store: Store) -> bool:
    # Nearly always there is nothing to clear: that takes a read, and no turn to write.
    with store.read() as tx:
        return any(alarm.name == NODES_ALARM for alarm in list_alarms(tx))
