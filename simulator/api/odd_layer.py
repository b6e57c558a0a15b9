"""A layer before the API's routes: answers become odd where an oddity asks for it."""

from http.client import responses

from starlette.datastructures import MutableHeaders, QueryParams
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.api.answers import error_response
from simulator.faults import (
    Asked,
    OnWire,
    Refuse,
    Wait,
    Wire,
    WireChange,
    answer_over,
    collect_answer,
    text_on_its_way,
    wait_with_reader,
)
from simulator.simulation import Simulation

_PAGE = (
    "<!DOCTYPE html><html><head><title>{code} {phrase}</title></head><body><h1>{phrase}</h1>"
    "<p>{message}</p></body></html>"
)
_FIREWALL = "The request was rejected. Your support id is 1234567890."


class OddLayer:
    """ASGI middleware inside of the gate: what is odd is counted, and needs a bearer, as usual."""

    def __init__(self, app: ASGIApp, simulation: Simulation) -> None:
        self._app = app
        self._simulation = simulation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the call; while no oddity stands, as if this layer was not there."""
        oddities = self._simulation.oddities
        if not oddities or scope["type"] != "http" or not scope["path"].startswith("/api"):
            await self._app(scope, receive, send)
            return
        asked = self._asked(scope)
        chosen = oddities.for_call(asked)
        # What is refused whatever the answer holds is not asked for: no token is used up by it.
        whole = [change for each in chosen if not each.oddity.items for change in each.oddity.done]
        refusals = [change for change in whole if isinstance(change, Refuse)]
        app = _refused(refusals[0]) if refusals else self._app
        start, text = await collect_answer(app, scope, receive)
        reply = oddities.change_answer(chosen, asked, text)
        refusals += [change for change in reply.on_its_way if isinstance(change, Refuse)]
        if refusals:
            start, reply.text = await collect_answer(_refused(refusals[0]), scope, receive)
        answer = _answering(start, text_on_its_way(reply.text, reply.on_its_way))
        await _send_on(answer, reply.on_its_way, scope, receive, send)

    def _asked(self, scope: Scope) -> Asked:
        query = QueryParams(scope["query_string"])
        address = f"{self._simulation.config.base_url}{scope['path']}"
        if scope["query_string"]:
            address += f"?{scope['query_string'].decode()}"
        return Asked(scope["method"], scope["path"], dict(query.multi_items()), address)


def _refused(refusal: Refuse) -> Response:
    # Proxies answer statuses that no standard knows.
    phrase = responses.get(refusal.status, "Unknown")
    if not refusal.html:
        return error_response(refusal.status, refusal.message or phrase)
    message = refusal.message or _FIREWALL
    page = _PAGE.format(code=refusal.status, phrase=phrase, message=message)
    return HTMLResponse(page, refusal.status)


def _answering(start: Message, text: bytes) -> ASGIApp:
    headers = MutableHeaders(raw=[*start["headers"]])
    headers["Content-Length"] = str(len(text))

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({**start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": text})

    return answer


async def _send_on(
    answer: ASGIApp, changes: list[WireChange], scope: Scope, receive: Receive, send: Send
) -> None:
    for change in changes:
        if isinstance(change, Wait):
            await wait_with_reader(scope, change.seconds)
    wire = next((each.wire for each in changes if isinstance(each, OnWire)), Wire.WHOLE)
    await answer_over(wire, answer, scope, receive, send)
