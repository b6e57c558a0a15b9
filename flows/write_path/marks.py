"""Users of what changed: products that refer to it are rendered, or read, again."""

import logging
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from flows.run import Pace, Session, each_apart
from flows.write_path.names import stored_identifiers
from flows.write_path.products import store_reads
from pim.document import TARGETS
from pim.errors import InvalidAnswer
from pim.http import calls_for
from pim.ids import Generation, ProductKey
from pim.json_types import as_text
from pim.product import SourceProduct, parse_product
from pim.reading import PAGE_LIMIT
from pim.structure import Reference
from pim.vocabulary import CallCause, CatalogKind, Identity
from storage import Transaction
from storage.catalog import (
    Mark,
    finish_mark,
    finish_marks,
    has_done_marks,
    list_users_behind,
    open_marks,
)
from storage.database import in_slices
from storage.inbox import count_due_products
from storage.products import (
    StoredRendering,
    list_referred,
    list_referrers,
    read_renderings,
    write_rendering,
)

log = logging.getLogger(__name__)

MARKS = 1000  # taken up at a time
_LISTED_TOGETHER = 50  # marks whose users are listed in one transaction
_POINTED_TO = (*TARGETS.values(), CatalogKind.PARTNER)

ListUsers: TypeAlias = Callable[..., list[list[ProductKey]]]
"""Lists the users of marks that are to be read: a transaction, marks, and `after` which user."""


@dataclass(slots=True)
class MarkReport:
    """What came of the users of changed things: how many were `touched`.

    `behind`: those that were asked for and not written, and why. Their marks stay open, so that the
    next run asks for them again. `held`: those found absent whose deletion waits.
    """

    touched: int = 0
    held: int = 0
    behind: list[tuple[ProductKey, str]] = field(default_factory=list)


async def work_off_marks(session: Session, *, kind: CatalogKind | None = None) -> MarkReport:
    """Bring the users of changed things, of one kind or all, up to date.

    Where a thing was removed, the source's own answers changed with it, without an event: the users
    of all such things are read together. Labels come from stored data, without the source. A mark
    whose users could not all be brought up stays open for the next run.
    """
    kinds = None if kind is None else [kind]
    reading = _Reading(session, _list_users)
    while True:
        marks = await session.read(open_marks, kinds, removed=True, limit=MARKS)
        await reading.read_users(marks, rest=True)
        if await _finish(session, kinds) < len(marks) or len(marks) < MARKS:
            break
    await _render_users(session, kinds, reading.report)
    return reading.report


def _list_users(
    tx: Transaction, marks: Sequence[Mark], *, after: ProductKey | None = None
) -> list[list[ProductKey]]:
    return [list_users_behind(tx, mark, after=after, limit=PAGE_LIMIT) for mark in marks]


async def _finish(session: Session, kinds: Collection[CatalogKind] | None) -> int:
    if not await session.read(has_done_marks, kinds):
        return 0
    return await session.write(finish_marks, kinds)


async def read_referrers(session: Session, generation: Generation) -> None:
    """Read those again whose associations pointed to what was removed or renamed since.

    And those at the other end of a two-way association that was made or ended. While a whole chunk
    is due to this drain, only whole hundreds are read: the others come together with those of the
    chunks to follow. Not those that their own events will have read, nor those whose deletion is
    held; their marks stay open.

    Raises:
        SourceError: the source failed; marks stay open, and the next chunk's call goes on.
    """
    reading = _Reading(session, partial(list_referrers, limit=PAGE_LIMIT))
    while True:
        marks = await session.read(list_referred, _POINTED_TO, limit=MARKS)
        due = await session.read(count_due_products, generation=generation, limit=PAGE_LIMIT)
        await reading.read_users(marks, rest=due < PAGE_LIMIT)
        if await _finish(session, _POINTED_TO) < len(marks) or len(marks) < MARKS:
            break
    for key, why in reading.report.behind:
        log.warning("product %s is not read again: %s", key, why)


