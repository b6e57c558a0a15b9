"""The gate of every call: counting, prepared answers, the bearer, the Accept header, the date."""

from contextlib import suppress
from email.utils import format_datetime
from http import HTTPStatus

from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.api.answers import error_response, json_response, refusal
from simulator.calls import path_kind
from simulator.errors import ApiError
from simulator.faults import (
    ENDED,
    ScriptedAnswer,
    answer_over,
    wait_with_reader,
)
from simulator.simulation import Simulation

NO_ANSWER = 0
"""Counted as the status of a call whose connection ended in place of an answer."""

_REST = "/api/rest/v1"
_PLATFORM = "/event-platform/api/"
_OPEN = frozenset({_REST, f"{_REST}/", f"{_REST}/system-information", "/api/oauth/v1/token"})
_ACCEPTED = ("application/json", "application/*", "*/*")
_PROXY_PAGE = (
    "<html><head><title>{code} {phrase}</title></head><body><h1>{phrase}</h1></body></html>"
)


class Gate:
    """ASGI middleware around the whole application; `/_simulator/` passes unchecked.

    It says the Date, as one of the PIM's nodes has it: the server must not say its own.
    """

    def __init__(self, app: ASGIApp, simulation: Simulation) -> None:
        self._app = app
        self._simulation = simulation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the call, or have it answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status: int | None = None

        async def dated(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                if not scope["path"].startswith("/api"):
                    # A change that was asked for is kept before it is answered. Of all others
                    # somebody is told, and keeps them first.
                    self._simulation.keep()
                status = message["status"]
                message["headers"] = [*message["headers"], (b"date", self._date(scope["path"]))]
            await send(message)

        if not scope["path"].startswith(("/api", _PLATFORM)):
            await self._app(scope, receive, dated)
            return
        calls = self._simulation.calls
        calls.begin()
        try:
            prepared = self._simulation.scripts.take(scope["path"])
            if prepared is None:
                await self._answerer(scope)(scope, receive, dated)
            else:
                # Whoever does not wait for a late answer is gone before his request is read.
                with suppress(ClientDisconnect):
                    await self._answer_as_prepared(prepared, scope, receive, dated)
        finally:
            query = QueryParams(scope["query_string"])
            if status is None:
                status = NO_ANSWER if ENDED in scope else int(HTTPStatus.INTERNAL_SERVER_ERROR)
            calls.end(scope["method"], path_kind(scope["path"], query), status)

    def _answerer(self, scope: Scope) -> ASGIApp:
        if scope["path"].startswith(_PLATFORM):
            return self._app  # it looks at its own headers
        headers = Headers(scope=scope)
        try:
            if scope["path"] not in _OPEN:
                self._simulation.tokens.check(headers.get("authorization"))
            _check_accept(headers.get("accept", "*/*"))
        except ApiError as error:
            return refusal(error)
        return self._app

    async def _answer_as_prepared(
        self, prepared: ScriptedAnswer, scope: Scope, receive: Receive, send: Send
    ) -> None:
        await wait_with_reader(scope, prepared.delay_seconds)
        app: ASGIApp = self._answerer(scope)
        if prepared.status:
            app = _prepared_response(prepared, is_of_pim=not scope["path"].startswith(_PLATFORM))
        seconds = prepared.trickle_seconds
        await answer_over(prepared.wire, app, scope, receive, send, trickle_seconds=seconds)

    def _date(self, path: str) -> bytes:
        simulation = self._simulation
        is_of_a_node = path.startswith("/api")
        now = simulation.node_clocks.answer_time() if is_of_a_node else simulation.clock()
        return format_datetime(now, usegmt=True).encode()


def _check_accept(accept: str) -> None:
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    if not any(kind in _ACCEPTED for kind in kinds):
        raise ApiError(
            HTTPStatus.NOT_ACCEPTABLE,
            f'"{accept}" in "Accept" header is not valid. Only "application/json" is allowed.',
        )


def _prepared_response(prepared: ScriptedAnswer, *, is_of_pim: bool) -> Response:
    phrase = HTTPStatus(prepared.status).phrase
    if prepared.location is not None:
        return Response(status_code=prepared.status, headers={"Location": prepared.location})
    if prepared.html:
        return HTMLResponse(
            _PROXY_PAGE.format(code=prepared.status, phrase=phrase), prepared.status
        )
    if not is_of_pim:
        return json_response({"errors": [{"message": phrase}]}, prepared.status)
    return error_response(prepared.status, phrase, retry_after=prepared.retry_after)
