"""Common means of all sweeps: report, listing, position, clocks, alarms, and the lease."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from flows.run import LEASE, Session, kept_lease
from flows.sweeps.lookback import Clocks, Margins, Probed
from flows.sweeps.report import ReconcileReport
from flows.write_path import WriteReport, store_reads
from pim.errors import SyncError
from pim.ids import OrderNumber, ProductKey
from pim.json_types import JsonObject
from pim.printed_time import Printing, saved_at
from pim.product import SourceProduct
from pim.reads import ProductRead
from settings import Settings
from storage import Transaction
from storage.database import read_clock
from storage.state import (
    SweepBusy,
    SweepStart,
    begin_sweep,
    clear_alarm,
    finish_sweep,
    raise_alarm,
    read_facts,
    read_printing,
    release_sweep,
    renew_sweep,
    save_fact,
    save_position,
)

Progress: TypeAlias = Callable[[int, int | None, str], None]
"""Told now and then: how much is done, of how much (None: not known), and what it is."""

MAX_AGE = timedelta(hours=24)

FULL = "products/full"

Page = TypeVar("Page")

CLOCK_ALARM = "source-clock"
FILTER_ALARM = "updated-filter"

LEFT = "left to the full sweep that is under way"


class SweepHeld(SyncError):  # noqa: N818 - named like the fact it reports
    """Another run, the `holder`, is at the same sweep."""

    def __init__(self, message: str, *, holder: str = "") -> None:
        super().__init__(message)
        self.holder = holder


def no_progress(_done: int, _total: int | None, _what: str) -> None:
    """For runs that nobody watches."""


@dataclass(slots=True)
class Sweep:
    """One reconcile's common means; `dry_run` compares and repairs nothing.

    `swept`: the lists of the structure that are done; `short`: those that lacked too much of what
    is stored, and what is said of them; `failing`: those that could not be read, and why.
    `left_out`, `models_left_out`: what failed alone, and is looked at again. `printing`: how the
    source prints when a product was saved; `sees_offsets`: not always in UTC.
    """

    session: Session
    report: ReconcileReport
    dry_run: bool = False
    progress: Progress = no_progress
    seen: set[str] = field(default_factory=set)
    swept: set[str] = field(default_factory=set)
    short: dict[str, str] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    left_out: set[ProductKey] = field(default_factory=set)
    models_left_out: set[str] = field(default_factory=set)
    clocks: Clocks | None = None
    probed: Probed | None = None
    printing: Printing = Printing.AS_MEANT
    sees_offsets: bool = False

    def saved_at(self, product: SourceProduct) -> datetime | None:
        """When a product was saved, however the source prints that."""
        zone = self.session.settings.timezone
        return saved_at(product.body.get("updated"), self.printing, zone)

    @property
    def holder(self) -> str:
        """Whom the leases of this run's sweeps name."""
        return str(self.session.run_id)

    def note(self, text: str) -> None:
        """Say something in the report, once."""
        if text not in self.report.notes:
            self.report.notes.append(text)

    def leave_out(self, failed: Iterable[tuple[ProductKey, str]]) -> None:
        """Name products that failed alone; the sweep is whole but for them."""
        for key, reason in failed:
            self.report.failed.append((key, reason))
            if key:
                self.left_out.add(key)

    def name_left_out(self, before: int) -> None:
        """Drop what was told without a key, where a key that fails was found since `before`."""
        failed = self.report.failed
        found = sum(bool(key) for key, _ in failed[before:])
        for entry in [each for each in failed[:before] if not each[0]][:found]:
            failed.remove(entry)

    def leave_out_model(self, code: str, reason: str) -> None:
        """Name a model that failed alone; the sweep is whole but for it."""
        self.report.failed.append((ProductKey(f"model {code}".strip()), reason))
        if code:
            self.models_left_out.add(code)


async def store_products(sweep: Sweep, reads: Sequence[ProductRead]) -> WriteReport:
    """Write products as they were read; what could not be written is left out.

    So it is named in the report, and read by its key in the next sweep. What is held is counted.
    """
    written = await store_reads(sweep.session, reads)
    sweep.leave_out(written.unwritten("the next sweep looks again"))
    sweep.report.held += len(written.held)
    return written


