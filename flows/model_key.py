"""Reconciling one product model by its code, with all that hangs below it."""

from collections.abc import Sequence

from flows.listed_items import store_listed
from flows.orphans import confirm_absences, delete_absent
from flows.page_sweep import sweep_page
from flows.sweep import Sweep
from flows.sweep_models import NO_RIGHT
from flows.threads import in_thread
from pim.errors import SourceForbidden
from pim.reads import FailedItem, ItemRead, ProductRead
from pim.search import descendants_of
from pim.vocabulary import CatalogKind
from storage.lineage import Below, is_model_stored, read_below

BATCH = 100


async def reconcile_model(sweep: Sweep, code: str) -> bool:
    """Read a model and its descendants, and repair what differs; False: nobody knows the model.

    Raises:
        SourceError: the source failed, or cannot show the model.
    """
    below = await in_thread(_read_below, sweep, code)
    read = await _read_model(sweep, code)
    is_there = read is not None and read.item is not None
    if not is_there and not below.variants and not await in_thread(knows_model, sweep, code):
        return False
    await _store(sweep, [] if read is None else [read], below)
    seen: set[str] = set()
    if is_there or read is None:
        async for page in sweep.session.client.product_pages(search=descendants_of(code)):
            await sweep_page(sweep, page)
            sweep.report.products += len(page.reads)
            sweep.report.failed += [(each.key, str(each.error)) for each in page.failed]
            seen |= {each.key for each in page.reads}
    keys = sorted(key for key in below.variants if key not in seen)
    absent: list[ProductRead] = []
    for start in range(0, len(keys), BATCH):
        absent += await confirm_absences(sweep, keys[start : start + BATCH])
    sweep.report.products += len(keys)
    await delete_absent(sweep, absent)
    return True


def knows_model(sweep: Sweep, code: str) -> bool:
    """Whether the mirror has a model of this code."""
    with sweep.session.store.read() as tx:
        return is_model_stored(tx, code)


def _read_below(sweep: Sweep, code: str) -> Below:
    with sweep.session.store.read() as tx:
        return read_below(tx, code)


async def _read_model(sweep: Sweep, code: str) -> ItemRead | None:
    """The model as it is now; None where the connection may not read models."""
    try:
        read = await sweep.session.client.read_model(code)
    except SourceForbidden as error:
        sweep.report.notes.append(NO_RIGHT.format(error=error))
        return None
    if isinstance(read, FailedItem):
        raise read.error
    return read


async def _store(sweep: Sweep, reads: Sequence[ItemRead], below: Below) -> None:
    """Compare, and store, the model and the models below it."""
    if not reads:
        return
    lower = [await _read_model(sweep, code) for code in below.models]
    changed = await store_listed(sweep, [*reads, *filter(None, lower)])
    if changed:
        sweep.report.structure[CatalogKind.PRODUCT_MODEL] += changed
