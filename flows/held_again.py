"""Looking again at products whose deletion is held: rights that come back, come back silently."""

from collections.abc import Sequence

from flows.enrich import render_reads
from flows.sweep import Sweep
from flows.threads import in_thread
from flows.writing import write_reads
from pim.by_identifier import is_uuid
from pim.reads import ProductRead
from pim.search import identifier_in, uuid_in
from pim.vocabulary import Identity
from storage.holds import HeldDeletion, list_holds

BATCH = 100


async def look_again_at_held(sweep: Sweep) -> None:
    """Withdraw the held deletions of products that the source shows again, oldest holds first.

    One search for each hundred, as long as it shows any: no single reads, since only what is there
    matters. The rest is left to full sweeps.

    Raises:
        SourceError: the source failed.
    """
    holds = await in_thread(_holds, sweep)
    withdrawn = 0
    for start in range(0, len(holds), BATCH):
        shown = await _search(sweep, holds[start : start + BATCH])
        if not shown:
            break
        writes, _ = await render_reads(sweep.session, shown)
        withdrawn += len((await write_reads(sweep.session, writes)).results)
    if withdrawn:
        sweep.report.notes.append(
            f"{withdrawn} held deletions were withdrawn: the PIM shows their products again"
        )


def _holds(sweep: Sweep) -> list[HeldDeletion]:
    with sweep.session.store.read() as tx:
        return list_holds(tx)


async def _search(sweep: Sweep, holds: Sequence[HeldDeletion]) -> list[ProductRead]:
    by_uuid = sweep.session.facts.identity is Identity.UUID
    # A search by uuid refuses those still stored under their identifiers: full sweeps ask for them.
    named = [hold for hold in holds if is_uuid(hold.key)] if by_uuid else holds
    if not named:
        return []
    names = [hold.key if by_uuid else hold.identifier or hold.key for hold in named]
    search = uuid_in(names) if by_uuid else identifier_in(names)
    wanted = {hold.key for hold in holds}
    pages = sweep.session.client.product_pages(search=search)
    return [read async for page in pages for read in page.reads if read.key in wanted]
