"""Saves and removals: what they do to the database, and the events that they raise."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import uuid4

from pim.json_types import JsonObject
from simulator.edits.variants import merge_model, merge_product
from simulator.shop import Entity, Product, ProductModel
from simulator.simulation import Simulation


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
class Save:
    """One save: the state before it and the one after, None where there was or is none.

    `below`: the variants and sub-models that went with a model.
    """

    before: Entity | None = None
    after: Entity | None = None
    below: tuple[Entity, ...] = ()


NO_SAVE = Save()


@dataclass(frozen=True, slots=True)
class PimEvent:
    """One event: names its subject, and holds nothing else of it; `at` is in whole seconds.

    A product is named by `uuid` and `identifier`, a product model by `code`. `save` is what the
    PIM itself knows of the change, and the Events API does not tell.
    """

    event_id: str
    action: EventAction
    uuid: str | None
    identifier: str | None
    at: int
    author: Author
    code: str | None = None
    save: Save = NO_SAVE

    @property
    def is_removal(self) -> bool:
        """Whether its subject is gone."""
        return self.action in {EventAction.REMOVED, EventAction.MODEL_REMOVED}


def make_event(
    action: EventAction, product: Product, at: int, author: Author, save: Save = NO_SAVE
) -> PimEvent:
    """An event about a product, with an id that no other run of the simulator makes again.

    Everything else comes from the seed; a receiver that outlives the simulator would take the
    events of its next run for duplicates.
    """
    names = (product.uuid, product.identifier)
    return PimEvent(str(uuid4()), action, *names, at, author, save=save)


def make_model_event(
    action: EventAction, model: ProductModel, at: int, author: Author, save: Save = NO_SAVE
) -> PimEvent:
    """An event about a product model, with an id like those of other events."""
    return PimEvent(str(uuid4()), action, None, None, at, author, model.code, save)


class Editor:
    """Changes products and models of one PIM; what was done answers its event, nothing None.

    Models tell of themselves alone: what changes or goes with them raises no event.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def change(self, product: Product, changes: JsonObject, author: Author) -> PimEvent | None:
        """Merge changes into a product and save it; a save that changes nothing stays silent.

        Raises:
            ApiError: 422, a property that a product does not have.
            ValueError: another product has the new identifier.
        """
        merged = merge_product(self._simulation, product, changes)
        if merged is product:
            return None
        return self.save(merged, author)

    def save(self, product: Product, author: Author) -> PimEvent:
        """Put the product in the place of its former state, stamped with the PIM's clock."""
        now = self._simulation.now_seconds()
        stamped = replace(product, updated=now)
        before = self._simulation.database.get(product.uuid)
        self._simulation.database.save(stamped)
        return make_event(EventAction.UPDATED, stamped, now, author, Save(before, stamped))

    def create(self, product: Product, author: Author) -> PimEvent:
        """Insert a product that is not there, stamped with the PIM's clock."""
        now = self._simulation.now_seconds()
        values = self._simulation.assortment.values(product)
        stamped = replace(product, created=now, updated=now, values=values)
        self._simulation.database.save(stamped)
        return make_event(EventAction.CREATED, stamped, now, author, Save(None, stamped))

    def remove(self, product: Product, author: Author) -> PimEvent | None:
        """Take a product away."""
        gone = self._simulation.database.remove(product.uuid)
        if gone is None:
            return None
        now = self._simulation.now_seconds()
        return make_event(EventAction.REMOVED, gone, now, author, Save(gone, None))

    def change_model(
        self, model: ProductModel, changes: JsonObject, author: Author
    ) -> PimEvent | None:
        """Merge changes into a model and save it; its variants' instants do not move.

        Raises:
            ApiError: 422, a change that the model cannot have.
        """
        merged = merge_model(self._simulation, model, changes)
        return None if merged is model else self.save_model(merged, author)

    def save_model(self, model: ProductModel, author: Author) -> PimEvent:
        """Put the model in the place of its former state, or insert it, stamped with now."""
        simulation, now = self._simulation, self._simulation.now_seconds()
        known = simulation.database.models.get(model.code)
        stamped = replace(model, created=known.created if known else now, updated=now)
        simulation.database.save_model(stamped)
        action = EventAction.MODEL_UPDATED if known else EventAction.MODEL_CREATED
        return make_model_event(action, stamped, now, author, Save(known, stamped))

    def remove_model(self, model: ProductModel, author: Author) -> PimEvent | None:
        """Take a model away with all that is below it: one event, for the model."""
        database = self._simulation.database
        subs: list[Entity] = [*database.models.subs(model.code)]
        below = (*subs, *database.variants_of(model))
        gone = database.remove_model(model.code)
        if gone is None:
            return None
        now, save = self._simulation.now_seconds(), Save(gone, None, below)
        return make_model_event(EventAction.MODEL_REMOVED, gone, now, author, save)
