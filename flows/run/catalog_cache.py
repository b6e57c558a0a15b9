"""Mirrored structure as a run sees it: loaded once a version, completed on a miss, stored."""

import logging
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial

from flows.run.pace import Pace
from flows.run.threads import read_in, write_in
from pim.blame import concerns_one_list
from pim.document import CatalogParts, Document, Draft
from pim.errors import SourceError, SourceRequestRefused
from pim.http import calls_for
from pim.ids import ProductKey
from pim.product import SourceProduct
from pim.reading import PAGE_LIMIT, PimClient
from pim.reads import ItemRead
from pim.search import code_in, identifier_in
from pim.structure import Reference
from pim.vocabulary import CallCause, CatalogKind
from storage import Store
from storage.catalog import CatalogSnapshot, ItemsWritten, load_snapshot, write_items
from storage.database import in_slices

log = logging.getLogger(__name__)

LIST_FROM = 5  # from so many misses of one kind, its whole listing costs fewer calls
_MANY = {  # too many to list for a few: asked for by code, which each kind's filter calls its own
    CatalogKind.RECORD: code_in,
    CatalogKind.ASSET: code_in,
    CatalogKind.PRODUCT_MODEL: identifier_in,
}
MOST_STALE = 20  # options read again in one run because a product labels them otherwise
DEEPEST = 20  # ancestors of ancestors: no category tree is deeper; a cycle ends here too

ROUNDS = 5  # a read begun after two that overlapped ends it; more rounds only meet new edits


@dataclass(frozen=True, slots=True)
class Rendering:
    """A document and the version of the catalog it was rendered from."""

    document: Document
    catalog_version: int


class CatalogCache:
    """Renders products; keeps what it loaded as long as the catalog's version stands.

    What the mirror does not know is read from the source once a run, and stored.
    """

    def __init__(self, store: Store, client: PimClient) -> None:
        self._store = store
        self._client = client
        self._snapshot = CatalogSnapshot(version=-1)
        self._parts = CatalogParts(self._snapshot)
        self._wanted: set[Reference] = set()
        self._asked: set[Reference] = set()
        self._stale: set[Reference] = set()

    async def render(
        self, products: Sequence[SourceProduct], *, fresh: bool = False
    ) -> dict[ProductKey, Rendering]:
        """Render products from one snapshot, after completing the mirror where it has gaps.

        `fresh`: they were read just now; options that they label otherwise are read again.

        What cannot be read of the structure costs its labels, and no product.

        Raises:
            SourceError: something is wrong with the source rather than with one of its lists.
        """
        await self._load(())
        drafts = self._draft(products)
        for _ in range(DEEPEST):
            if unloaded := _named(drafts) - self._wanted:
                await self._load(unloaded)
            elif gaps := _missing(drafts) - self._asked:
                await self._fetch(gaps)
                await self._load(gaps)
            else:
                break
            drafts = self._draft_again(drafts)
        if fresh and await self._follow_labels(drafts):
            drafts = self._draft(products)
        version = self._snapshot.version
        return {each.product.key: Rendering(each.render(), version) for each in drafts}

    def _draft(self, products: Sequence[SourceProduct]) -> list[Draft]:
        return [Draft(product, self._parts) for product in products]

    def _draft_again(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Draft again what lacked something, and all where the catalog's version moved."""
        return [
            Draft(each.product, self._parts)
            if each.unknown or each.parts is not self._parts
            else each
            for each in drafts
        ]

    async def _follow_labels(self, drafts: Sequence[Draft]) -> bool:
        """Read the options again whose labels changed; a few a run, the rest is the sweeps'.

        Answers whether any was read.
        """
        stale = set[Reference]().union(*(each.contradicted() for each in drafts))
        left = MOST_STALE - len(self._stale)
        asked = set(sorted(stale - self._asked - self._stale)[: max(0, left)])
        if asked:
            self._stale |= asked
            await self._fetch(asked)
            await self._load(asked)
        return bool(asked)

    async def _load(self, references: Collection[Reference]) -> None:
        """Load what is not in the snapshot yet; all anew if the catalog's version moved."""
        new = set(references) - self._wanted
        loaded = await read_in(self._store, load_snapshot, new)
        if loaded.version == self._snapshot.version:
            items = {**self._snapshot.items, **loaded.items}
            self._snapshot = CatalogSnapshot(version=loaded.version, items=items)
            self._parts.catalog = self._snapshot
        else:
            self._snapshot = await read_in(self._store, load_snapshot, self._wanted | new)
            self._parts = CatalogParts(self._snapshot)
        self._wanted |= new

    async def _fetch(self, references: Collection[Reference]) -> None:
        groups: defaultdict[tuple[CatalogKind, str], list[Reference]] = defaultdict(list)
        for reference in sorted(references):
            groups[reference.kind, reference.parent].append(reference)
        for (kind, parent), group in groups.items():
            try:
                with calls_for(CallCause.LABELS):
                    reads = await self._read_group(kind, parent, group)
                await store_items(self._store, self._client, reads)
            except SourceError as error:
                if not concerns_one_list(error) or not await self._client.answers_now():
                    raise
                log.warning("documents do without the labels of %s: %s", kind, error)
        self._asked |= set(references)
        self._wanted -= set(references)

    async def _read_group(
        self, kind: CatalogKind, parent: str, group: Sequence[Reference]
    ) -> list[ItemRead]:
        if len(group) >= LIST_FROM and self._stale.isdisjoint(group):
            try:
                return await read_listed(self._client, kind, parent, group)
            except SourceRequestRefused as error:  # a PIM before 7 has no filter by code
                log.info("%s items are read one by one: %s", kind, error)
        return [await self._client.read_item(kind, parent, each.code) for each in group]


async def read_listed(
    client: PimClient, kind: CatalogKind, parent: str, wanted: Sequence[Reference]
) -> list[ItemRead]:
    """Read items of one list by listing: those asked for where it has a filter by code, else all.

    What a list does not show is not thereby absent.

    Raises:
        SourceError: of the calls; SourceRequestRefused where the PIM has no filter by code.
    """
    named = _MANY.get(kind)
    if named is None:
        pages = client.list_items(kind, parent or None)
        return [read async for page in pages for read in page.reads]
    searches = [named([each.code for each in some]) for some in in_slices(wanted, PAGE_LIMIT)]
    return [
        read
        for search in searches
        async for page in client.list_items(kind, parent or None, search=search)
        for read in page.reads
    ]


def _named(drafts: Sequence[Draft]) -> set[Reference]:
    return set[Reference]().union(*(each.references for each in drafts))


def _missing(drafts: Sequence[Draft]) -> set[Reference]:
    return set[Reference]().union(*(each.unresolved() for each in drafts))


async def store_items(
    store: Store, client: PimClient, reads: Sequence[ItemRead], *, pace: Pace | None = None
) -> ItemsWritten:
    """Write what was read, unless the store knows better; answer what changed.

    `pace`: measured by it.

    Raises:
        SourceError: the source failed while an item was read again.
    """
    write = partial(write_items, reads=reads)
    written = await (pace or Pace()).write(store, write, rows=len(reads))
    for _ in range(ROUNDS):
        if not written.contended:
            break
        again = [
            await client.read_item(each.kind, each.parent, each.code) for each in written.contended
        ]
        written += await write_in(store, write_items, again)
    return written
