"""Deliveries that the PIM never sent: harmful if anybody believed them."""

import random

from pim.json_types import JsonObject
from simulator.deliveries.envelope import Payload, encode_events, envelope, event_resource
from simulator.edits.events import Author, AuthorType, EventAction, make_event
from simulator.shop.product import Product
from simulator.simulation import Simulation

FORGED_SECRET = "a-secret-that-the-pim-never-had"  # noqa: S105 - no secret at all
_AUTHOR = Author("system", AuthorType.SYSTEM)
_FAR_FUTURE = "2099-12-31T23:59:59+00:00"
_MOST = 5


def forge_payload(simulation: Simulation, rng: random.Random) -> Payload | None:
    """False removals of living products, or false news of them that would win over all others."""
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
    return envelope(event, simulation.config.base_url, resource)


def _news(simulation: Simulation, product: Product) -> JsonObject:
    event = make_event(EventAction.UPDATED, product, simulation.now_seconds(), _AUTHOR)
    resource = event_resource(simulation, product)
    resource.update(enabled=False, updated=_FAR_FUTURE, categories=[], values=[])
    return envelope(event, simulation.config.base_url, resource)
