"""Which entries of an index a list selects."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from simulator.shop.model import Entity
from simulator.store.index import SearchIndex

Entry = TypeVar("Entry", bound=Entity)


@dataclass(frozen=True, slots=True)
class Selection(Generic[Entry]):
    """The tests that an entry must pass, and the keys that can pass at all (None: any)."""

    predicates: tuple[Callable[[Entry], bool], ...] = ()
    candidates: frozenset[str] | None = None

    def matches(self, entry: Entry) -> bool:
        """Whether the entry is selected."""
        return all(predicate(entry) for predicate in self.predicates)

    def and_also(self, predicate: Callable[[Entry], bool]) -> "Selection[Entry]":
        """This selection, narrowed by one more test."""
        return Selection((*self.predicates, predicate), self.candidates)


def matching_keys(
    index: SearchIndex[Entry], selection: Selection[Entry], after: str | None
) -> Iterator[str]:
    """The selected uuids, or codes, in their order, beginning behind `after`."""
    keys: Sequence[str] = index.keys()
    if selection.candidates is not None:
        keys = sorted(selection.candidates)
    start = 0 if after is None else bisect_right(keys, after)
    for position in range(start, len(keys)):
        entry = index.entry(keys[position])
        if entry is not None and selection.matches(entry):
            yield keys[position]
