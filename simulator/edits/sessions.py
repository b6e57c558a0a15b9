"""Sessions of edits: who saves, how much at once, and what becomes of it."""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from simulator.edits.editor import Author, AuthorType, Editor, PimEvent
from simulator.edits.item_events import AnyEvent, ItemEvent
from simulator.edits.model_operations import (
    change_variant,
    is_of_models,
    operate_on_models,
)
from simulator.edits.operations import change_product, create_product, recreate_product
from simulator.edits.thing_operations import (
    change_extra,
    change_model_extra,
    is_of_extras,
    is_of_things,
    operate_on_things,
)
from simulator.shop import Product
from simulator.simulation import Simulation

PEOPLE: tuple[Author, ...] = (
    Author("julia", AuthorType.UI),
    Author("mary", AuthorType.UI),
    Author("ole.brandt", AuthorType.UI),
)
SYSTEMS: tuple[Author, ...] = (
    Author("erp_0042", AuthorType.API),
    Author("import_nightly", AuthorType.SYSTEM),
)
MOST_AT_ONCE = 10

ProductChange: TypeAlias = Callable[[random.Random, Simulation, Product, Author], PimEvent | None]

# Shares among operations; the rest are changes.
_CREATED = 0.05
_REMOVED = 0.05
_RECREATED = 0.02
_BY_A_SYSTEM = 0.4
# An editor saves the same product again before anybody else does.
_SAME_AGAIN = 0.15


class Saved(NamedTuple):
    """One save: how many operations it had, and the events they raised.

    Those of `items` are told by the Event Platform alone.
    """

    operations: int
    events: list[PimEvent]
    items: list[ItemEvent]


class EditSessions:
    """Draws saves from `rng`: one product by a person, or up to ten at once by a system.

    `most` given: every save is by a system and holds that many operations.
    """

    def __init__(self, simulation: Simulation, rng: random.Random, most: int | None = None) -> None:
        self._simulation = simulation
        self._rng = rng
        self._most = most
        self._last: str | None = None

    def save(self, at_most: int = MOST_AT_ONCE) -> Saved:
        """Perform the next save; an operation that happens to change nothing raises no event."""
        author, size = self._draw_session()
        size = min(size, at_most)
        raised = [event for _ in range(size) for event in self._operate(author)]
        items = [event for event in raised if isinstance(event, ItemEvent)]
        return Saved(size, [event for event in raised if isinstance(event, PimEvent)], items)

    def _draw_session(self) -> tuple[Author, int]:
        if self._most is not None:
            return SYSTEMS[0], self._most
        if self._rng.random() < _BY_A_SYSTEM:
            return self._rng.choice(SYSTEMS), self._rng.randint(2, MOST_AT_ONCE)
        return self._rng.choice(PEOPLE), 1

    def _operate(self, author: Author) -> Sequence[AnyEvent]:
        if is_of_models(self._rng, self._simulation):
            change = (
                change_model_extra
                if is_of_extras(self._rng, self._simulation)
                else operate_on_models
            )
            return change(self._rng, self._simulation, author)
        if is_of_things(self._rng, self._simulation):
            item = operate_on_things(self._rng, self._simulation, author)
            return [] if item is None else [item]
        event = self._operate_on_products(author)
        return [] if event is None else [event]

    def _operate_on_products(self, author: Author) -> PimEvent | None:
        draw = self._rng.random()
        if draw < _CREATED:
            return create_product(self._rng, self._simulation, author)
        if draw < _CREATED + _RECREATED:
            return recreate_product(self._rng, self._simulation, author)
        product = self._pick()
        if product is None:
            return create_product(self._rng, self._simulation, author)
        if draw < _CREATED + _RECREATED + _REMOVED:
            return Editor(self._simulation).remove(product, author)
        change = self._change_of(product)
        return change(self._rng, self._simulation, product, author)

    def _change_of(self, product: Product) -> ProductChange:
        if product.parent is not None:
            return change_variant
        is_extra = is_of_extras(self._rng, self._simulation)
        return change_extra if is_extra else change_product

    def _pick(self) -> Product | None:
        if self._last is not None and self._rng.random() < _SAME_AGAIN:
            again = self._simulation.database.get(self._last)
            if again is not None:
                return again
        product = self._simulation.database.pick(self._rng)
        self._last = None if product is None else product.uuid
        return product
