"""Faults of deliveries, drawn in their order: the same seed draws the same.

Forged deliveries are those that the PIM never sent: harmful if anybody believed them.
"""

import random
from dataclasses import dataclass

from pim.json_types import JsonObject
from simulator.config import Faults
from simulator.deliveries.envelope import Payload, encode_events, envelope, event_resource
from simulator.edits import Author, AuthorType, EventAction, make_event, make_model_event
from simulator.shop import Product, atom_time
from simulator.simulation import Simulation

_HALF = 0.5

FORGED_SECRET = "a-secret-that-the-pim-never-had"  # noqa: S105 - no secret at all
_AUTHOR = Author("system", AuthorType.SYSTEM)
_FAR_AHEAD = 100 * 366 * 24 * 3600  # seconds: later than all that is true
_MOST = 5
_OF_MODELS = 0.3


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one delivery.

    `queue_seconds`: it waits before its payload is built, and then tells the newest.
    `network_seconds`: it waits after, and then tells what is old. `repeat`: it is sent a second
    time; `rebuilt` says whether with a payload built anew. `forge`: a forged one is sent too.
    """

    drop: bool = False
    repeat: bool = False
    rebuilt: bool = False
    forge: bool = False
    shuffled: bool = False
    delayed: bool = False
    queue_seconds: float = 0.0
    network_seconds: float = 0.0

    @property
    def waits(self) -> bool:
        """Whether the delivery is kept back somewhere."""
        return self.queue_seconds > 0 or self.network_seconds > 0


class FateDrawer:
    """Draws fates; every delivery takes as many numbers, so that one rate leaves the others be.

    `stream`: whose deliveries they are; each has numbers of its own.
    """

    def __init__(self, seed: int, faults: Faults, stream: str = "faults") -> None:
        self._rng = random.Random(f"{seed}:{stream}")
        self.faults = faults

    def draw(self) -> Fate:
        """The fate of the next delivery."""
        faults = self.faults
        drop, repeat, rebuilt, shuffle, window, delay, queued, forge = (
            self._rng.random() for _ in range(8)
        )
        shuffled, delayed = shuffle < faults.shuffle, delay < faults.delay
        in_queue = delayed and queued < _HALF
        network = window * faults.shuffle_window_seconds if shuffled else 0.0
        return Fate(
            drop=drop < faults.drop,
            repeat=repeat < faults.repeat,
            rebuilt=rebuilt < _HALF,
            forge=forge < faults.forge,
            shuffled=shuffled,
            delayed=delayed,
            queue_seconds=faults.delay_seconds if in_queue else 0.0,
            network_seconds=network + (faults.delay_seconds if delayed and not in_queue else 0.0),
        )

    def draw_forgery(self) -> random.Random:
        """A generator of its own for a forged delivery's content."""
        return random.Random(self._rng.random())


def forge_payload(simulation: Simulation, rng: random.Random) -> Payload | None:
    """False removals of living products or models, or false news that would win over all others."""
    if simulation.has_models and rng.random() < _OF_MODELS:
        return _model_removals(simulation, rng)
    picked = {
        product.uuid: product
        for _ in range(_MOST)
        if (product := simulation.database.pick(rng)) is not None
    }
    forge = _removal if rng.random() < 0.5 else _news  # noqa: PLR2004 - a coin
    return encode_events([forge(simulation, product) for product in picked.values()])


def _removal(simulation: Simulation, product: Product) -> JsonObject:
    event = make_event(EventAction.REMOVED, product, simulation.now_seconds(), _AUTHOR)
    resource: JsonObject = {"identifier": product.identifier, "uuid": product.uuid}
    return envelope(simulation, event, resource)


def _model_removals(simulation: Simulation, rng: random.Random) -> Payload | None:
    models = simulation.database.models
    picked = {model.code: model for _ in range(_MOST) if (model := models.pick(rng)) is not None}
    now = simulation.now_seconds()
    events = [
        make_model_event(EventAction.MODEL_REMOVED, model, now, _AUTHOR)
        for model in picked.values()
    ]
    return encode_events([envelope(simulation, event, {"code": event.code}) for event in events])


def _news(simulation: Simulation, product: Product) -> JsonObject:
    now = simulation.now_seconds()
    event = make_event(EventAction.UPDATED, product, now, _AUTHOR)
    resource = event_resource(simulation, product)
    ahead = atom_time(now + _FAR_AHEAD)
    resource.update(enabled=False, updated=ahead, categories=[], values=[])
    return envelope(simulation, event, resource)
