"""Lists of the structure: those that a sweep walks, and storing what they have shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from flows.run import Pace, store_items
from flows.sweeps.sweep import Sweep
from pim.errors import SourceError, SourceForbidden, SourceNotFound, SourceUnexpectedNotFound
from pim.reading import PAGE_LIMIT
from pim.reads import ItemRead
from pim.structure import PARENT_KINDS, join_parent, text_of
from pim.vocabulary import CatalogKind
from storage import Transaction
from storage.catalog import count_differing_items, list_codes, list_items
from storage.state import Listing, read_fact, read_listings, save_fact

SWEPT = (
    CatalogKind.CHANNEL,
    CatalogKind.LOCALE,
    CatalogKind.CURRENCY,
    CatalogKind.MEASUREMENT_FAMILY,
    CatalogKind.ASSOCIATION_TYPE,
    CatalogKind.ATTRIBUTE_GROUP,
    CatalogKind.ATTRIBUTE,
    CatalogKind.OPTION,
    CatalogKind.FAMILY,
    CatalogKind.FAMILY_VARIANT,
    CatalogKind.CATEGORY,
    CatalogKind.REFERENCE_ENTITY,
    CatalogKind.REFERENCE_ENTITY_ATTRIBUTE,
    CatalogKind.REFERENCE_ENTITY_OPTION,
    CatalogKind.RECORD,
    CatalogKind.ASSET_FAMILY,
    CatalogKind.ASSET_ATTRIBUTE,
    CatalogKind.ASSET_OPTION,
    CatalogKind.ASSET,
)
"""In this order: a list that lives in another item comes after it."""

DATED = frozenset(
    {
        *(CatalogKind.ATTRIBUTE, CatalogKind.ATTRIBUTE_GROUP, CatalogKind.FAMILY),
        *(CatalogKind.CATEGORY, CatalogKind.RECORD, CatalogKind.ASSET),
    }
)
"""Their lists know an `updated` filter."""

ONLY_FULL = frozenset({CatalogKind.FAMILY_VARIANT})
"""One list a family, no filter, and no word of any document: a delta leaves them out."""

OPTIONAL = (CatalogKind.REFERENCE_ENTITY, CatalogKind.ASSET_FAMILY)
"""A Community Edition has none."""

OPTION_CALLS = 10
"""What a delta spends on option lists, which know no filter: the longest unread come first."""

TURNS = MappingProxyType(
    {
        CatalogKind.OPTION: OPTION_CALLS,
        CatalogKind.REFERENCE_ENTITY_ATTRIBUTE: 2,
        CatalogKind.REFERENCE_ENTITY_OPTION: 2,
        CatalogKind.ASSET_ATTRIBUTE: 2,
        CatalogKind.ASSET_OPTION: 2,
    }
)
"""Kinds of many lists without a filter, and the calls that a delta spends on each."""

LOOK_AGAIN = timedelta(hours=20)
"""Less than a day, so that each night's full sweep looks whether the edition has changed."""

_THERE = "there"
_SAID = {
    "absent": "not in this PIM (a Community Edition has none)",
    "forbidden": "no right to read them, or not in this PIM (a Community Edition has none)",
}
_WITH_OPTIONS = frozenset(
    {
        *("pim_catalog_simpleselect", "pim_catalog_multiselect"),
        *("single_option", "multiple_options"),  # of records and assets
    }
)


@dataclass(frozen=True, slots=True)
class StructureList:
    """One list of the source; `name` is what its sweep and watermark go by."""

    kind: CatalogKind
    parent: str = ""

    @property
    def name(self) -> str:
        """`family`, or `option:colour`."""
        return f"{self.kind}:{self.parent.casefold()}" if self.parent else str(self.kind)


async def find_lists(sweep: Sweep, kind: CatalogKind, *, whole: bool) -> list[StructureList]:
    """The lists of a kind that this sweep walks."""

    def find(tx: Transaction) -> list[StructureList]:
        parents = _parents(tx, kind)
        lists = [StructureList(kind, parent) for parent in parents]
        if whole or kind not in TURNS:
            return lists
        return choose_unread(lists, read_listings(tx, f"{kind}:"), TURNS[kind])

    return await sweep.session.read(find)


