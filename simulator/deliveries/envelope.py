"""Payloads of the Events API, built when they are sent, from the products as they are then."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from pim.json_types import JsonObject, JsonValue
from simulator.edits import PimEvent
from simulator.render import Flavour, View
from simulator.shop import Product
from simulator.simulation import Simulation

MOST_EVENTS = 10
QUEUE_SECONDS = 7200
"""Longer than this no event waits to be told; then it is discarded silently."""

Bulk: TypeAlias = tuple[PimEvent, ...]


def split_bulks(events: Sequence[PimEvent]) -> Iterator[Bulk]:
    """Bulks of one kind and of ten events at most, in order.

    Created and updated are one kind, removed is another, and those of models are two more.
    """
    bulk: list[PimEvent] = []
    for event in events:
        if bulk and (len(bulk) == MOST_EVENTS or _kind(bulk[-1]) != _kind(event)):
            yield tuple(bulk)
            bulk = []
        bulk.append(event)
    if bulk:
        yield tuple(bulk)


class Payload(NamedTuple):
    """A body to send, and how many events are in it."""

    body: bytes
    events: int


def build_payload(simulation: Simulation, bulk: Bulk) -> Payload | None:
    """The body to send, or None if nothing is left to tell.

    An event is left out if its subject is gone by now or hidden from the connection, if it waited
    for more than two hours, or if the connection's own user caused it.
    """
    envelopes = list(_envelopes(simulation, bulk))
    if not simulation.oddities or not envelopes:
        return encode_events(envelopes)
    odd, work = simulation.oddities.change_events(envelopes)
    payload = encode_events(odd)
    return None if payload is None else payload._replace(body=work.finished(payload.body))


def encode_events(envelopes: list[JsonObject]) -> Payload | None:
    """A delivery as PHP writes JSON: slashes and everything beyond ASCII escaped."""
    if not envelopes:
        return None
    text = json.dumps({"events": envelopes}, ensure_ascii=True, separators=(",", ":"))
    # A slash occurs in JSON text only inside of strings.
    return Payload(text.replace("/", "\\/").encode(), len(envelopes))


def envelope(simulation: Simulation, event: PimEvent, resource: JsonObject) -> JsonObject:
    """One event as it is sent; its time has the offset of the PIM's own zone."""
    data: JsonObject = {"resource": resource}
    return {
        "action": event.action.value,
        "event_id": event.event_id,
        "event_datetime": datetime.fromtimestamp(event.at, simulation.zone).isoformat(),
        "author": event.author.name,
        "author_type": event.author.type.value,
        "pim_source": simulation.config.base_url,
        "data": data,
    }


def _envelopes(simulation: Simulation, bulk: Bulk) -> Iterable[JsonObject]:
    oldest = int(simulation.clock().timestamp()) - QUEUE_SECONDS
    for event in bulk:
        if event.at < oldest or event.author.name == simulation.config.username:
            continue
        if simulation.rights.hides(event.code or event.uuid or ""):
            continue
        resource = _resource(simulation, event)
        if resource is not None:
            yield envelope(simulation, event, resource)


def _resource(simulation: Simulation, event: PimEvent) -> JsonObject | None:
    if event.code is not None:
        return _model_resource(simulation, event, event.code)
    if event.is_removal:
        removed: JsonObject = {"identifier": event.identifier}
        return removed if simulation.config.identifier_only else {**removed, "uuid": event.uuid}
    product = simulation.database.get(event.uuid or "")
    return None if product is None else event_resource(simulation, product)


def _model_resource(simulation: Simulation, event: PimEvent, code: str) -> JsonObject | None:
    if event.is_removal:
        return {"code": code}
    model = simulation.database.models.get(code)
    if model is None:
        return None
    body = simulation.renderer.models.body(model)
    return {name: _php_empty(value) for name, value in body.items()}


def event_resource(simulation: Simulation, product: Product) -> JsonObject:
    """The product as an event carries it: no labels, no scores, empty maps as PHP's lists."""
    config = simulation.config
    if config.identifier_only:
        flavour = Flavour.LEGACY
    elif config.webhook_use_uuid:
        flavour = Flavour.UUID
    else:
        flavour = Flavour.IDENTIFIER
    body = simulation.renderer.body(product, View(flavour))
    return {name: _php_empty(value) for name, value in body.items()}


def _php_empty(value: JsonValue) -> JsonValue:
    return [] if value == {} else value


def _kind(event: PimEvent) -> tuple[bool, bool]:
    return event.code is None, event.is_removal
