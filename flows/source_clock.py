"""The source's clock beside our own, and what is told of it."""

from datetime import UTC, datetime, timedelta

from flows.lookback import Clocks, Margins
from flows.session import Session
from flows.sweep import Sweep
from flows.threads import in_thread
from pim.search import updated_since
from settings import Settings
from storage.engine import Store
from storage.watermarks import read_clock

_NEVER = datetime(2100, 1, 1, tzinfo=UTC)  # nothing has been changed since then


async def read_clocks(sweep: Sweep) -> Clocks:
    """Look at both clocks, once a run, by asking the source for nothing in particular.

    Ours is read last, so that the wait for the answer makes later sweeps look further back, and
    not less far.
    """
    if sweep.clocks is None:
        source = await _source_now(sweep.session)
        sweep.clocks = Clocks(source, await in_thread(_our_now, sweep.session.store))
    return sweep.clocks


def margins_of(settings: Settings) -> Margins:
    """The margins that the settings name."""
    return Margins(
        overlap=timedelta(seconds=settings.overlap_seconds),
        clock_doubt=timedelta(seconds=settings.clock_doubt_seconds),
    )


async def _source_now(session: Session) -> datetime:
    search = updated_since(_NEVER, session.settings.timezone)
    return (await anext(session.client.product_pages(search=search))).source_time


def _our_now(store: Store) -> datetime:
    with store.read() as tx:
        return read_clock(tx)
