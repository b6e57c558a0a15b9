"""The source's clock beside our own, and what is told of it."""

from datetime import datetime, timedelta

from flows.lookback import Clocks, Margins
from flows.sweep import Sweep
from flows.threads import in_thread
from settings import Settings
from storage.engine import Store
from storage.watermarks import read_clock


async def read_clocks(sweep: Sweep) -> Clocks:
    """Look at both clocks, once a run, by asking the source for nothing in particular.

    Ours is read last, so that the wait for the answer makes later sweeps look further back, and
    not less far.
    """
    if sweep.clocks is None:
        source = await sweep.session.client.read_clock()
        sweep.clocks = Clocks(source, await in_thread(_our_now, sweep.session.store))
    return sweep.clocks


def margins_of(settings: Settings) -> Margins:
    """The margins that the settings name."""
    return Margins(
        overlap=timedelta(seconds=settings.overlap_seconds),
        clock_doubt=timedelta(seconds=settings.clock_doubt_seconds),
    )


def _our_now(store: Store) -> datetime:
    with store.read() as tx:
        return read_clock(tx)
