"""Deliveries that the PIM never sent: harmful if anybody believed them."""

import random

from pim.json_types import JsonObject
from simulator.deliveries.envelope import Payload, encode_events, envelope, event_resource
from simulator.edits.events import (
    Author,
    AuthorType,
    EventAction,
    make_event,
    make_model_event,
)
from simulator.shop.product import Product, atom_time
from simulator.simulation import Simulation

FORGED_SECRET = "a-secret-that-the-pim-never-had"  # noqa: S105 - no secret at all
_AUTHOR = Author("system", AuthorType.SYSTEM)
_FAR_AHEAD = 100 * 366 * 24 * 3600  # seconds: later than all that is true
_MOST = 5
_OF_MODELS = 0.3


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
    return envelope(event, simulation.config.base_url, resource)


def _model_removals(simulation: Simulation, rng: random.Random) -> Payload | None:
    models = simulation.database.models
    picked = {model.code: model for _ in range(_MOST) if (model := models.pick(rng)) is not None}
    now = simulation.now_seconds()
    events = [
        make_model_event(EventAction.MODEL_REMOVED, model, now, _AUTHOR)
        for model in picked.values()
    ]
    source = simulation.config.base_url
    return encode_events([envelope(event, source, {"code": event.code}) for event in events])


def _news(simulation: Simulation, product: Product) -> JsonObject:
    now = simulation.now_seconds()
    event = make_event(EventAction.UPDATED, product, now, _AUTHOR)
    resource = event_resource(simulation, product)
    ahead = atom_time(now + _FAR_AHEAD)
    resource.update(enabled=False, updated=ahead, categories=[], values=[])
    return envelope(event, simulation.config.base_url, resource)
