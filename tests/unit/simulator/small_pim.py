"""A simulated PIM in memory, with a clock that stands still until a test moves it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pim.json_types import JsonObject
from simulator.config import SimulatorConfig
from simulator.edits.editor import Author, AuthorType, Editor
from simulator.shop.product import Product
from simulator.simulation import Simulation

JULIA = Author("julia", AuthorType.UI)
NOON = datetime(2026, 3, 5, 12, 0, 0, 250_000, tzinfo=UTC)


@dataclass
class StandingClock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class SmallPim:
    """The state of one PIM and the hands to change it."""

    simulation: Simulation
    clock: StandingClock

    @property
    def editor(self) -> Editor:
        return Editor(self.simulation)

    def change(self, product: Product, changes: JsonObject) -> Product:
        self.editor.change(product, changes, JULIA)
        return self.reread(product)

    def reread(self, product: Product) -> Product:
        found = self.simulation.database.get(product.uuid)
        assert found is not None
        return found

    def products(self) -> list[Product]:
        return list(self.simulation.database)


def a_small_pim(products: int = 120, **settings: object) -> SmallPim:
    clock = StandingClock()
    config = SimulatorConfig(products=products, **settings)  # type: ignore[arg-type]  # by field name
    return SmallPim(Simulation(config, clock), clock)
