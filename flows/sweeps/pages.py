"""One page of a product listing: compared by content hash in one query, repaired, saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.sweeps.doubts import count_missed
from flows.sweeps.moved_keys import move_listed
from flows.sweeps.report import FoundDrift, drift_age, tell_drift
from flows.sweeps.sweep import Sweep, store_products
from pim.decision import StoredMark
from pim.ids import ProductKey
from pim.printed_time import printed_offset
from pim.reads import ProductPage, ProductRead
from pim.vocabulary import Drift
from storage import Transaction
from storage.inbox import SourceChange
from storage.products import (
    Compared,
    Written,
    compare_page,
    read_marks,
    release_holds,
    touch_unchanged,
)
from storage.state import save_position

UNDECIDED = "undecided"
"""Counts what was listed and could not be compared to the end: what was seen is not whole then."""

REPAIRS = {Written.CREATED, Written.UPDATED, Written.RESTORED, Written.DELETED}
DIFFERS = {Compared.MISSING, Compared.DIFFERENT, Compared.REWOUND}


@dataclass(frozen=True, slots=True)
class _Verdicts:
    compared: Mapping[ProductKey, Compared]
    marks: Mapping[ProductKey, StoredMark]

    def of(self, *verdicts: Compared) -> set[ProductKey]:
        return {key for key, verdict in self.compared.items() if verdict in verdicts}


async def sweep_page(
    sweep: Sweep, page: ProductPage, *, watches_events: bool = False
) -> dict[str, int]:
    """Compare a page with the store and repair what differs; answer what was counted.

    Drift is reported where it was repaired: what a drain repaired meanwhile is none. With
    `watches_events` it counts as changed without an event, if none came.
    """
    moved = set() if sweep.dry_run else await move_listed(sweep, page.reads)
    sweep.sees_offsets |= any(
        bool(printed_offset(read.product.body.get("updated")))
        for read in page.reads
        if read.product
    )
    verdicts = await sweep.session.read(_compare, page.reads)
    sweep.seen |= {read.key for read in page.reads} if sweep.dry_run else set()
    _count_odd(sweep, page.reads)
    restated = verdicts.of(Compared.RESTATED)
    if sweep.dry_run:
        sweep.report.restated += len(restated)
        differing = verdicts.of(*DIFFERS)
        for read in page.reads:
            if read.key in differing:
                sweep.report.found(_drift(sweep, read, verdicts))
        return {"products": len(page.reads), "drift": len(differing)}
    wanted = verdicts.of(*DIFFERS, Compared.MOVED, Compared.RESTATED)
    written = await store_products(sweep, [read for read in page.reads if read.key in wanted])
    repaired = [
        read
        for read in page.reads
        if (result := written.results.get(read.key)) is not None and result.written in REPAIRS
    ]
    found = [_drift(sweep, read, verdicts) for read in repaired]
    for drift in found:
        if drift.key not in moved:  # called otherwise, it differs of course
            sweep.report.found(drift)
    sweep.report.repaired += len(repaired)
    sweep.report.restated += len(restated & written.of(Written.UNCHANGED))
    if watches_events:
        await count_missed(sweep, _changes(sweep, repaired, found))
    rare = {"moved": len(moved), UNDECIDED: len(written.undecided)}
    done = {"products": len(page.reads), "repaired": len(repaired)}
    return done | {name: count for name, count in rare.items() if count}


def _count_odd(sweep: Sweep, reads: Sequence[ProductRead]) -> None:
    """Count the products that hold something odd: it costs only itself, and someone should know."""
    for read in reads:
        if read.product is not None and read.product.notes:
            sweep.report.found_odd(read.product.identifier or read.key)


def _changes(
    sweep: Sweep, repaired: Sequence[ProductRead], found: Sequence[FoundDrift]
) -> list[SourceChange]:
    """The repairs of what was saved in the source since the store's state: events tell of those."""
    return [
        SourceChange(read.key, read.product.identifier, at)
        for read, each in zip(repaired, found, strict=True)
        if read.product is not None
        and each.drift in {Drift.MISSING, Drift.OUTDATED}
        and (at := sweep.saved_at(read.product)) is not None
    ]


def _compare(tx: Transaction, reads: Sequence[ProductRead]) -> _Verdicts:
    compared = compare_page(tx, reads)
    differing = [key for key, verdict in compared.items() if verdict in DIFFERS]
    return _Verdicts(compared, read_marks(tx, differing))


async def save_page(
    sweep: Sweep, name: str, page: ProductPage, *, position: str | None, counts: Mapping[str, int]
) -> None:
    """Move the read columns of what was unchanged, and the position: one transaction.

    A held deletion of a product that is seen is withdrawn, as with any write of it.
    """
    session = sweep.session

    def save(tx: Transaction) -> None:
        seen = touch_unchanged(tx, page.reads)
        release_holds(tx, seen=seen, gone=[], cause=session.cause, now=session.now())
        save_position(tx, name=name, holder=sweep.holder, position=position, counts=counts)

    await session.write(save)


def _drift(sweep: Sweep, read: ProductRead, verdicts: _Verdicts) -> FoundDrift:
    product = read.product
    stored = verdicts.marks.get(read.key)
    drift = tell_drift(read, stored, verdicts.compared.get(read.key))
    return FoundDrift(
        drift=drift,
        key=read.key,
        identifier=product.identifier if product else None,
        family=product.family if product else None,
        age=drift_age(drift, sweep.saved_at(product) if product else None, sweep.session.now()),
    )
