"""Filters of readers: codes as a reader names them, looked up in the mirrored structure."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from pim.document import EVERYTHING, Narrowing
from pim.structure import Reference, text_of
from pim.vocabulary import CatalogKind
from storage.catalog import list_codes, load_snapshot
from storage.database import Transaction
from storage.errors import UnknownCode

_MOST_COMPARED = 5000  # codes that are searched for one that was meant
_MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class ReaderFilter:
    """What a reader wants: of each kind any of the codes, in any case; an empty one wants all.

    A product is in a category if it is in it or below it, and in a channel if it is in the
    channel's category tree.
    """

    channels: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()

    def references(self) -> Iterator[Reference]:
        """Everything that is named."""
        for kind, codes in (
            (CatalogKind.CHANNEL, self.channels),
            (CatalogKind.LOCALE, self.locales),
            (CatalogKind.FAMILY, self.families),
            (CatalogKind.CATEGORY, self.categories),
            (CatalogKind.ATTRIBUTE, self.attributes),
        ):
            yield from (Reference(kind, "", code) for code in codes)


def resolve_filter(tx: Transaction, wanted: ReaderFilter) -> Narrowing:
    """Give the narrowing that a filter means by the structure of this snapshot.

    Raises:
        UnknownCode: nothing that is mirrored is called so, or nothing any more.
    """
    named = list(wanted.references())
    if not named:
        return EVERYTHING
    known = load_snapshot(tx, named)
    for each in named:
        if known.get(*each) is None:
            raise _unknown(tx, each)
    trees = [
        text_of(known.get(CatalogKind.CHANNEL, "", code), "category_tree")
        for code in wanted.channels
    ]
    # A channel without a tree has every product.
    roots = [] if None in trees else [tree for tree in trees if tree]
    return Narrowing(
        channels=_folded(wanted.channels),
        locales=_folded(wanted.locales),
        families=_folded(wanted.families),
        categories=_folded(wanted.categories),
        attributes=_folded(wanted.attributes),
        trees=_folded(roots),
    )


def _folded(codes: tuple[str, ...] | list[str]) -> frozenset[str]:
    return frozenset(code.casefold() for code in codes)


def _unknown(tx: Transaction, named: Reference) -> UnknownCode:
    codes = sorted(list_codes(tx, named.kind))
    near = get_close_matches(named.code, codes, _MOST_NEAR) if len(codes) <= _MOST_COMPARED else []
    if near:
        cure = f"did you mean {' or '.join(map(repr, near))}?"
    elif codes:
        cure = f"name it as the PIM does: one of its {len(codes)} codes"
    else:
        cure = "none is mirrored yet: run `akeneo-sync reconcile --full`"
    return UnknownCode(named.kind, named.code, cure)
