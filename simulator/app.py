"""The simulated PIM as one FastAPI application."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from simulator.api import products, structure, system
from simulator.api.answers import error_response, refusal
from simulator.api.gate import Gate
from simulator.config import SimulatorConfig
from simulator.errors import ApiError
from simulator.simulation import Clock, Simulation, wall_clock


def build_simulator(config: SimulatorConfig, *, clock: Clock = wall_clock) -> FastAPI:
    """Build the PIM: REST API, token endpoint, event deliveries and `/_simulator/` controls.

    State lives in memory and belongs to the app; two apps of one config hold the same catalogue.
    """
    simulation = Simulation(config, clock)
    app = FastAPI(
        title="Simulated PIM",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        exception_handlers={ApiError: _refuse, HTTPException: _refuse_route},
    )
    app.state.simulation = simulation
    for router in (system.router, products.router, structure.router):
        app.include_router(router)
    app.add_middleware(Gate, simulation=simulation)
    return app


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this class
    return refusal(error)


async def _refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    message = f'No route found for "{request.method} {request.url}"'
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        message += ": Method Not Allowed"
    return error_response(error.status_code, message)