@dataclass(slots=True)
class _Reading:
    """Users of removed things, each read once, a hundred with a search."""

    session: Session
    list_users: ListUsers
    report: MarkReport = field(default_factory=MarkReport)
    _tried: set[ProductKey] = field(default_factory=set)
    _waiting: list[ProductKey] = field(default_factory=list)

    async def read_users(self, marks: Sequence[Mark], *, rest: bool) -> None:
        """Read the users of all these marks; `rest`: also what is left after whole hundreds."""
        async for keys in self._pages(marks):
            self._waiting += [key for key in keys if key not in self._tried]
            self._tried |= set(keys)
            while len(self._waiting) >= PAGE_LIMIT:
                await self._read_hundred()
        if self._waiting and rest:
            await self._read_hundred()

    async def _pages(self, marks: Sequence[Mark]) -> AsyncIterator[list[ProductKey]]:
        for some in in_slices(marks, _LISTED_TOGETHER):
            pages = await self.session.read(self.list_users, some)
            for mark, first in zip(some, pages, strict=True):
                keys = first
                while keys:
                    yield keys
                    if len(keys) < PAGE_LIMIT:
                        break
                    (keys,) = await self.session.read(self.list_users, [mark], after=keys[-1])

    async def _read_hundred(self) -> None:
        keys, self._waiting = self._waiting[:PAGE_LIMIT], self._waiting[PAGE_LIMIT:]
        names = await stored_identifiers(self.session, keys)
        with calls_for(CallCause.REFERRER):
            reads = await self.session.client.read_products(keys, identifiers=names)
        written = await store_reads(self.session, reads.read)
        self.report.touched += len(keys)
        self.report.held += len(written.held)
        self.report.behind += [(each.key, str(each.error)) for each in reads.failed]
        self.report.behind += written.unwritten("it is read again with the next run")


async def finish_caught_up(session: Session, kind: CatalogKind, codes: Collection[str]) -> None:
    """Close the marks of these items (codes casefolded) whose users were all read since.

    Nobody waits for such a mark, and `status` would count it as work until a sweep closes it.
    """

    def finish(tx: Transaction) -> None:
        for mark in open_marks(tx, [kind], limit=MARKS):
            if mark.item.code.casefold() in codes:
                finish_mark(tx, mark)

    await session.write(finish)


async def _render_users(
    session: Session, kinds: Collection[CatalogKind] | None, report: MarkReport
) -> None:
    pace = Pace()
    while True:
        marks = await session.read(open_marks, kinds, removed=False, limit=MARKS)
        closed = [await _render_users_of(session, mark, pace, report) for mark in marks]
        if len(marks) < MARKS or not all(closed):
            return


async def _render_users_of(session: Session, mark: Mark, pace: Pace, report: MarkReport) -> bool:
    """Bring up one mark's users; answer whether the mark is closed."""
    after: ProductKey | None = None
    while keys := await session.read(
        list_users_behind, mark, after=after, limit=pace.rows_for(session.store)
    ):
        after = keys[-1]
        await _render(session, keys, pace, name_cause(mark.item))
        report.touched += len(keys)
        await pace.give_way(session.store)
    return await session.write(finish_mark, mark)


def name_cause(item: Reference) -> str:
    """Name what changed, for change rows: `structure family:lamps`, `structure option:hue/red`."""
    parent = f"{item.parent}/" if item.parent else ""
    return f"structure {item.kind}:{parent}{item.code}"


async def _render(session: Session, keys: Sequence[ProductKey], pace: Pace, why: str) -> None:
    cause = replace(session.cause, name=why)
    stored = await session.read(read_renderings, keys)

    async def render(some: Sequence[StoredRendering]) -> None:
        products = [_product(session, each) for each in some]
        renderings = await session.catalog.render(products)

        def write(tx: Transaction) -> None:
            for each in some:
                rendering = renderings[each.key]
                write_rendering(
                    tx,
                    each,
                    document=rendering.document,
                    catalog_version=rendering.catalog_version,
                    cause=cause,
                    now=session.now(),
                )

        await pace.write(session.store, write, rows=len(some))

    async def leave(each: StoredRendering, error: InvalidAnswer) -> None:
        # It keeps the document that it has until the source shows it again.
        log.warning("product %s is not rendered again: %s", each.key, error)

    await each_apart(stored, render, leave, name=lambda each: each.key)


def _product(session: Session, stored: StoredRendering) -> SourceProduct:
    """A stored product as it was read: before the source knew uuids, by its identifier."""
    facts = session.facts
    by_uuid = as_text(stored.source.get("uuid")) is not None
    try:
        product = parse_product(
            stored.source,
            identity=facts.identity if by_uuid else Identity.IDENTIFIER,
            main_identifier=facts.main_identifier,
        )
    except InvalidAnswer as error:  # of what is stored: no news of the source
        raise ValueError(str(error)) from error
    return replace(product, key=stored.key)
