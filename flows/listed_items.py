"""Storing what a list of the structure, or of the models, has shown."""

from collections.abc import Sequence

from flows.catalog_writing import store_items
from flows.sweep import Sweep
from flows.threads import in_thread
from flows.writing import ROWS_A_TRANSACTION
from pim.reads import ItemRead
from storage.catalog import differing_items


async def store_listed(sweep: Sweep, reads: Sequence[ItemRead]) -> int:
    """Store what was read, and answer how many items differed; a dry run stores none.

    One transaction where nothing differs, else small ones: deliveries get their turn between them.

    Raises:
        SourceError: the source failed while an item was read again.
    """

    def count() -> int:
        with sweep.session.store.read() as tx:
            return differing_items(tx, reads)

    differing = await in_thread(count)
    if sweep.dry_run:
        return differing
    step = ROWS_A_TRANSACTION if differing else max(1, len(reads))
    touched = 0
    for begin in range(0, len(reads), step):
        some = reads[begin : begin + step]
        touched += (await store_items(sweep.session.store, sweep.session.client, some)).touched
    return touched
