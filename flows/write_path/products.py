"""The write path of products: drains, sweeps and approvals render and write by it alone."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from flows.run import ROUNDS, Session, each_apart
from flows.write_path.absence import decide_held, hold_doubtful, note_announced
from pim.errors import InvalidAnswer, SourceError, SyncError
from pim.http import calls_for
from pim.ids import ProductKey
from pim.product import SourceProduct
from pim.reads import FailedRead, ProductRead
from pim.vocabulary import CallCause
from storage import Transaction
from storage.inbox import DueEvent, Settlement
from storage.products import ProductWrite, WriteResult, Written, write_products

UNDECIDED = "its reads kept overlapping with other writes"

SettleSlice: TypeAlias = Callable[
    [Transaction, Mapping[ProductKey, WriteResult]], Sequence[Settlement]
]
"""Settles events in the transaction that wrote their products, and answers how each ended.

FenceLost undoes the slice.
"""


@dataclass(slots=True)
class WriteReport:
    """What came of a set of reads, by product key.

    `failed`: what could not be rendered, written or read again. `undecided`: what every round found
    contended. `settlements`: how the events ended that were settled together with the writes.
    """

    results: dict[ProductKey, WriteResult] = field(default_factory=dict)
    held: set[ProductKey] = field(default_factory=set)
    failed: list[FailedRead] = field(default_factory=list)
    undecided: set[ProductKey] = field(default_factory=set)
    settlements: list[Settlement] = field(default_factory=list)

    def of(self, written: Written) -> set[ProductKey]:
        """The products of which a write did that."""
        return {key for key, result in self.results.items() if result.written is written}

    @property
    def counts(self) -> Counter[str]:
        """How many products were created, updated and so on."""
        return Counter(result.written.value for result in self.results.values())

    def unwritten(self, then: str) -> list[tuple[ProductKey, str]]:
        """Whatever was neither written nor held, and why; `then`: what becomes of the undecided."""
        failed = [(each.key, str(each.error)) for each in self.failed]
        return failed + [(key, f"{UNDECIDED}; {then}") for key in sorted(self.undecided)]


def settle_nothing(
    _tx: Transaction, _results: Mapping[ProductKey, WriteResult]
) -> Sequence[Settlement]:
    """For writes that no event asked for."""
    return ()


async def store_reads(
    session: Session,
    reads: Sequence[ProductRead],
    *,
    announced: Collection[ProductKey] = frozenset(),
    confirmed: bool = False,
    settle: SettleSlice = settle_nothing,
    events: Mapping[ProductKey, tuple[DueEvent, ...]] | None = None,
) -> WriteReport:
    """Render what was read and write it; one report tells what came of each product.

    Raises:
        FenceLost: another drain took over; what was written stays, nothing more is.
        SourceError: the source failed while something was read for the documents, or again.
    """
    writes, unrendered = await render_reads(
        session, reads, announced=announced, confirmed=confirmed
    )
    report = await write_reads(session, writes, settle=settle, events=events)
    report.failed[:0] = unrendered
    return report


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
    writer = _Writer(session, settle, events or {})
    pending: Sequence[ProductWrite] = writes
    for _ in range(ROUNDS):
        again = await writer.write(pending)
        if not again:
            break
        pending = await writer.read_again(again)
    else:
        writer.report.undecided |= {write.read.key for write in pending}
    return writer.report


@dataclass(slots=True)
class _Writer:
    """One set of writes on its way into the store."""

    session: Session
    settle: SettleSlice
    events: Mapping[ProductKey, tuple[DueEvent, ...]]
    report: WriteReport = field(default_factory=WriteReport)

    async def write(self, writes: Sequence[ProductWrite]) -> list[ProductWrite]:
        """Write slice by slice; answer the writes whose products must be read again."""
        again: list[ProductWrite] = []
        in_order = sorted(writes, key=lambda write: write.read.key)
        ordered = await note_announced(self.session, in_order)
        doubtful = await decide_held(self.session, ordered)

        async def write_some(some: Sequence[ProductWrite]) -> None:
            again.extend(await self._write_slice(some, doubtful))

        async def fail(write: ProductWrite, error: InvalidAnswer) -> None:
            self.report.failed.append(FailedRead(write.read.key, error))

        async for part in self.session.pace.slices(self.session.store, ordered):
            await each_apart(part, write_some, fail, name=lambda write: write.read.key)
        return again

    async def _write_slice(
        self, part: Sequence[ProductWrite], doubtful: Collection[ProductKey]
    ) -> list[ProductWrite]:
        session = self.session

        def write(
            tx: Transaction,
        ) -> tuple[dict[ProductKey, WriteResult], set[ProductKey], Sequence[Settlement]]:
            held = hold_doubtful(tx, session, part, doubtful, self.events)
            kept = [write for write in part if write.read.key not in held]
            results = write_products(tx, kept, cause=session.cause, now=session.now())
            return results, held, self.settle(tx, results)

        results, held, settlements = await session.pace.write(session.store, write, rows=len(part))
        self.report.held |= held
        self.report.settlements += settlements
        again = {
            key
            for key, result in results.items()
            if result.written in {Written.CONTENDED, Written.REWOUND_SUSPECT}
        }
        self.report.results |= {key: it for key, it in results.items() if key not in again}
        return [write for write in part if write.read.key in again]

    async def read_again(self, writes: Sequence[ProductWrite]) -> list[ProductWrite]:
        """Read products once more by their own URLs: these reads start after both contenders."""
        again: list[ProductWrite] = []
        for write in writes:
            identifier = write.read.product.identifier if write.read.product else None
            names = None if identifier is None else {write.read.key: identifier}
            with calls_for(CallCause.AGAIN):
                reads = await self.session.client.read_alone([write.read.key], identifiers=names)
            announced = {write.read.key} if write.announced else set()
            rendered, unrendered = await render_reads(
                self.session, reads.read, announced=announced, confirmed=True
            )
            again.extend(rendered)
            self.report.failed += [*reads.failed, *unrendered]
        return again


async def render_reads(
    session: Session,
    reads: Sequence[ProductRead],
    *,
    announced: Collection[ProductKey] = frozenset(),
    confirmed: bool = False,
) -> tuple[list[ProductWrite], list[FailedRead]]:
    """Join reads with the structure; a product that cannot be rendered fails alone."""
    products = [read.product for read in reads if read.product is not None]
    unrendered: list[FailedRead] = []
    try:
        renderings = await session.catalog.render(products, fresh=True)
    except SyncError:
        raise
    except Exception:  # noqa: BLE001 - odd data in one product: find out whose it is
        renderings = {}
        for product in products:
            try:
                renderings |= await session.catalog.render([product], fresh=True)
            except SyncError:
                raise
            except Exception as error:  # noqa: BLE001 - told with the product, which is put off
                unrendered.append(FailedRead(product.key, _unrenderable(product, error)))
    failed = {failure.key for failure in unrendered}
    writes = [
        ProductWrite(
            read=read,
            document=renderings[read.key].document if read.product else None,
            catalog_version=renderings[read.key].catalog_version if read.product else 0,
            confirmed=confirmed,
            announced=read.key in announced,
        )
        for read in reads
        if read.key not in failed
    ]
    return writes, unrendered


def _unrenderable(product: SourceProduct, error: Exception) -> SourceError:
    name = product.identifier or product.key
    return InvalidAnswer(f"product {name} has data of a shape that cannot be rendered: {error!r}")
