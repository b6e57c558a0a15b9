"""Writing reads: the one path by which drains, sweeps and approvals change products."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from flows.absence import decide_held, hold_doubtful, note_announced
from flows.enrich import render_reads
from flows.session import Session
from flows.threads import in_thread
from pim.errors import SourceError
from pim.ids import ProductKey
from pim.reads import FailedRead
from storage.engine import Transaction
from storage.events import DueEvent
from storage.products import ProductWrite, WriteResult, Written, write_products

ROWS_A_TRANSACTION = 25  # SQLite has one writer: longer transactions make deliveries wait
ROUNDS = 5  # a read that starts after the contended ones ends it; more rounds only meet new edits


SettleSlice: TypeAlias = Callable[[Transaction, Mapping[ProductKey, WriteResult]], None]
"""Settles events in the transaction that wrote their products; FenceLost undoes the slice."""


@dataclass(slots=True)
class WriteReport:
    """What came of a set of writes, by product key."""

    results: dict[ProductKey, WriteResult] = field(default_factory=dict)
    held: set[ProductKey] = field(default_factory=set)
    failed: list[FailedRead] = field(default_factory=list)
    undecided: set[ProductKey] = field(default_factory=set)

    def of(self, written: Written) -> set[ProductKey]:
        """The products of which a write did that."""
        return {key for key, result in self.results.items() if result.written is written}

    @property
    def counts(self) -> Counter[str]:
        """How many products were created, updated and so on."""
        return Counter(result.written.value for result in self.results.values())


def settle_nothing(_tx: Transaction, _results: Mapping[ProductKey, WriteResult]) -> None:
    """For writes that no event asked for."""


async def write_reads(
    session: Session,
    writes: Sequence[ProductWrite],
    *,
    settle: SettleSlice = settle_nothing,
    events: Mapping[ProductKey, tuple[DueEvent, ...]] | None = None,
) -> WriteReport:
    """Write product states in small transactions; read again at once what was contended.

    `undecided` are products that every round found contended: their events stay due.

    Raises:
        FenceLost: another drain took over; what was written stays, nothing more is.
        SourceError: the source failed while a product was read again.
    """
    report = WriteReport()
    pending: Sequence[ProductWrite] = writes
    for _ in range(ROUNDS):
        again = await _write_slices(session, pending, settle, events or {}, report)
        if not again:
            break
        pending = await _read_again(session, again, report)
    else:
        report.undecided |= {write.read.key for write in pending}
    return report


async def _write_slices(
    session: Session,
    writes: Sequence[ProductWrite],
    settle: SettleSlice,
    events: Mapping[ProductKey, tuple[DueEvent, ...]],
    report: WriteReport,
) -> list[ProductWrite]:
    """Write slice by slice; answer the writes whose products must be read again."""
    again: list[ProductWrite] = []
    ordered = await note_announced(session, sorted(writes, key=lambda write: write.read.key))
    doubtful = await decide_held(session, ordered)
    for part in _slices(ordered):
        began = time.monotonic()

        def write_part(
            tx: Transaction, part: Sequence[ProductWrite] = part
        ) -> tuple[dict[ProductKey, WriteResult], set[ProductKey]]:
            held = hold_doubtful(tx, session, part, doubtful, events)
            return _write_slice(tx, session, part, held, settle), held

        results, held = await in_thread(session.store.run, write_part)
        report.held |= held
        for write in part:
            result = results.get(write.read.key)
            if result is None:
                continue
            if result.written in {Written.CONTENDED, Written.REWOUND_SUSPECT}:
                again.append(write)
            else:
                report.results[write.read.key] = result
        if len(ordered) > ROWS_A_TRANSACTION:
            # As long a pause as the transaction took: deliveries get every other turn.
            await asyncio.sleep(time.monotonic() - began)
    return again


def _slices(writes: Sequence[ProductWrite]) -> list[Sequence[ProductWrite]]:
    return [
        writes[start : start + ROWS_A_TRANSACTION]
        for start in range(0, len(writes), ROWS_A_TRANSACTION)
    ]


def _write_slice(
    tx: Transaction,
    session: Session,
    writes: Sequence[ProductWrite],
    held: Collection[ProductKey],
    settle: SettleSlice,
) -> dict[ProductKey, WriteResult]:
    kept = [write for write in writes if write.read.key not in held]
    results = write_products(tx, kept, cause=session.cause, now=session.now())
    settle(tx, results)
    return results


async def _read_again(
    session: Session, writes: Sequence[ProductWrite], report: WriteReport
) -> list[ProductWrite]:
    """Read products once more by their own keys: these reads start after both contenders."""
    again: list[ProductWrite] = []
    for write in writes:
        identifier = write.read.product.identifier if write.read.product else None
        try:
            read = await session.client.read_product(write.read.key, identifier=identifier)
        except SourceError as error:
            if error.source_wide:
                raise
            report.failed.append(FailedRead(write.read.key, error))
            continue
        announced = {write.read.key} if write.announced else set()
        rendered, failed = await render_reads(session, [read], announced=announced, confirmed=True)
        again.extend(rendered)
        report.failed.extend(failed)
    return again
