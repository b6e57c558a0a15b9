"""Descent from a product model: it and all that hangs below it is read, and written.

A variant inherits values, categories and associations, and when its model changes, no event
tells of the variant, whose own `updated` stands still. When a model is deleted, one event
stands for all that went with it.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from flows.drain.enrich import NOT_VISIBLE, tells_of_the_invisible
from flows.drain.settle import settle_together
from flows.run import SEARCH_BY_PARENT, Session, store_items
from flows.write_path import UNDECIDED, SettleSlice, settle_nothing, store_reads
from pim.blame import concerns_one_list
from pim.errors import RouteFails, SourceError, SourceForbidden, SourceRequestRefused
from pim.ids import ProductKey
from pim.reading import PAGE_LIMIT
from pim.reads import FailedItem, FailedRead, ItemRead, ProductRead
from pim.search import descendants_of, sub_models_of
from pim.structure import Reference
from pim.vocabulary import CatalogKind, Outcome
from storage import Transaction
from storage.catalog import read_stored_items
from storage.inbox import DueEvent, Settlement
from storage.products import Below, WriteResult, Written, read_below

FORBIDDEN = "the connection may not read product models (403), so its stored variants were read"
UNREADABLE = "the source does not read product models now, so its variants were read"

_TOUCHED = {Written.CREATED, Written.UPDATED, Written.RESTORED, Written.DELETED}

Tell: TypeAlias = Callable[[Sequence[Settlement]], None]
"""Told of the events that were settled with a page's writes, after these were committed."""


class ModelState(Enum):
    """How the model itself was found."""

    FOUND = auto()
    ABSENT = auto()
    UNREADABLE = auto()
    UNREAD = auto()


@dataclass(slots=True)
class Descent:
    """What came of one model and its subtree; counts are of variants, however many there are.

    `models_read`: the casefolded codes of the model and those below it that were read.
    `troubles` name what could not be read or written, and why: its event is tried again. `notes`
    say what no other try will heal, and what it costs; `unreadable`: why no model can be read;
    `held_before`: the store has known the model, or variants of it. `later`: what failed may pass
    by itself, so that its event waits for it, with no attempt counted.
    """

    code: str
    state: ModelState = ModelState.UNREAD
    models_changed: int = 0
    models_read: set[str] = field(default_factory=set)
    written: Counter[Written] = field(default_factory=Counter)
    seen: set[ProductKey] = field(default_factory=set)
    held: set[ProductKey] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unreadable: str = UNREADABLE
    later: bool = False
    held_before: bool = True

    @property
    def is_changed(self) -> bool:
        """Whether the model, a model below it or a variant is not what it was."""
        return self.models_changed > 0 or any(self.written[each] for each in _TOUCHED)

    def count(self, results: Sequence[WriteResult]) -> None:
        """Count what writes of variants did."""
        self.written.update(result.written for result in results)

    def blame(self, failed: Sequence[FailedRead], undecided: Sequence[ProductKey]) -> None:
        """Note the variants that could not be read or written."""
        self.later |= any(isinstance(each.error, RouteFails) for each in failed)
        self.troubles += [f"variant {each.key}: {each.error}" for each in failed]
        self.troubles += [f"variant {key}: {UNDECIDED}" for key in undecided]


def _known(tx: Transaction, code: str) -> tuple[Below, bool]:
    """What hangs below a model, and whether it or anything below it was ever stored."""
    below = read_below(tx, code)
    model = Reference(CatalogKind.PRODUCT_MODEL, "", code)
    return below, bool(below.models or below.variants or read_stored_items(tx, [model]))


def settle_descent(events: Sequence[DueEvent], descent: Descent) -> list[Settlement]:
    """Settle the events of one model by one descent: the newest tells, the rest are coalesced."""
    is_absent = descent.state is ModelState.ABSENT
    if is_absent and not descent.held_before and tells_of_the_invisible(events):
        reason = NOT_VISIBLE.format(what="product model")
        return [Settlement(event.row_id, Outcome.FILTERED, reason) for event in events]
    return settle_together(events, descent_outcome(descent), describe_descent(descent))


def descent_outcome(descent: Descent) -> Outcome:
    """Name how an event ends whose model was followed to the last of its variants."""
    if descent.state is ModelState.ABSENT:
        return Outcome.GONE
    return Outcome.APPLIED if descent.is_changed else Outcome.UNCHANGED


def describe_descent(descent: Descent) -> str:
    """Say what was read and found: `model read; 12 variants: 11 updated, 1 unchanged`."""
    found = {
        ModelState.FOUND: "model read",
        ModelState.ABSENT: "confirmed: the source does not have the model",
        ModelState.UNREADABLE: descent.unreadable,
        ModelState.UNREAD: "the model could not be read",
    }[descent.state]
    total = sum(descent.written.values())
    parts = [f"{count} {each}" for each, count in sorted(descent.written.items())]
    parts += [f"{len(descent.held)} held"] * bool(descent.held)
    variants = f"{total + len(descent.held)} variant{'s' * (total + len(descent.held) != 1)}"
    told = f"{variants}: {', '.join(parts)}" if parts else "no variants"
    return "; ".join([found, told, *descent.notes])


def tell_nobody(_settlements: Sequence[Settlement]) -> None:
    """For descents that no event asked for."""


