"""Saves and removals: what they do to the database, and which event they raise."""

from dataclasses import replace

from pim.json_types import JsonObject
from simulator.edits.changes import merge_changes
from simulator.edits.events import Author, EventAction, PimEvent, make_event
from simulator.shop.product import Product
from simulator.simulation import Simulation


class Editor:
    """Changes products of one PIM; every method answers the event, or None if nothing changed."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def change(self, product: Product, changes: JsonObject, author: Author) -> PimEvent | None:
        """Merge changes into a product and save it; a save that changes nothing stays silent.

        Raises:
            ApiError: 422, a property that a product does not have.
            ValueError: another product has the new identifier.
        """
        values = self._simulation.catalogue.values(product)
        merged = merge_changes(product, values, changes)
        if merged is product:
            return None
        return self.save(merged, author)

    def save(self, product: Product, author: Author) -> PimEvent:
        """Put the product in the place of its former state, stamped with the PIM's clock."""
        now = self._simulation.now_seconds()
        stamped = replace(product, updated=now)
        self._simulation.database.save(stamped)
        return make_event(EventAction.UPDATED, stamped, now, author)

    def create(self, product: Product, author: Author) -> PimEvent:
        """Insert a product that is not there, stamped with the PIM's clock."""
        now = self._simulation.now_seconds()
        values = self._simulation.catalogue.values(product)
        stamped = replace(product, created=now, updated=now, values=values)
        self._simulation.database.save(stamped)
        return make_event(EventAction.CREATED, stamped, now, author)

    def remove(self, product: Product, author: Author) -> PimEvent | None:
        """Take a product away."""
        gone = self._simulation.database.remove(product.uuid)
        if gone is None:
            return None
        return make_event(EventAction.REMOVED, gone, self._simulation.now_seconds(), author)
