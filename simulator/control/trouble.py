"""Control of what goes wrong with the REST API: answers, network, tokens, index, rights."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from simulator.api.answers import json_response
from simulator.control.access import director_of
from simulator.control.bodies import AnswerBody, IndexBody, RightsBody, TokensBody
from simulator.scripts import ScriptedAnswer

router = APIRouter(prefix="/_simulator")


@router.post("/answers")
async def prepare_answers(request: Request, body: AnswerBody) -> Response:
    """Have the next API calls answered like this: an outage, a quota, a proxy's page."""
    director_of(request).simulation.scripts.prepare(ScriptedAnswer(**body.model_dump()))
    return json_response({"prepared": body.times})


@router.delete("/answers")
async def clear_answers(request: Request) -> Response:
    """Forget prepared answers."""
    return json_response({"forgotten": director_of(request).simulation.scripts.clear()})


@router.post("/tokens/end")
async def end_tokens(request: Request, body: TokensBody) -> Response:
    """End every bearer now."""
    director_of(request).simulation.tokens.revoke_all(refreshes=body.refresh)
    return json_response({"ended": True})


@router.post("/index")
async def change_index(request: Request, body: IndexBody) -> Response:
    """Set the lag, or lose entries of the index; the database keeps the products."""
    index = director_of(request).simulation.index
    if body.lag_seconds is not None:
        index.lag_seconds = body.lag_seconds
    lost = index.forget(body.forget)
    return json_response({"lag_seconds": index.lag_seconds, "lost": lost})


@router.post("/rights")
async def change_rights(request: Request, body: RightsBody) -> Response:
    """Hide a share of the products from the connection, or give them back; no event tells of it."""
    simulation = director_of(request).simulation
    simulation.rights.take(body.hidden_share, body.seed)
    hidden = [product.uuid for product in simulation.database if not simulation.visible(product)]
    return json_response({"hidden": hidden})
