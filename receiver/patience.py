"""Uvicorn's HTTP/1.1, where whoever connects and never says what he wants is hung up on."""

import asyncio
import logging
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from receiver.connections import Connections, Stage

CONNECTIONS = "connections"
"""Where the application's lifespan keeps its connections for this protocol."""

_REFUSED = b'{"detail":"too many connections at once"}'
_REFUSAL = b"\r\n".join(
    (
        b"HTTP/1.1 503 Service Unavailable",
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(_REFUSED),
        b"Connection: close",
        b"",
        _REFUSED,
    )
)

# What is no HTTP is answered 400, and no line in the log: whoever sends it could write it full.
_log = logging.getLogger("uvicorn.error.connection")
_log.setLevel(logging.ERROR)


class PatientProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1, whose patience ends, and earlier where others want in.

    Uvicorn waits for ever for a first byte, for the rest of a head, or for an answer to be read:
    a thousand such connections would be all that the receiver takes. (A body has its own limit, in
    `receiver.body`; a connection that idles between two requests has uvicorn's.)
    """

    head_seconds = 10.0
    """How long a head may take, give or take: a look after each such span finds no new request."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _log
        self._all: Connections = app_state[CONNECTIONS]
        self._next_look: asyncio.TimerHandle | None = None
        self._is_unread = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn
        """Begin to look after the connection, if there is a place for it."""
        super().connection_made(transport)
        if not self._all.admit(self, now=self.loop.time()):
            transport.write(_REFUSAL)
            transport.close()
            return
        self._look_in(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._next_look is not None:
            self._next_look.cancel()
        self._all.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, and note what is missing now."""
        if self.transport.is_closing():
            return
        super().data_received(data)
        self._note_stage()

    def on_response_complete(self) -> None:
        """Go on to the next request."""
        super().on_response_complete()
        self._note_stage()

    def pause_writing(self) -> None:
        """Answers pile up: the other side does not read them."""
        super().pause_writing()
        self._is_unread = True
        self._note_stage()

    def resume_writing(self) -> None:
        """They are read again."""
        super().resume_writing()
        self._is_unread = False
        self._note_stage()

    def hang_up(self) -> None:
        """Close at once, unsent answers included: waiting for them to be read could take for ever.

        A delivery that is stored already stays so.
        """
        self.transport.abort()

    def _note_stage(self) -> None:
        if not self.transport.is_closing():
            self._all.place(self, self._stage(), now=self.loop.time())

    def _stage(self) -> Stage:
        cycle: RequestResponseCycle | None = self.cycle
        if self._is_unread:
            return Stage.READER
        if cycle is None:
            return Stage.HEAD
        if cycle.response_complete:
            return Stage.HEAD if self.timeout_keep_alive_task is None else Stage.NEXT
        return Stage.BODY if cycle.more_body else Stage.ANSWER

    def _look_in(self, seconds: float) -> None:
        self._next_look = self.loop.call_later(seconds, self._look, self.cycle, self._stage())

    def _look(self, cycle_before: RequestResponseCycle | None, stage_before: Stage) -> None:
        stage = self._stage()
        if self.cycle is cycle_before:
            if stage is Stage.HEAD:
                self.transport.close()
                return
            if stage is Stage.READER and stage_before is Stage.READER:
                self.hang_up()
                return
        self._look_in(self.head_seconds)
