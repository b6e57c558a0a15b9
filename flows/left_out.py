"""Products and models that a sweep had to leave out, each alone: the next sweep looks again.

A delta lists what changed since the watermark, which moves past what could not be read; without
being remembered, such a thing would wait for the next full sweep.
"""

from collections.abc import Iterable

from flows.listed_items import store_listed
from flows.orphans import confirm_absences, delete_absent
from flows.sweep import Sweep
from flows.threads import in_thread
from pim.canonical import dump_json, load_json
from pim.ids import ProductKey
from pim.json_types import texts
from pim.paging import PAGE_LIMIT
from pim.reads import FailedItem
from pim.vocabulary import CatalogKind
from storage.engine import Transaction
from storage.facts import read_fact, save_fact

MOST = 500
"""So many are remembered: of more it is the source that is odd, and full sweeps find them."""

_PRODUCTS, _MODELS = "products left out", "product models left out"


async def look_again_at_products(sweep: Sweep) -> None:
    """Read, by their own keys, the products that the last sweep left out; repair what differs.

    Raises:
        SourceError: the source failed.
    """
    keys = [ProductKey(key) for key in await _known(sweep, _PRODUCTS)]
    for start in range(0, len(keys), PAGE_LIMIT):
        absent = await confirm_absences(sweep, keys[start : start + PAGE_LIMIT])
        await delete_absent(sweep, absent)


async def look_again_at_models(sweep: Sweep) -> None:
    """Read, by their own URLs, the models that the last sweep left out, and store what differs.

    Raises:
        SourceError: the source failed.
    """
    for code in await _known(sweep, _MODELS):
        read = await sweep.session.client.read_model(code)
        if isinstance(read, FailedItem):
            sweep.leave_out_model(code, str(read.error))
        else:
            sweep.report.structure[CatalogKind.PRODUCT_MODEL] += await store_listed(sweep, [read])


async def keep_left_out_products(sweep: Sweep) -> None:
    """Remember, after a sweep of the products, which it left out."""
    await _keep(sweep, _PRODUCTS, sweep.left_out)


async def keep_left_out_models(sweep: Sweep) -> None:
    """Remember, after a sweep of the models, which it left out."""
    await _keep(sweep, _MODELS, sweep.models_left_out)


async def _known(sweep: Sweep, fact: str) -> list[str]:
    def read() -> list[str]:
        with sweep.session.store.read() as tx:
            stored = read_fact(tx, fact)
        return texts(load_json(stored[0])) if stored is not None else []

    return await in_thread(read)


async def _keep(sweep: Sweep, fact: str, names: Iterable[str]) -> None:
    if sweep.dry_run:
        return
    text = dump_json([*sorted(names)[:MOST]])
    now = sweep.session.now()

    def keep(tx: Transaction) -> None:
        stored = read_fact(tx, fact)
        if text != (stored[0] if stored is not None else "[]"):
            save_fact(tx, name=fact, value=text, now=now)

    await in_thread(sweep.session.store.run, keep)
