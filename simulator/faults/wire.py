"""Answers on their way: whole, slow, cut in the middle, or none at all.

An ASGI application cannot touch its connection. The server of the simulator therefore lends each
call its transport (`WireProtocol`), so that a connection can be cut as a broken network cuts it.
"""

import asyncio
import socket
import struct
from enum import StrEnum

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_TRANSPORT = "simulator.transport"
ENDED = "simulator.ended"
"""Stands in the scope of a call whose connection was ended in place of the rest of an answer."""

_PIECES = 20
_LOOKS_EVERY_SECONDS = 0.05
# Linger for no time at all: closing then resets the connection instead of ending it.
_RESETS = struct.pack("ii", 1, 0)


class Wire(StrEnum):
    """What becomes of an answer.

    `cut`: it says its whole length, brings half of it, and the connection is closed. `closed`: the
    connection is closed in place of an answer. `reset`: it is reset, as by a machine that is gone.
    """

    WHOLE = "whole"
    CUT = "cut"
    CLOSED = "closed"
    RESET = "reset"


class WireProtocol(H11Protocol):
    """uvicorn's protocol, whose calls know the transport that they came by."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Lend the transport to the calls of this connection."""
        super().connection_made(transport)
        app = self.app

        async def lent(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[_TRANSPORT] = transport
            await app(scope, receive, send)

        self.app = lent


async def answer_over(
    wire: Wire,
    app: ASGIApp,
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    trickle_seconds: float = 0,
) -> None:
    """Send what the application answers as far as `wire` lets it; whole, in so many seconds."""
    match wire:
        case Wire.CLOSED | Wire.RESET:
            await _end_connection(scope, receive, is_reset=wire is Wire.RESET)
        case Wire.CUT:
            await _answer_in_part(app, scope, receive, send)
        case Wire.WHOLE if trickle_seconds:
            await _answer_slowly(app, scope, receive, send, trickle_seconds)
        case Wire.WHOLE:
            await app(scope, receive, send)


async def _end_connection(scope: Scope, receive: Receive, *, is_reset: bool) -> None:
    """Close or reset the connection that the call came by; returns when it is gone.

    What was sent before is still delivered, unless it is reset.
    """
    scope[ENDED] = True
    transport: asyncio.Transport = scope["extensions"][_TRANSPORT]
    if is_reset:
        reset_transport(transport)
    else:
        transport.close()
    # The server must not take a call without an answer for a defect of ours.
    while (await receive())["type"] != "http.disconnect":
        pass


def reset_transport(transport: asyncio.Transport) -> None:
    """Reset a connection."""
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESETS)
    transport.abort()


async def _answer_in_part(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send half of what the application answers, under its whole length, and close."""
    start, body = await collect_answer(app, scope, receive)
    await send(start)
    await send(_piece(body[: len(body) // 2], more=True))
    await _end_connection(scope, receive, is_reset=False)


async def _answer_slowly(
    app: ASGIApp, scope: Scope, receive: Receive, send: Send, seconds: float
) -> None:
    """Send what the application answers in small pieces, over so many seconds."""
    start, body = await collect_answer(app, scope, receive)
    await send(start)
    size = max(1, -(-len(body) // _PIECES))
    for begin in range(0, len(body), size):
        await wait_with_reader(scope, seconds / _PIECES)
        await send(_piece(body[begin : begin + size], more=True))
    await send(_piece(b"", more=False))


async def wait_with_reader(scope: Scope, seconds: float) -> None:
    """Let so much time pass, or less if whoever called does not wait any longer."""
    transport: asyncio.Transport | None = scope.get("extensions", {}).get(_TRANSPORT)
    timer = asyncio.get_running_loop().time
    ends_at = timer() + seconds
    while (left := ends_at - timer()) > 0:
        if transport is not None and transport.is_closing():
            return
        await asyncio.sleep(min(left, _LOOKS_EVERY_SECONDS))


def _piece(body: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def collect_answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """What the application answers, kept back: how it starts, and its whole body."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])
