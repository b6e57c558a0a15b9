"""What the PIM remembers of a save until it tells a subscriber."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from simulator.shop.product import Product


class EventAction(StrEnum):
    """The product events of this PIM."""

    CREATED = "product.created"
    UPDATED = "product.updated"
    REMOVED = "product.removed"


class AuthorType(StrEnum):
    """Who may be an author; the third is in no documentation, and is sent all the same."""

    UI = "ui"
    API = "api"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Author:
    """Whose save it was."""

    name: str
    type: AuthorType


@dataclass(frozen=True, slots=True)
class PimEvent:
    """One event: names the product, and holds nothing else of it; `at` is in whole seconds."""

    event_id: str
    action: EventAction
    uuid: str
    identifier: str | None
    at: int
    author: Author


def make_event(action: EventAction, product: Product, at: int, author: Author) -> PimEvent:
    """An event about a product, with an id that no other run of the simulator makes again.

    Everything else comes from the seed; a receiver that outlives the simulator would take the
    events of its next run for duplicates.
    """
    return PimEvent(str(uuid4()), action, product.uuid, product.identifier, at, author)
