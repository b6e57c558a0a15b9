"""What a store under test must be able to do, in the words of the ordering model."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pim.decision import StoredMark


@dataclass(frozen=True, slots=True)
class State:
    """What the source shows of a product; `updated` in seconds."""

    updated: int
    content: int


@dataclass(frozen=True, slots=True)
class Told:
    """An event; `payload` None: a removal, or a model's event (`model`)."""

    product: int
    payload: int | None
    model: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """One product as read; `state` None: confirmed absent."""

    product: int
    read_from: int
    read_to: int
    state: State | None
    confirmed: bool = False


class Answer(StrEnum):
    """What a shelf says of a write."""

    DONE = "done"
    AGAIN = "again"  # contended
    CONFIRM = "confirm"  # an older `updated`


class Shelf(Protocol):
    """The store under test."""

    def draw(self) -> int:
        """Draw an order number."""
        ...

    def mark(self, product: int) -> StoredMark | None:
        """Read a product's order mark."""
        ...

    def write(self, seen: Seen) -> Answer:
        """Write what a read by key brought."""
        ...

    def sweep(self, page: Sequence[Seen]) -> dict[int, Answer]:
        """Compare a page of found products, touch or write them."""
        ...

    def orphans(self, first_number: int) -> list[int]:
        """List the live products unseen since that number."""
        ...

    def state(self, product: int) -> State | None:
        """Tell what the store shows."""
        ...
