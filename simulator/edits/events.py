"""What the PIM remembers of a save until it tells a subscriber."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from simulator.shop.model import ProductModel
from simulator.shop.product import Product


class EventAction(StrEnum):
    """The events of this PIM: of products, simple ones and variants, and of product models."""

    CREATED = "product.created"
    UPDATED = "product.updated"
    REMOVED = "product.removed"
    MODEL_CREATED = "product_model.created"
    MODEL_UPDATED = "product_model.updated"
    MODEL_REMOVED = "product_model.removed"


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
    """One event: names its subject, and holds nothing else of it; `at` is in whole seconds.

    A product is named by `uuid` and `identifier`, a product model by `code`.
    """

    event_id: str
    action: EventAction
    uuid: str | None
    identifier: str | None
    at: int
    author: Author
    code: str | None = None

    @property
    def is_removal(self) -> bool:
        """Whether its subject is gone."""
        return self.action in {EventAction.REMOVED, EventAction.MODEL_REMOVED}


def make_event(action: EventAction, product: Product, at: int, author: Author) -> PimEvent:
    """An event about a product, with an id that no other run of the simulator makes again.

    Everything else comes from the seed; a receiver that outlives the simulator would take the
    events of its next run for duplicates.
    """
    return PimEvent(str(uuid4()), action, product.uuid, product.identifier, at, author)


def make_model_event(action: EventAction, model: ProductModel, at: int, author: Author) -> PimEvent:
    """An event about a product model, with an id like those of other events."""
    return PimEvent(str(uuid4()), action, None, None, at, author, model.code)