@asynccontextmanager
async def held_sweep(
    sweep: Sweep, name: str, *, first_number: OrderNumber, source_now: datetime
) -> AsyncIterator[SweepStart]:
    """Hold a sweep's lease while it runs; its position stays for the next run if it ends early.

    A position taken under another version of the source, or a day ago, is none: its cursor may
    lead anywhere.

    Raises:
        SweepHeld: another run is at it.
    """
    session, version = sweep.session, f"version at the position of {name}"

    def begin(tx: Transaction) -> SweepStart | SweepBusy:
        sweep.printing = read_printing(tx)
        facts, now = read_facts(tx), sweep.session.facts.version or ""
        begun = begin_sweep(
            tx,
            name=name,
            holder=sweep.holder,
            first_number=first_number,
            source_now=source_now,
            lease=LEASE,
            max_age=MAX_AGE if facts.get(version, now) == now else timedelta(0),
        )
        if isinstance(begun, SweepStart) and not begun.resumed and facts.get(version) != now:
            save_fact(tx, name=version, value=now, now=sweep.session.now())
        return begun

    start = await session.write(begin)
    if isinstance(start, SweepBusy):
        until = f"{start.lease_until:%H:%M:%S} UTC"
        raise SweepHeld(
            f"run {start.holder} is at the sweep {name}; it holds it until {until}",
            holder=start.holder,
        )

    async def renew() -> bool:
        return await session.write(renew_sweep, name=name, holder=sweep.holder, lease=LEASE)

    try:
        async with kept_lease(renew, LEASE, what=f"the sweep {name}"):
            yield start
    finally:
        await session.write(release_sweep, name=name, holder=sweep.holder)


async def raise_sweep_alarm(sweep: Sweep, name: str, text: str) -> None:
    """Tell a person, in the report and by a standing alarm; a dry run changes no alarm."""
    sweep.note(text)
    if not sweep.dry_run:
        await sweep.session.write(raise_alarm, name=name, text=text, now=sweep.session.now())


async def clear_sweep_alarm(sweep: Sweep, name: str) -> None:
    """End an alarm that is over; a dry run changes none."""
    if not sweep.dry_run:
        await sweep.session.write(clear_alarm, name=name)


def add_counts(first: Mapping[str, int], second: Mapping[str, int]) -> dict[str, int]:
    """Both counts together."""
    return {name: first.get(name, 0) + second.get(name, 0) for name in {*first, *second}}


async def read_clocks(sweep: Sweep) -> Clocks:
    """Look at both clocks, once a run, by asking the source for nothing in particular.

    Ours is read last, so that the wait for the answer makes later sweeps look further back, and
    not less far.
    """
    if sweep.clocks is None:
        source = await sweep.session.client.read_clock()
        sweep.clocks = Clocks(source, await sweep.session.read(read_clock))
    return sweep.clocks


def read_margins(settings: Settings) -> Margins:
    """The margins that the settings name."""
    return Margins(
        overlap=timedelta(seconds=settings.overlap_seconds),
        clock_doubt=timedelta(seconds=settings.clock_doubt_seconds),
    )


@dataclass(frozen=True, slots=True)
class Listing:
    """Which products a sweep lists.

    `whole`: all of them, so that what it did not show is asked for and may be an orphan.
    `moves_watermark`: what it saw counts as all that changed. `watches_events`: what differs counts
    as a change whose event should have come.
    """

    name: str = FULL
    search: JsonObject | None = None
    whole: bool = True
    moves_watermark: bool = True
    watches_events: bool = False


async def chain(first: Page, pages: AsyncIterator[Page]) -> AsyncIterator[Page]:
    """All pages, where the first was taken already."""
    yield first
    async for page in pages:
        yield page


async def read_ahead(pages: AsyncIterator[Page]) -> AsyncGenerator[Page]:
    """The same pages in order, the next one read while one is worked on.

    An error is raised in its page's place, after the pages before it. To be closed by its user:
    what is being read then is dropped.
    """
    coming = asyncio.ensure_future(anext(pages, None))
    try:
        while (page := await coming) is not None:
            coming = asyncio.ensure_future(anext(pages, None))
            yield page
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


async def finish_listing(sweep: Sweep, listing: Listing, watermark: datetime | None) -> None:
    """End a sweep of this listing; `watermark` None: what was seen is not whole, and none moves."""
    await sweep.session.write(
        finish_sweep,
        name=listing.name,
        holder=sweep.holder,
        watermark=watermark if listing.moves_watermark else None,
    )


async def forget_position(sweep: Sweep, name: str, counts: Mapping[str, int]) -> None:
    """Let the next sweep of this name begin anew: this position leads nowhere."""
    await sweep.session.write(
        save_position, name=name, holder=sweep.holder, position=None, counts=counts
    )