class ModelDescent:
    """One pass over a model's subtree; never more than a page of products in memory.

    `announced`: a removed event told of what is found absent. `events` are the variants' own due
    events, settled by `settle` with their reads; `tell` is told of what it settled, page by page.
    """

    def __init__(
        self,
        session: Session,
        code: str,
        *,
        announced: bool = False,
        settle: SettleSlice = settle_nothing,
        events: Mapping[ProductKey, tuple[DueEvent, ...]] | None = None,
        tell: Tell = tell_nobody,
    ) -> None:
        self._session = session
        self._announced = announced
        self._settle = settle
        self._events = events or {}
        self._tell = tell
        self._absent: list[ProductRead] = []
        self._result = Descent(code)

    async def run(self) -> Descent:
        """Read and write the model, the models below it, and every variant.

        Variants are those that the search shows and those that the store knows; what is found
        absent is written last, so that what is held is held as a whole.

        Raises:
            SourceError: something is wrong with the source rather than with one thing of these.
            FenceLost: another drain took over.
        """
        below, self._result.held_before = await self._session.read(_known, self._result.code)
        await self._follow_model(below)
        if self._result.state is not ModelState.ABSENT:
            await self._write_listed()
        await self._write_unlisted(below)
        await self._write(self._absent)
        return self._result

    async def _follow_model(self, below: Below) -> None:
        try:
            read = await self._session.client.read_model(self._result.code)
        except SourceError as error:
            await self._contain(error)
            self._result.state = ModelState.UNREADABLE
            is_right = isinstance(error, SourceForbidden)
            self._result.unreadable = FORBIDDEN if is_right else f"{UNREADABLE} ({error})"
            self._result.later = error.retryable and not isinstance(error, SourceRequestRefused)
            return
        await self._store_models([read])
        if isinstance(read, FailedItem):
            return
        self._result.code = read.reference.code
        self._result.state = ModelState.ABSENT if read.item is None else ModelState.FOUND
        if below.models:
            await self._follow_sub_models(below.models, listed=read.item is not None)

    async def _follow_sub_models(self, codes: Sequence[str], *, listed: bool) -> None:
        """Read the models below: their answers hold the values of the model, too."""
        shown: set[str] = set()
        if listed:
            async for reads in self._sub_model_pages():
                shown |= {read.reference.code.casefold() for read in reads}
                await self._store_models(reads)
        for code in codes:
            if code.casefold() in shown:
                continue
            try:
                read = await self._session.client.read_model(code)
            except SourceError as error:
                await self._contain(error)
                self._result.notes.append(f"model {code}: {error}")
            else:
                await self._store_models([read])

    async def _contain(self, error: SourceError) -> None:
        """Let be what fails while the source reads products: models, or a way of listing.

        Raises:
            SourceError: `error`, where it does not.
        """
        client = self._session.client
        if not concerns_one_list(error) or not await client.reads_products_now():
            raise error

    async def _sub_model_pages(self) -> AsyncIterator[Sequence[ItemRead]]:
        """What a search shows of the models below; nothing where the PIM has no such search."""
        search = sub_models_of(self._result.code)
        try:
            async for page in self._session.client.model_pages(search=search):
                yield page.reads
        except SourceError as error:
            await self._contain(error)  # they are read one by one

    async def _store_models(self, reads: Sequence[ItemRead | FailedItem]) -> None:
        failed = [read for read in reads if isinstance(read, FailedItem)]
        found = [read for read in reads if isinstance(read, ItemRead)]
        written = await store_items(self._session.store, self._session.client, found)
        self._result.models_read |= {read.reference.code.casefold() for read in found}
        self._result.models_changed += written.touched
        self._result.troubles += [f"model {it.reference.code}: {it.error}" for it in failed]
        self._result.troubles += [f"model {it.code}: {UNDECIDED}" for it in written.contended]

    async def _write_listed(self) -> None:
        """Read the variants by search; one that spoils the listing must not hold up the others.

        Where the listing fails while the source reads products, what the store knows of is read
        by key.
        """
        pages = self._session.client.product_pages(search=descendants_of(self._result.code))
        try:
            async for page in pages:
                await self._write(page.reads)
                self._result.seen |= {read.key for read in page.reads}
                self._result.blame(page.failed, [])
        except SourceError as error:
            await self._contain(error)
            self._session.client.refused.note_refused(SEARCH_BY_PARENT, error)
            # No try will heal it: what the store knows is read by key, and a delta finds the rest.
            self._result.notes.append(
                f"new variants cannot be listed, a delta finds them ({error})"
            )
        else:
            self._session.client.refused.note_answered(SEARCH_BY_PARENT)

    async def _write_unlisted(self, below: Below) -> None:
        """Read by key what the store knows and the search did not show: an index lags."""
        names = {key: name for key, name in below.variants.items() if key not in self._result.seen}
        keys = sorted(names)
        for start in range(0, len(keys), PAGE_LIMIT):
            some = keys[start : start + PAGE_LIMIT]
            identifiers = {key: name for key in some if (name := names[key]) is not None}
            reads = await self._session.client.read_products(some, identifiers=identifiers)
            self._result.blame(reads.failed, [])
            self._absent += reads.absent
            await self._write(reads.found)

    async def _write(self, reads: Sequence[ProductRead]) -> None:
        announced = {read.key for read in reads if self._announced or self._is_told(read.key)}
        report = await store_reads(
            self._session, reads, announced=announced, settle=self._settle, events=self._events
        )
        self._result.count(list(report.results.values()))
        self._tell(report.settlements)
        self._result.held |= report.held
        self._result.blame(report.failed, sorted(report.undecided))

    def _is_told(self, key: ProductKey) -> bool:
        return any(event.removed for event in self._events.get(key, ()))
