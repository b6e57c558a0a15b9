"""Control of single product models."""

from collections.abc import AsyncIterator
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from simulator.api import JSON, json_response
from simulator.control.bodies import ProductBody
from simulator.control.director import HELPER, Director, director_of
from simulator.edits import (
    EventAction,
    make_model_event,
    merge_model,
    new_model,
)
from simulator.errors import not_found
from simulator.shop import ProductModel
from simulator.simulation import Simulation

router = APIRouter(prefix="/_simulator")


@router.get("/models")
async def get_models(request: Request) -> Response:
    """Every product model as its single GET would answer now; NDJSON ordered by code."""
    lines = _lines(director_of(request).simulation)
    return StreamingResponse(lines, media_type="application/x-ndjson")


@router.post("/models/{code:path}")
async def change_model(request: Request, code: str, body: ProductBody) -> Response:
    """Merge changes into a model, or make it; a save that changes nothing is none."""
    director = director_of(request)
    simulation = director.simulation
    known = simulation.database.models.get(code)
    if known is None:
        return await _save(director, new_model(simulation, code, dict(body.changes)), body)
    merged = merge_model(simulation, known, dict(body.changes))
    if merged is known and body.updated is None:
        return _shown(simulation, known)
    return await _save(director, merged, body)


@router.delete("/models/{code:path}")
async def remove_model(request: Request, code: str, *, silent: bool = False) -> Response:
    """Take a model away, with its sub-models and variants; one event tells of it."""
    director = director_of(request)
    model = director.simulation.database.models.get(code)
    if model is None:
        raise not_found(f'Product model "{code}" does not exist.')
    event = director.editor.remove_model(model, HELPER)
    await director.wait_for(director.tell(event, silent=silent))
    return json_response({"removed": model.code})


async def _save(director: Director, model: ProductModel, body: ProductBody) -> Response:
    database = director.simulation.database
    known = database.models.get(model.code) is not None
    action = EventAction.MODEL_UPDATED if known else EventAction.MODEL_CREATED
    event = partial(make_model_event, action)
    saved = await director.save(model, body, keep=database.save_model, event=event)
    return _shown(director.simulation, saved)


async def _lines(simulation: Simulation) -> AsyncIterator[bytes]:
    for model in simulation.database.models:
        yield simulation.renderer.models.encoded(model) + b"\n"


def _shown(simulation: Simulation, model: ProductModel) -> Response:
    return Response(simulation.renderer.models.encoded(model), media_type=JSON)
