"""Reconcile of one product, or of a model with its variants, by the name a person knows."""

from collections.abc import Sequence

from flows.sweeps.models import NO_RIGHT
from flows.sweeps.orphans import confirm_absences, delete_absent
from flows.sweeps.pages import sweep_page
from flows.sweeps.report import FoundDrift, drift_age, has_drifted, tell_drift
from flows.sweeps.structure_lists import store_listed
from flows.sweeps.sweep import Sweep
from flows.write_path import find_products, parse_uuid, store_reads
from pim.errors import SourceForbidden, SyncError
from pim.ids import ProductKey
from pim.reading import PAGE_LIMIT
from pim.reads import FailedItem, ItemRead, ProductRead
from pim.search import descendants_of
from pim.vocabulary import CatalogKind, Identity
from storage import Transaction
from storage.catalog import is_model_stored
from storage.products import Below, Compared, Written, compare_page, read_below, read_marks


class UnknownProduct(SyncError):  # noqa: N818 - named like the fact it reports
    """Neither source nor store knows a product or model of this name."""


async def reconcile_key(sweep: Sweep, name: str) -> str:
    """Read one product (uuid or identifier, compared casefolded) and repair it if it differs.

    A product model of this code is read with all that hangs below it. Answers in one line what was
    found.

    Raises:
        UnknownProduct: nobody knows it.
    """
    keys = await find_products(sweep.session, name)
    if await _concerns_model(sweep, name, keys) and await reconcile_model(sweep, name):
        keys = await _of_products(sweep, keys)
    elif not keys:
        raise UnknownProduct(f"neither the PIM nor the store knows a product or model {name!r}")
    for key in keys:
        await _reconcile_one(sweep, key, name)
    return sweep.report.summary()


async def _concerns_model(sweep: Sweep, name: str, keys: Sequence[ProductKey]) -> bool:
    """Whether to look for a model: the mirror has one, or no product that it has is called so."""
    if parse_uuid(name) is not None:
        return False
    is_stored = bool(await sweep.session.read(read_marks, keys))
    return not is_stored or await sweep.session.read(is_model_stored, name)


async def _of_products(sweep: Sweep, keys: Sequence[ProductKey]) -> list[ProductKey]:
    """Without the key that any name is where products are known by their identifiers."""
    stored = await sweep.session.read(read_marks, keys)
    by_uuid = sweep.session.facts.identity is Identity.UUID
    return [key for key in keys if by_uuid or key in stored]


async def _reconcile_one(sweep: Sweep, key: ProductKey, name: str) -> None:
    read = await sweep.session.client.read_product(key, identifier=name)
    stored = (await sweep.session.read(read_marks, [key])).get(key)
    sweep.report.products += 1
    if has_drifted(read, stored) and not await sweep.session.read(_is_restated, read):
        drift, product = tell_drift(read, stored), read.product
        sweep.report.found(
            FoundDrift(
                drift=drift,
                key=key,
                identifier=product.identifier if product else name,
                family=product.family if product else None,
                age=drift_age(drift, product.updated if product else None, sweep.session.now()),
            )
        )
    if sweep.dry_run:
        return
    written = await store_reads(sweep.session, [read], confirmed=True)
    sweep.report.failed += written.unwritten("reconcile it once more")
    sweep.report.held += len(written.held)
    sweep.report.repaired += sum(
        result.written not in {Written.UNCHANGED, Written.OUTDATED, Written.ABSENT}
        for result in written.results.values()
    )


def _is_restated(tx: Transaction, read: ProductRead) -> bool:
    """Whether only the hash's definition differs: a row of before answers were told apart."""
    found = [] if read.product is None else [read]
    return Compared.RESTATED in compare_page(tx, found).values()


async def reconcile_model(sweep: Sweep, code: str) -> bool:
    """Read a model and its descendants, and repair what differs; False: nobody knows the model.

    Raises:
        SourceError: the source failed, or cannot show the model.
    """
    below = await sweep.session.read(read_below, code)
    read = await _read_model(sweep, code)
    is_there = read is not None and read.item is not None
    is_known = is_there or below.variants or await sweep.session.read(is_model_stored, code)
    if not is_known:
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
    for start in range(0, len(keys), PAGE_LIMIT):
        absent += await confirm_absences(sweep, keys[start : start + PAGE_LIMIT])
    sweep.report.products += len(keys)
    await delete_absent(sweep, absent)
    return True


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