def choose_unread(
    lists: Sequence[StructureList], known: Mapping[str, Listing], calls: int = OPTION_CALLS
) -> list[StructureList]:
    """Choose the lists that were not read for longest, as many as these calls allow: pure.

    What alone takes more calls is left to full sweeps.
    """

    def last_read(each: StructureList) -> float:
        listing = known.get(each.name)
        return 0 if listing is None else listing.finished_at.timestamp()

    chosen: list[StructureList] = []
    left = calls
    for each in sorted(lists, key=lambda each: (last_read(each), each.name)):
        listing = known.get(each.name)
        pages = 1 if listing is None else listing.listed // PAGE_LIMIT + 1
        if pages <= left:
            chosen.append(each)
            left -= pages
    return chosen


def _parents(tx: Transaction, kind: CatalogKind) -> list[str]:
    above = PARENT_KINDS.get(kind)
    if above is None:
        return [""]
    homes = PARENT_KINDS.get(above)
    if homes is not None:
        return [
            join_parent(home, code)
            for home in sorted(list_codes(tx, homes))
            for code in _with_options(tx, above, home)
        ]
    return (
        _with_options(tx, above)
        if above is CatalogKind.ATTRIBUTE
        else sorted(list_codes(tx, above))
    )


def _with_options(tx: Transaction, kind: CatalogKind, home: str | None = None) -> list[str]:
    """The attributes that have options."""
    attributes = list_items(tx, kind, home)
    return sorted(
        code for code, body in attributes.items() if text_of(body, "type") in _WITH_OPTIONS
    )


async def is_swept(sweep: Sweep, kind: CatalogKind, *, whole: bool) -> bool:
    """Whether there is anything of this kind to ask for, as far as is known without a call."""
    if kind in ONLY_FULL and not whole:
        return False

    def judge(tx: Transaction) -> bool:
        above = PARENT_KINDS.get(kind)
        if above in OPTIONAL or above in PARENT_KINDS:
            return bool(list_codes(tx, above) or list_codes(tx, kind))
        fact = read_fact(tx, _fact_of(kind)) if kind in OPTIONAL else None
        if fact is None or fact[0] == _THERE:
            return True
        return whole and sweep.session.now() - fact[1] >= LOOK_AGAIN

    return await sweep.session.read(judge)


async def note_lacking(sweep: Sweep, kind: CatalogKind, error: SourceError) -> str | None:
    """Remember that this source has no such list; None if the error says nothing of the kind.

    A source that has shown such items before does not lack them: then something else is wrong.
    """
    absent = isinstance(error, SourceNotFound | SourceUnexpectedNotFound)
    if kind not in OPTIONAL or not (absent or isinstance(error, SourceForbidden)):
        return None
    value = "absent" if absent else "forbidden"
    now = sweep.session.now()

    def note(tx: Transaction) -> bool:
        if list_codes(tx, kind):
            return False
        save_fact(tx, name=_fact_of(kind), value=value, now=now)
        return True

    if sweep.dry_run:
        lacks = not await sweep.session.read(list_codes, kind)
    else:
        lacks = await sweep.session.write(note)
    words = str(kind).replace("_", " ")
    return f"{words}: {_SAID[value]}; asked for again once a day" if lacks else None


async def note_there(sweep: Sweep, kind: CatalogKind) -> None:
    """Forget that the source lacked this list: it has just been read."""
    now = sweep.session.now()

    def note(tx: Transaction) -> None:
        fact = read_fact(tx, _fact_of(kind))
        if fact is not None and fact[0] != _THERE:
            save_fact(tx, name=_fact_of(kind), value=_THERE, now=now)

    if kind in OPTIONAL:
        await sweep.session.write(note)


def _fact_of(kind: CatalogKind) -> str:
    return f"list {kind}"


async def store_listed(sweep: Sweep, reads: Sequence[ItemRead]) -> int:
    """Store what was read, and answer how many items differed; a dry run stores none.

    One transaction where nothing differs, else small ones: deliveries get their turn between them.

    Raises:
        SourceError: the source failed while an item was read again.
    """
    differing = await sweep.session.read(count_differing_items, reads)
    if sweep.dry_run:
        return differing
    store, client = sweep.session.store, sweep.session.client
    if not differing:
        return (await store_items(store, client, reads)).touched
    touched, pace = 0, Pace()
    async for some in pace.slices(store, reads):
        touched += (await store_items(store, client, some, pace=pace)).touched
    return touched
