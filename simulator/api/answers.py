"""JSON answers and refusals of the PIM, and the simulation that a request came to."""

import orjson
from fastapi import Request
from starlette.responses import Response

from simulator.errors import ApiError
from simulator.simulation import Simulation

_DOCS = "http://api.akeneo.com/api-reference.html"
JSON = "application/json"


def refusal(error: ApiError) -> Response:
    """The answer to a request that the PIM refuses."""
    return error_response(error.status, error.message, documented=error.documented)


def json_response(body: object, status: int = 200) -> Response:
    """A JSON answer; `body` may be anything that orjson writes."""
    return Response(orjson.dumps(body), status, media_type=JSON)


def error_response(
    status: int, message: str, *, documented: bool = False, retry_after: float | None = None
) -> Response:
    """The PIM's answer to a request that it refuses; a link to the docs where it gives one."""
    body: dict[str, object] = {"code": status, "message": message}
    if documented:
        body["_links"] = {"documentation": {"href": _DOCS}}
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Response(orjson.dumps(body), status, headers, JSON)


def simulation_of(request: Request) -> Simulation:
    """The simulation that this application was built around."""
    simulation = request.app.state.simulation
    assert isinstance(simulation, Simulation)  # noqa: S101 - build_simulator put it there
    return simulation
