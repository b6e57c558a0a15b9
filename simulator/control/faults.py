"""Control of what goes wrong with the PIM: answers, tokens, index, rights, links, clocks, data."""

from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from pim.json_types import JsonObject
from simulator.api import json_response
from simulator.control.bodies import (
    AnswerBody,
    ClockBody,
    IndexBody,
    LinksBody,
    RightsBody,
    TokensBody,
)
from simulator.control.director import director_of
from simulator.errors import not_found
from simulator.faults import LinkFaults, ScriptedAnswer, is_drawn
from simulator.simulation import Simulation

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
    tokens = director_of(request).simulation.tokens
    tokens.end_all(refreshes=body.refresh, as_expired=body.expired)
    tokens.is_locked = tokens.is_locked if body.locked is None else body.locked
    tokens.token_seconds = body.seconds or tokens.token_seconds
    return json_response({"ended": True})


@router.post("/index")
async def change_index(request: Request, body: IndexBody) -> Response:
    """Set the lag, lose entries of the index, or mend it; the database keeps the products."""
    simulation = director_of(request).simulation
    index, models = simulation.index, simulation.model_index
    if body.lag_seconds is not None:
        index.lag_seconds = models.lag_seconds = body.lag_seconds
    if body.rebuild:
        simulation.rebuild_indexes()
    share = partial(is_drawn, share=body.forget_share, seed=body.seed)
    lost = index.forget([*body.forget, *filter(share, list(index.keys()))])
    codes = [code.casefold() for code in body.forget]
    lost_models = models.forget([*codes, *filter(share, list(models.keys()))])
    return json_response(
        {"lag_seconds": index.lag_seconds, "lost": lost, "lost_models": lost_models}
    )


@router.post("/rights")
async def change_rights(request: Request, body: RightsBody) -> Response:
    """Hide a share of products and models from the connection, or give them back, untold."""
    simulation = director_of(request).simulation
    simulation.rights.take(body.hidden_share, body.seed)
    hidden = [product.uuid for product in simulation.database if not simulation.visible(product)]
    models = simulation.database.models
    hidden_models = [model.code for model in models if not simulation.visible_model(model)]
    return json_response({"hidden": hidden, "hidden_models": hidden_models})


@router.post("/links")
async def change_links(request: Request, body: LinksBody) -> Response:
    """Have every `next` link lose parameters or name another host; an empty body mends them."""
    host = None if body.host is None else body.host.rstrip("/")
    director_of(request).simulation.link_faults = LinkFaults(tuple(body.loses), host)
    return json_response({"loses": body.loses, "host": host})


@router.post("/clock")
async def change_clocks(request: Request, body: ClockBody) -> Response:
    """Set the clocks of the PIM's nodes apart: Date headers and instants of saves; 0 mends them."""
    clocks = director_of(request).simulation.node_clocks
    clocks.skew_seconds = body.skew_seconds
    return json_response({"skew_seconds": clocks.skew_seconds})


@router.post("/backup")
async def take_backup(request: Request) -> Response:
    """Keep every product and model as it is now, in place of an earlier backup."""
    simulation = director_of(request).simulation
    simulation.backup = simulation.database.snapshot()
    return json_response(_counts(simulation))


@router.post("/backup/restore")
async def restore_backup(request: Request) -> Response:
    """Put the products back as the backup has them: older instants, and no event tells of it."""
    simulation = director_of(request).simulation
    if simulation.backup is None:
        raise not_found("There is no backup.")
    simulation.database.restore(simulation.backup)
    return json_response(_counts(simulation))


def _counts(simulation: Simulation) -> JsonObject:
    return {"products": len(simulation.database), "models": len(simulation.database.models)}
