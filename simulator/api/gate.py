"""What every call passes: counting, prepared answers, the bearer, the Accept header, the date."""

import asyncio
from email.utils import format_datetime
from http import HTTPStatus

from starlette.datastructures import Headers, QueryParams
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.api.answers import error_response, refusal
from simulator.calls import path_kind
from simulator.errors import ApiError
from simulator.scripts import ScriptedAnswer
from simulator.simulation import Simulation, wall_clock

_REST = "/api/rest/v1"
_OPEN = frozenset({_REST, f"{_REST}/", f"{_REST}/system-information", "/api/oauth/v1/token"})
_ACCEPTED = ("application/json", "application/*", "*/*")
_PROXY_PAGE = (
    "<html><head><title>{code} {phrase}</title></head><body><h1>{phrase}</h1></body></html>"
)


class Gate:
    """ASGI middleware around the whole application; `/_simulator/` passes unchecked."""

    def __init__(self, app: ASGIApp, simulation: Simulation) -> None:
        self._app = app
        self._simulation = simulation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the call, or have it answered; say the date if the PIM has a clock of its own."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)

        async def dated(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._date()]
            await send(message)

        if not scope["path"].startswith("/api"):
            await self._app(scope, receive, dated)
            return
        calls = self._simulation.calls
        calls.begin()
        try:
            await (await self._answerer(scope))(scope, receive, dated)
        finally:
            query = QueryParams(scope["query_string"])
            calls.end(scope["method"], path_kind(scope["path"], query), status)

    async def _answerer(self, scope: Scope) -> ASGIApp:
        prepared = self._simulation.scripts.take(scope["path"])
        if prepared is not None:
            await asyncio.sleep(prepared.delay_seconds)
            if prepared.status:
                return _prepared_response(prepared)
        headers = Headers(scope=scope)
        try:
            if scope["path"] not in _OPEN:
                self._simulation.tokens.check(headers.get("authorization"))
            _check_accept(headers.get("accept", "*/*"))
        except ApiError as error:
            return refusal(error)
        return self._app

    def _date(self) -> list[tuple[bytes, bytes]]:
        # On the wall clock the server says the date, and a second one would be one too many.
        if self._simulation.clock is wall_clock:
            return []
        return [(b"date", format_datetime(self._simulation.clock(), usegmt=True).encode())]


def _check_accept(accept: str) -> None:
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    if not any(kind in _ACCEPTED for kind in kinds):
        raise ApiError(
            HTTPStatus.NOT_ACCEPTABLE,
            f'"{accept}" in "Accept" header is not valid. Only "application/json" is allowed.',
        )


def _prepared_response(prepared: ScriptedAnswer) -> Response:
    phrase = HTTPStatus(prepared.status).phrase
    if prepared.html:
        return HTMLResponse(
            _PROXY_PAGE.format(code=prepared.status, phrase=phrase), prepared.status
        )
    return error_response(prepared.status, phrase, retry_after=prepared.retry_after)
