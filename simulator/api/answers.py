"""How the PIM writes its answers: JSON bodies and refusals."""

import orjson
from starlette.responses import Response

from simulator.errors import ApiError

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
