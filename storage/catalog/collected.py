"""Collected items: what many items of the mirror say together, under the name of their home.

No row holds one. It is put together as it is loaded, and a change of any of its parts leaves a mark
for whoever uses the whole.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import select

from pim.json_types import JsonObject, JsonValue
from pim.reads import ItemRead
from pim.structure import Reference, labels_of, text_of
from pim.vocabulary import CatalogKind
from storage.catalog.items import ITEM, find_rows
from storage.database import Transaction, read_object
from storage.references import key_of

_OPTIONS = {
    CatalogKind.RECORD_OPTIONS: CatalogKind.REFERENCE_ENTITY_OPTION,
    CatalogKind.ASSET_OPTIONS: CatalogKind.ASSET_OPTION,
}
_WHOLE = {options: whole for whole, options in _OPTIONS.items()}


def load_collected(
    tx: Transaction, kind: CatalogKind, codes: Collection[str]
) -> Iterator[tuple[str, JsonObject]]:
    """Put together each of these, and give it by its casefolded code; there is one for each."""
    wanted = {code.casefold() for code in codes}
    if kind is CatalogKind.CATEGORY_TREE:
        yield from _load_trees(tx, wanted)
    else:
        yield from _load_options(tx, _OPTIONS[kind], wanted)


def _load_trees(tx: Transaction, wanted: set[str]) -> Iterator[tuple[str, JsonObject]]:
    channels: defaultdict[str, list[JsonValue]] = defaultdict(list)
    for _, _, body in _bodies(tx, CatalogKind.CHANNEL):
        shown: JsonObject = {"code": text_of(body, "code"), "labels": labels_of(body)}
        channels[_tree_of(body)].append(shown)
    for code in wanted:
        yield code, {"channels": channels[code]}


def _load_options(
    tx: Transaction, kind: CatalogKind, wanted: set[str]
) -> Iterator[tuple[str, JsonObject]]:
    homes: dict[str, dict[str, JsonObject]] = {code: {} for code in wanted}
    for parent, code, body in _bodies(tx, kind):
        home, _, attribute = parent.rpartition("/")
        if home in homes:
            homes[home].setdefault(attribute, {})[code] = labels_of(body)
    for home, attributes in homes.items():
        yield home, {attribute: {**labels} for attribute, labels in attributes.items()}


def _bodies(tx: Transaction, kind: CatalogKind) -> Iterator[tuple[str, str, JsonObject]]:
    """All items of a kind there are: casefolded parents and codes, and their bodies."""
    there = select(ITEM.c.parent_key, ITEM.c.code_key, ITEM.c.body)
    there = there.where(ITEM.c.kind == kind, ITEM.c.removed.is_(False))
    for row in tx.execute(there.order_by(ITEM.c.parent_key, ITEM.c.code_key)):
        yield row.parent_key, row.code_key, read_object(row.body)


def list_touched(tx: Transaction, reads: Sequence[ItemRead]) -> list[Reference]:
    """List the collected items of which these changed or removed items are, or were, a part.

    Asked before the items are written: a channel that turns to another tree leaves the one it had.
    """
    touched: set[Reference] = set()
    channels: list[Reference] = []
    for read in reads:
        whole = _WHOLE.get(read.reference.kind)
        if whole is not None:
            home, _, _ = read.reference.parent.rpartition("/")
            touched.add(Reference(whole, "", home.casefold()))
        elif read.reference.kind is CatalogKind.CHANNEL:
            channels.append(read.reference)
            touched |= _trees(() if read.item is None else (read.item.body,))
    for _, row in find_rows(tx, map(key_of, channels), ITEM.c.body):
        touched |= _trees((read_object(row.body),))
    return sorted(touched)


def _trees(channels: Iterable[JsonObject]) -> set[Reference]:
    trees = map(_tree_of, channels)
    return {Reference(CatalogKind.CATEGORY_TREE, "", tree) for tree in trees if tree}


def _tree_of(channel: JsonObject) -> str:
    return (text_of(channel, "category_tree") or "").casefold()
