"""Sweeping the structure: whole listings, compared by content hash."""

from collections.abc import Sequence
from datetime import datetime

from flows.sweep import Sweep
from flows.threads import in_thread
from pim.errors import SourceForbidden
from pim.search import structure_updated_since
from pim.structure import CatalogItem, Reference, parse_item
from pim.vocabulary import CatalogKind
from storage.catalog import list_codes, list_items, remove_items, write_items

# Their lists know an `updated` filter; channels' does not.
DATED = {CatalogKind.ATTRIBUTE, CatalogKind.FAMILY, CatalogKind.CATEGORY}
SWEPT = (CatalogKind.CHANNEL, CatalogKind.ATTRIBUTE, CatalogKind.FAMILY, CatalogKind.CATEGORY)


async def sweep_structure(sweep: Sweep, kind: CatalogKind, *, since: datetime | None = None) -> str:
    """Bring one kind of structure up to the source; answer in one line what was found.

    `since`: list only what changed after it, where the source has that filter; what is missing
    from such a list says nothing.

    An item that the listing lacks is asked for by its own URL before it is removed. A kind that
    the connection may not read is noted in the report: documents then do without its labels.
    """
    listed: set[str] = set()
    changed = 0
    search = structure_updated_since(since) if since is not None and kind in DATED else None
    try:
        async for items in sweep.session.client.list_items(kind, search=search):
            listed |= {item.code.casefold() for item in items}
            changed += await _store_items(sweep, kind, items)
            sweep.progress(len(listed), None, f"{kind} list")
    except SourceForbidden as error:
        note = f"{kind}: no right to read it, labels are left out ({error})"
        sweep.report.notes.append(note)
        return note
    if search is None:
        changed += await _remove_missing(sweep, kind, listed)
    if changed:
        sweep.report.structure[kind] += changed
    return f"{kind}: {len(listed)} listed, {changed} new, changed or removed"


async def _store_items(sweep: Sweep, kind: CatalogKind, items: Sequence[CatalogItem]) -> int:
    store = sweep.session.store
    if not sweep.dry_run:
        return len(await in_thread(store.run, lambda tx: write_items(tx, items)))

    def differing() -> int:
        with store.read() as tx:
            stored = list_items(tx, kind)
        hashes = {
            code.casefold(): parse_item(kind, "", body).content_hash
            for code, body in stored.items()
        }
        return sum(hashes.get(item.code.casefold()) != item.content_hash for item in items)

    return await in_thread(differing)


async def _remove_missing(sweep: Sweep, kind: CatalogKind, listed: set[str]) -> int:
    """Remove what neither the listing nor the item's own URL shows."""
    store = sweep.session.store

    def stored_codes() -> set[str]:
        with store.read() as tx:
            return list_codes(tx, kind)

    suspects = [c for c in await in_thread(stored_codes) if c.casefold() not in listed]
    gone = [
        Reference(kind, "", code)
        for code in sorted(suspects)
        if await sweep.session.client.read_item(kind, "", code) is None
    ]
    if gone and not sweep.dry_run:
        await in_thread(store.run, lambda tx: remove_items(tx, gone))
    return len(gone)
