"""Edits of what an Enterprise PIM has more: records, assets, and the values that name them."""

import random
from collections.abc import Callable

from pim.json_types import JsonObject, JsonValue
from simulator.edits.editor import Author, Editor, PimEvent
from simulator.edits.item_events import ItemEvent, make_thing_event
from simulator.shop import (
    LINES,
    Product,
    Thing,
    ThingKind,
    biography,
    by_locale,
    everywhere,
    media_code,
)
from simulator.simulation import Simulation

_THINGS_SHARE = 0.1
_EXTRAS_SHARE = 0.2
_CREATED = 0.06
_REMOVED = 0.06
_CLEARED = 0.2

Change = Callable[[random.Random], JsonObject]


def is_of_things(rng: random.Random, simulation: Simulation) -> bool:
    """Whether the next operation is one of records or assets; nothing is drawn without them."""
    return simulation.config.is_enterprise and rng.random() < _THINGS_SHARE


def operate_on_things(
    rng: random.Random, simulation: Simulation, author: Author
) -> ItemEvent | None:
    """Change a record or an asset, now and then make one or take one away; its event."""
    kind = rng.choice(tuple(ThingKind))
    draw = rng.random()
    if draw < _CREATED:
        return _create(rng, simulation, kind, author)
    family, codes = rng.choice([*simulation.pools.of(kind).items()])
    thing = simulation.things.get(kind, family, rng.choice(codes)) if codes else None
    if thing is None:
        return None
    if draw < _CREATED + _REMOVED:
        simulation.things.remove(kind, family, thing.code)
        codes.remove(thing.code)
        return make_thing_event(thing, None, simulation.now_seconds(), author)
    return _save(simulation, thing, {"values": rng.choice(_CHANGES[kind])(rng)}, author)


def is_of_extras(rng: random.Random, simulation: Simulation) -> bool:
    """Whether the next change is one of an extra attribute; nothing is drawn without them."""
    return bool(simulation.assortment.extras.specs) and rng.random() < _EXTRAS_SHARE


def change_extra(
    rng: random.Random, simulation: Simulation, product: Product, author: Author
) -> PimEvent | None:
    """Another value of one of the extra attributes, or none; None if nothing changed."""
    if product.family is None:
        return None
    return Editor(simulation).change(product, _another_extra(rng, simulation), author)


def change_model_extra(
    rng: random.Random, simulation: Simulation, author: Author
) -> list[PimEvent]:
    """The same of a root model, whose variants show it too; the events of it."""
    model = simulation.database.models.pick(rng)
    if model is None or model.parent is not None:
        return []
    event = Editor(simulation).change_model(model, _another_extra(rng, simulation), author)
    return [] if event is None else [event]


def _another_extra(rng: random.Random, simulation: Simulation) -> JsonObject:
    code, make = rng.choice([*simulation.fresh_extras.makers.items()])
    entries: list[JsonValue] = [] if rng.random() < _CLEARED else [*make(rng)]
    return {"values": {code: entries}}


def _create(
    rng: random.Random, simulation: Simulation, kind: ThingKind, author: Author
) -> ItemEvent | None:
    family, codes = rng.choice([*simulation.pools.of(kind).items()])
    code = f"new_{rng.getrandbits(40):010x}"
    blank = Thing(kind, family, code, {}, created=0, updated=0)
    changes: JsonObject = {"values": {**_relabel(rng), **rng.choice(_CHANGES[kind])(rng)}}
    event = _save(simulation, blank, changes, author)
    codes.append(code)
    return event


def _save(
    simulation: Simulation, thing: Thing, changes: JsonObject, author: Author
) -> ItemEvent | None:
    now = simulation.now_seconds()
    before = simulation.things.get(thing.kind, thing.family, thing.code)
    after = simulation.things.change(thing.kind, thing.family, thing.code, changes, now=now)
    return make_thing_event(before, after, now, author)


def _relabel(rng: random.Random) -> JsonObject:
    texts = [rng.choice(LINES) if rng.random() < 0.7 else None for _ in range(3)]  # noqa: PLR2004 - most
    return {"label": [*by_locale(texts)]}


def _unlabel(_rng: random.Random) -> JsonObject:
    return {"label": []}


def _another_life(rng: random.Random) -> JsonObject:
    return {"biography": [*biography(rng, rng.choice(LINES))]}


def _another_portrait(rng: random.Random) -> JsonObject:
    return {"image": [*everywhere(media_code(rng.getrandbits(160), "portrait.png"))]}


def _another_picture(rng: random.Random) -> JsonObject:
    return {"picture": [*everywhere(media_code(rng.getrandbits(160), "picture.png"))]}


def _another_alt_text(rng: random.Random) -> JsonObject:
    return {"alt_text": [*by_locale([f"{rng.choice(LINES)} at rest"], "ecommerce")]}


_CHANGES: dict[ThingKind, tuple[Change, ...]] = {
    ThingKind.RECORD: (_relabel, _relabel, _unlabel, _another_life, _another_portrait),
    ThingKind.ASSET: (_relabel, _relabel, _unlabel, _another_picture, _another_alt_text),
}
