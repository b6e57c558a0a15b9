"""Reconciling one product, or a model and its variants, by the name a person knows it under."""

from collections.abc import Sequence
from uuid import UUID

from flows.drift import has_drifted, tell_drift
from flows.enrich import render_reads
from flows.model_key import knows_model, reconcile_model
from flows.report import FoundDrift, drift_age
from flows.session import Session
from flows.sweep import Sweep
from flows.threads import in_thread
from flows.writing import write_reads
from pim.decision import StoredMark
from pim.errors import SyncError
from pim.ids import ProductKey
from pim.product import product_key
from pim.reads import FailedRead, ProductRead
from pim.vocabulary import Identity
from storage.products import Written, find_keys, read_marks
from storage.sweep_pages import Compared, compare_page


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
    if _uuid(name) is not None:
        return False
    is_stored = bool(await in_thread(_marks, sweep, keys))
    return not is_stored or await in_thread(knows_model, sweep, name)


async def _of_products(sweep: Sweep, keys: Sequence[ProductKey]) -> list[ProductKey]:
    """Without the key that any name is where products are known by their identifiers."""
    stored = await in_thread(_marks, sweep, keys)
    by_uuid = sweep.session.facts.identity is Identity.UUID
    return [key for key in keys if by_uuid or key in stored]


async def find_products(session: Session, name: str) -> list[ProductKey]:
    """The keys that a name can mean: those stored under it, and whoever has it in the source now.

    Both, since a name changes hands: the store may know only who had it before.

    Raises:
        SourceError: the source was asked who has that identifier, and failed.
    """
    facts = session.facts
    key = product_key(_uuid(name), name, facts.identity)
    if key is not None:
        return [key]

    def stored() -> list[ProductKey]:
        with session.store.read() as tx:
            return [key for keys in find_keys(tx, {name}).values() for key in keys]

    found = await in_thread(stored)
    for read in await session.client.find_products([name]):
        if isinstance(read, FailedRead):
            raise read.error
        found += [read.key] * (read.product is not None)
    return list(dict.fromkeys(found))


def _uuid(name: str) -> str | None:
    try:
        return str(UUID(name))
    except ValueError:
        return None


async def _reconcile_one(sweep: Sweep, key: ProductKey, name: str) -> None:
    read = await sweep.session.client.read_product(key, identifier=name)
    stored = (await in_thread(_marks, sweep, [key])).get(key)
    sweep.report.products += 1
    if has_drifted(read, stored) and not await in_thread(_is_restated, sweep, read):
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
    writes, unrendered = await render_reads(sweep.session, [read], confirmed=True)
    written = await write_reads(sweep.session, writes)
    sweep.report.failed += [(each.key, str(each.error)) for each in [*unrendered, *written.failed]]
    sweep.report.held += len(written.held)
    sweep.report.repaired += sum(
        result.written not in {Written.UNCHANGED, Written.OUTDATED, Written.ABSENT}
        for result in written.results.values()
    )


def _is_restated(sweep: Sweep, read: ProductRead) -> bool:
    """Whether only the hash's definition differs: a row of before answers were told apart."""
    with sweep.session.store.read() as tx:
        found = [] if read.product is None else [read]
        return Compared.RESTATED in compare_page(tx, found).values()


def _marks(sweep: Sweep, keys: Sequence[ProductKey]) -> dict[ProductKey, StoredMark]:
    with sweep.session.store.read() as tx:
        return read_marks(tx, keys)
