"""Looking again at products whose deletion is held, with each delta.

Rights that come back, come back silently; and what looked like a lost right may turn out to be a
deletion: its event has come, or its neighbours were deleted with theirs.
"""

from collections.abc import Sequence

from flows.absence import are_neighbours_missing, list_releasable
from flows.enrich import render_reads
from flows.orphans import confirm_absences
from flows.sweep import Sweep
from flows.threads import in_thread
from flows.writing import write_reads
from pim.by_identifier import is_uuid
from pim.reads import ProductRead
from pim.search import identifier_in, uuid_in
from pim.vocabulary import Identity
from storage.holds import HeldDeletion, list_holds
from storage.products import Written

BATCH = 100
MOST_READ = 200
"""More held deletions that nobody announced wait for a person: each costs a call a delta."""


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


async def _carry_out(sweep: Sweep) -> None:
    """Delete what was announced meanwhile; and the others, if they are few and near none missing.

    Each absence is confirmed by a read of its own, and what is written is decided as at first.
    """
    told, silent = await in_thread(list_releasable, sweep.session)
    if len(silent) > MOST_READ or await are_neighbours_missing(sweep.session, silent):
        silent = []
    keys = [*told, *silent]
    absent: list[ProductRead] = []
    for start in range(0, len(keys), BATCH):
        absent += await confirm_absences(sweep, keys[start : start + BATCH])
    writes, _ = await render_reads(sweep.session, absent)
    written = await write_reads(sweep.session, writes)
    gone = sum(each.written is Written.DELETED for each in written.results.values())
    if gone:
        sweep.report.notes.append(
            f"{gone} held deletions were carried out: they were announced meanwhile, or no product "
            "near them is missing without a word any more"
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
