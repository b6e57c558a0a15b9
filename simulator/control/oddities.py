"""Control of odd answers, and of the version that the PIM is: an upgrade can be played."""

from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import Response

from simulator.api import json_response
from simulator.control.bodies import VersionBody
from simulator.control.director import director_of
from simulator.errors import not_found
from simulator.faults import Oddity

router = APIRouter(prefix="/_simulator")


@router.post("/oddities")
async def add_oddity(request: Request, body: Oddity) -> Response:
    """Have these answers be odd from now on; the id is what ends it."""
    return json_response({"id": director_of(request).simulation.oddities.add(body)})


@router.get("/oddities")
async def list_oddities(request: Request) -> Response:
    """Those that stand."""
    return json_response({"oddities": director_of(request).simulation.oddities.shown()})


@router.delete("/oddities")
async def clear_oddities(request: Request) -> Response:
    """End all."""
    return json_response({"ended": director_of(request).simulation.oddities.clear()})


@router.delete("/oddities/{number}")
async def end_oddity(request: Request, number: int) -> Response:
    """End one."""
    if not director_of(request).simulation.oddities.end(number):
        raise not_found(f"There is no oddity {number}, or no more.")
    return json_response({"ended": 1})


@router.post("/version")
async def change_version(request: Request, body: VersionBody) -> Response:
    """Be another version from now on, as after an upgrade; what is left out stays."""
    simulation = director_of(request).simulation
    changes = body.model_dump(exclude_unset=True)
    simulation.config = config = replace(simulation.config, **changes)
    return json_response(
        {
            "version": config.told_version,
            "identifier_only": config.identifier_only,
            "webhook_use_uuid": config.webhook_use_uuid,
        }
    )
