"""Forged events of the Event Platform: false removals, harmful if anybody believed them."""

import random
from datetime import UTC, datetime

from pim.event_platform import PREFIX
from pim.json_types import JsonObject
from simulator.news.envelope import encode_event, instant_text, make_id
from simulator.news.types import MODEL, PRODUCT
from simulator.simulation import Simulation

_OF_MODELS = 0.3
_FAR_AHEAD = 100 * 366 * 24 * 3600  # seconds: later than all that is true


def forge_event(
    simulation: Simulation, rng: random.Random, subscription_id: str, now: float
) -> bytes | None:
    """The removal of a living product or model, told as of now or of a hundred years on.

    None if there is nothing to tell of.
    """
    author: JsonObject = {"identifier": "system", "type": "system"}
    subject: JsonObject | None
    if simulation.has_models and rng.random() < _OF_MODELS:
        model = simulation.database.models.pick(rng)
        kind, subject = MODEL, None if model is None else {"product_model": {"code": model.code}}
    else:
        product = simulation.database.pick(rng)
        kind, subject = PRODUCT, None if product is None else {"product": {"uuid": product.uuid}}
    if subject is None:
        return None
    data = {**subject, "author": author}
    at = now + (_FAR_AHEAD if rng.random() < 0.5 else 0)  # noqa: PLR2004 - a coin
    return encode_event(
        simulation.config.platform,
        f"{PREFIX}{kind}.deleted",
        data,
        event_id=make_id(datetime.fromtimestamp(now, UTC)),
        subject=subscription_id,
        time=instant_text(at, 0),
    )
