"""After the structure changed: its users are rendered again, or read again if it was removed."""

from collections.abc import Sequence

from flows.enrich import render_reads
from flows.sweep import Sweep
from flows.threads import in_thread
from flows.writing import write_reads
from pim.ids import ProductKey
from pim.product import SourceProduct, parse_product
from pim.reads import ProductRead
from storage.catalog import (
    Mark,
    StoredRendering,
    finish_mark,
    next_mark,
    read_renderings,
    users_behind,
    write_rendering,
)
from storage.engine import Transaction

BATCH = 25  # rows of one transaction


async def render_again(sweep: Sweep) -> int:
    """Work off the marks that structure changes left; answer how many products were touched.

    Labels come from stored data, without the source. Where an item was removed, the source's own
    answers changed with it: its users are read.
    """
    touched = 0
    while (mark := await in_thread(_next_mark, sweep)) is not None:
        after: ProductKey | None = None
        while keys := await in_thread(_users, sweep, mark, after):
            after = keys[-1]
            await (_read_users if mark.removed else _render_users)(sweep, keys)
            touched += len(keys)
            sweep.progress(touched, None, f"users of {mark.item.kind} {mark.item.code}")
        if not await in_thread(sweep.session.store.run, lambda tx, m=mark: finish_mark(tx, m)):
            # Somebody was written from an older structure meanwhile; the next run sees to it.
            sweep.report.notes.append(f"{mark.item.kind} {mark.item.code}: users are still behind")
            break
    sweep.report.rendered += touched
    return touched


def _next_mark(sweep: Sweep) -> Mark | None:
    with sweep.session.store.read() as tx:
        return next_mark(tx)


def _users(sweep: Sweep, mark: Mark, after: ProductKey | None) -> list[ProductKey]:
    with sweep.session.store.read() as tx:
        return users_behind(tx, mark, after=after, limit=BATCH)


async def _read_users(sweep: Sweep, keys: Sequence[ProductKey]) -> None:
    answers = await sweep.session.client.read_products(keys)
    reads = [answer for answer in answers if isinstance(answer, ProductRead)]
    writes, _ = await render_reads(sweep.session, reads)
    await write_reads(sweep.session, writes)


async def _render_users(sweep: Sweep, keys: Sequence[ProductKey]) -> None:
    stored = await in_thread(_stored, sweep, keys)
    products = {each.key: _product(sweep, each) for each in stored}
    renderings = await sweep.session.catalog.render(list(products.values()))

    def write(tx: Transaction) -> None:
        for each in stored:
            rendering = renderings[each.key]
            write_rendering(
                tx,
                each,
                document=rendering.document,
                catalog_version=rendering.catalog_version,
            )

    await in_thread(sweep.session.store.run, write)


def _stored(sweep: Sweep, keys: Sequence[ProductKey]) -> list[StoredRendering]:
    with sweep.session.store.read() as tx:
        return read_renderings(tx, keys)


def _product(sweep: Sweep, stored: StoredRendering) -> SourceProduct:
    facts = sweep.session.facts
    return parse_product(
        stored.source, identity=facts.identity, main_identifier=facts.main_identifier
    )
