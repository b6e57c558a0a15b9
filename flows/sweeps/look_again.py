"""Things that sweeps look at again: what they left out, and deletions that are held.

A delta lists what changed since the watermark, which moves past what could not be read;
without being remembered, such a thing would wait for the next full sweep. Rights that come
back raise no event; and what looked like a lost right may turn out to be a deletion: its
event has come, or its neighbours were deleted with theirs.
"""

from collections.abc import Iterable, Sequence

from flows.sweeps.orphans import confirm_absences, delete_absent
from flows.sweeps.structure_lists import store_listed
from flows.sweeps.sweep import Sweep, store_products
from flows.write_path import are_neighbours_missing, list_releasable
from pim.canonical import dump_json, load_json
from pim.ids import ProductKey
from pim.json_types import texts
from pim.product import is_uuid
from pim.reading import PAGE_LIMIT
from pim.reads import FailedItem, ProductRead
from pim.search import name_of, products_named
from pim.vocabulary import CatalogKind, Identity
from storage import Transaction
from storage.products import HeldDeletion, Written, list_holds
from storage.state import read_fact, save_fact

MOST = 500
"""So many are remembered: of more it is the source that is odd, and full sweeps find them."""

_PRODUCTS, _MODELS = "products left out", "product models left out"

MOST_READ = 200
"""More held deletions that nobody announced wait for a person: each costs a call a delta."""


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
    stored = await sweep.session.read(read_fact, fact)
    return texts(load_json(stored[0])) if stored is not None else []


async def _keep(sweep: Sweep, fact: str, names: Iterable[str]) -> None:
    if sweep.dry_run:
        return
    text = dump_json([*sorted(names)[:MOST]])
    now = sweep.session.now()

    def keep(tx: Transaction) -> None:
        stored = read_fact(tx, fact)
        if text != (stored[0] if stored is not None else "[]"):
            save_fact(tx, name=fact, value=text, now=now)

    await sweep.session.write(keep)


async def look_again_at_held(sweep: Sweep) -> None:
    """Withdraw the held deletions of products that the source shows again; decide the rest anew.

    Oldest holds first: one search for each hundred, as long as it shows any. Of what is not shown,
    those are read by their own keys that may go by the rule by which they were held.

    Raises:
        SourceError: the source failed.
    """
    await _withdraw_shown(sweep)
    await _carry_out(sweep)


async def _withdraw_shown(sweep: Sweep) -> None:
    holds = await sweep.session.read(list_holds)
    withdrawn = 0
    for start in range(0, len(holds), PAGE_LIMIT):
        shown = await _search(sweep, holds[start : start + PAGE_LIMIT])
        if not shown:
            break
        withdrawn += len((await store_products(sweep, shown)).results)
    if withdrawn:
        sweep.report.notes.append(
            f"{withdrawn} held deletions were withdrawn: the PIM shows their products again"
        )


async def _carry_out(sweep: Sweep) -> None:
    """Delete what was announced meanwhile; and the others, if they are few and near none missing.

    Each absence is confirmed by a read of its own, and what is written is decided as at first.
    """
    told, silent = await list_releasable(sweep.session)
    if len(silent) > MOST_READ or await are_neighbours_missing(sweep.session, silent):
        silent = []
    keys = [*told, *silent]
    absent: list[ProductRead] = []
    for start in range(0, len(keys), PAGE_LIMIT):
        absent += await confirm_absences(sweep, keys[start : start + PAGE_LIMIT])
    written = await store_products(sweep, absent)
    gone = sum(each.written is Written.DELETED for each in written.results.values())
    if gone:
        sweep.report.notes.append(
            f"{gone} held deletions were carried out: they were announced meanwhile, or no product "
            "near them is missing without a word any more"
        )


async def _search(sweep: Sweep, holds: Sequence[HeldDeletion]) -> list[ProductRead]:
    identity = sweep.session.facts.identity
    # A search by uuid refuses those still stored under their identifiers: full sweeps ask for them.
    named = [hold for hold in holds if is_uuid(hold.key) or identity is Identity.IDENTIFIER]
    if not named:
        return []
    names = [name_of(hold.key, hold.identifier, identity) for hold in named]
    wanted = {hold.key for hold in holds}
    pages = sweep.session.client.product_pages(search=products_named(names, identity))
    return [read async for page in pages for read in page.reads if read.key in wanted]
