"""Control of records and assets: making, changing and taking them away.

The Event Platform tells of it, and the Events API does not.
"""

from collections.abc import Iterator

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from simulator.api import json_response
from simulator.control.bodies import ThingBody
from simulator.control.director import HELPER, author_of, director_of
from simulator.edits import make_thing_event, parse_instant
from simulator.errors import not_found
from simulator.shop import ThingKind
from simulator.simulation import Simulation

router = APIRouter(prefix="/_simulator")


@router.get("/things/{kind}")
async def list_things(request: Request, kind: ThingKind) -> Response:
    """Every thing of a kind as its single GET answers, with its `family`; NDJSON."""
    lines = _lines(director_of(request).simulation, kind)
    return StreamingResponse(lines, media_type="application/x-ndjson")


@router.post("/things/{kind}/{family}/{code}")
async def change_thing(
    request: Request, kind: ThingKind, family: str, code: str, body: ThingBody
) -> Response:
    """Merge changes into a record or an asset, or make it; no product's `updated` moves."""
    director = director_of(request)
    simulation = director.simulation
    _check_family(simulation, kind, family)
    now = simulation.now_seconds() if body.updated is None else parse_instant(body.updated)
    before = simulation.things.get(kind, family, code)
    thing = simulation.things.change(kind, family, code, dict(body.changes), now=now)
    event = make_thing_event(before, thing, now, author_of(body.author))
    await director.wait_for(director.tell(event, silent=body.silent))
    return json_response(simulation.thing_renderer.body(thing))


@router.delete("/things/{kind}/{family}/{code}")
async def remove_thing(
    request: Request, kind: ThingKind, family: str, code: str, *, silent: bool = False
) -> Response:
    """Take a record or an asset away; values that name it are no longer shown."""
    director = director_of(request)
    gone = director.simulation.things.remove(kind, family, code)
    if gone is None:
        raise not_found(f'There is no "{code}" in {kind} of "{family}".')
    event = make_thing_event(gone, None, director.simulation.now_seconds(), HELPER)
    await director.wait_for(director.tell(event, silent=silent))
    return json_response({"removed": code})


def _check_family(simulation: Simulation, kind: ThingKind, family: str) -> None:
    item = simulation.structure.get(kind.families, family)
    if item is None or item.code != family:
        raise not_found(f'There is no "{family}" in {kind.families}.')


def _lines(simulation: Simulation, kind: ThingKind) -> Iterator[bytes]:
    for thing in simulation.things.all(kind):
        body = {"family": thing.family, **simulation.thing_renderer.body(thing)}
        yield orjson.dumps(body) + b"\n"
