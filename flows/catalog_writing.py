"""Storing what was read of the structure; what overlapping reads disagree on is read again."""

from collections.abc import Sequence

from flows.threads import in_thread
from pim.client import PimClient
from pim.reads import ItemRead
from storage.catalog import ItemsWritten, write_items
from storage.engine import Store

ROUNDS = 5  # a read begun after two that overlapped ends it; more rounds only meet new edits


async def store_items(store: Store, client: PimClient, reads: Sequence[ItemRead]) -> ItemsWritten:
    """Write what was read, unless the store knows better; answer what changed.

    Raises:
        SourceError: the source failed while an item was read again.
    """
    written = await in_thread(store.run, lambda tx: write_items(tx, reads))
    for _ in range(ROUNDS):
        if not written.contended:
            break
        again = [
            await client.read_item(each.kind, each.parent, each.code) for each in written.contended
        ]
        written += await in_thread(store.run, lambda tx, again=again: write_items(tx, again))
    return written
