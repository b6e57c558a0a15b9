"""The simulated PIM as one FastAPI application."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus

import httpx
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from simulator.api import API_ROUTERS, Gate, OddLayer, error_response, refusal
from simulator.config import SimulatorConfig
from simulator.control import CONTROL_ROUTERS, Director, encode_ahead
from simulator.errors import ApiError
from simulator.platform import ROOT, PlatformRefusal, refusal_response
from simulator.platform import router as platform_router
from simulator.simulation import Clock, Simulation, wall_clock


def build_simulator(
    config: SimulatorConfig,
    *,
    clock: Clock = wall_clock,
    webhook_transport: httpx.AsyncBaseTransport | None = None,
    encodes_ahead: bool = False,
) -> FastAPI:
    """Build the PIM: REST API, token endpoint, event deliveries and `/_simulator/` controls.

    With it comes the Event Platform, whose management API stands under `/event-platform/api/v1`.

    State lives in memory and belongs to the app; two apps of one config hold the same products,
    unless it names a file that keeps the shop (`SimulatorConfig.shop`).
    The REST API answers at once; events are delivered, and edits go on, while the app's lifespan
    is entered. `webhook_transport` takes deliveries in place of the network. Answers carry the
    Date of `clock`: serve the PIM without the server's own, as `simulator.serve` does.
    `encodes_ahead`: products are written down from the start, and not when first asked for.
    """
    simulation = Simulation(config, clock)
    director = Director(simulation, webhook_transport)
    app = FastAPI(
        title="Simulated PIM",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        exception_handlers={
            ApiError: _refuse,
            PlatformRefusal: _refuse_platform,
            HTTPException: _refuse_route,
        },
    )
    app.state.simulation = simulation
    app.state.director = director
    app.state.encodes_ahead = encodes_ahead
    for router in (*CONTROL_ROUTERS, platform_router, *API_ROUTERS):
        app.include_router(router)
    app.add_middleware(OddLayer, simulation=simulation)
    app.add_middleware(Gate, simulation=simulation)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    director: Director = app.state.director
    work = asyncio.gather(director.run(), *_work_ahead(app))
    # A request before this would find nobody who delivers.
    await director.started.wait()
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        app.state.simulation.close()


def _work_ahead(app: FastAPI) -> list[Coroutine[None, None, None]]:
    return [encode_ahead(app.state.simulation)] if app.state.encodes_ahead else []


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)  # noqa: S101 - registered for this class
    return refusal(error)


async def _refuse_platform(_request: Request, error: Exception) -> Response:
    assert isinstance(error, PlatformRefusal)  # noqa: S101 - registered for this class
    return refusal_response(error)


async def _refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class
    message = f'No route found for "{request.method} {request.url}"'
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        message += ": Method Not Allowed"
    if request.url.path.startswith(ROOT):
        return refusal_response(PlatformRefusal(HTTPStatus(error.status_code), message))
    return error_response(error.status_code, message)
