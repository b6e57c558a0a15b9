"""Users of what changed: products that refer to it are rendered, or read, again."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from flows.run import Session, each_apart
from flows.write_path.names import stored_identifiers
from flows.write_path.products import ROWS_A_TRANSACTION, store_reads
from pim.document import TARGETS
from pim.errors import InvalidAnswer
from pim.ids import ProductKey
from pim.json_types import as_text
from pim.product import SourceProduct, parse_product
from pim.reading import PAGE_LIMIT
from pim.vocabulary import CatalogKind, Identity
from storage import Transaction
from storage.catalog import Mark, finish_mark, list_users_behind, open_marks
from storage.products import StoredRendering, read_renderings, write_rendering

log = logging.getLogger(__name__)

MARKS = 1000  # taken up at a time


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
    """Bring the users of changed things up to date.

    Labels come from stored data, without the source. Where a thing was removed, the source's own
    answers changed with it, without an event: its users are read. A mark whose users could not all
    be brought up stays open for the next run.
    """
    report = MarkReport()
    while True:
        marks = await session.read(open_marks, kind=kind, limit=MARKS)
        closed = [await _work_off(session, mark, report) for mark in marks]
        if len(marks) < MARKS or not all(closed):
            return report


async def _work_off(session: Session, mark: Mark, report: MarkReport) -> bool:
    """Bring up one mark's users; answer whether the mark is closed."""
    after: ProductKey | None = None
    limit = PAGE_LIMIT if mark.removed else ROWS_A_TRANSACTION
    while keys := await session.read(list_users_behind, mark, after=after, limit=limit):
        after = keys[-1]
        if mark.removed:
            await _read_users(session, keys, report)
        else:
            await _render_users(session, keys)
        report.touched += len(keys)
    return await session.write(finish_mark, mark)


async def finish_caught_up(session: Session, kind: CatalogKind, codes: Collection[str]) -> None:
    """Close the marks of these items (codes casefolded) whose users were all read since.

    Nobody waits for such a mark, and `status` would count it as work until a sweep closes it.
    """

    def finish(tx: Transaction) -> None:
        for mark in open_marks(tx, kind=kind, limit=MARKS):
            if mark.item.code.casefold() in codes:
                finish_mark(tx, mark)

    await session.write(finish)


async def read_referrers(session: Session) -> None:
    """Read those again whose associations pointed to what was removed or renamed since.

    And those at the other end of a two-way association that was made or ended.
    """
    for kind in (*TARGETS.values(), CatalogKind.PARTNER):
        report = await work_off_marks(session, kind=kind)
        for key, why in report.behind:
            log.warning("product %s is not read again: %s", key, why)


async def _read_users(session: Session, keys: Sequence[ProductKey], report: MarkReport) -> None:
    names = await stored_identifiers(session, keys)
    reads = await session.client.read_products(keys, identifiers=names)
    written = await store_reads(session, reads.read)
    report.held += len(written.held)
    report.behind += [(each.key, str(each.error)) for each in reads.failed]
    report.behind += written.unwritten("it is read again with the next run")


async def _render_users(session: Session, keys: Sequence[ProductKey]) -> None:
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
                )

        await session.write(write)

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
