"""Hanging up on who connects and never says what he wants."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle


class PatientProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1, whose patience with the head of a request ends.

    Uvicorn waits for ever for a first byte, or for the rest of a head: a thousand such connections
    would be all that the receiver takes. (A body has its own limit, in `receiver.body`; a
    connection that idles between two requests has uvicorn's.)
    """

    head_seconds = 10.0
    """How long a head may take, give or take: a look after each such span finds no new request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn
        """Begin to look after the connection."""
        super().connection_made(transport)
        self._look_in(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._next_look.cancel()
        super().connection_lost(exc)

    def _look_in(self, seconds: float) -> None:
        self._next_look = self.loop.call_later(seconds, self._look, self.cycle)

    def _look(self, cycle_before: RequestResponseCycle | None) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        is_answering = cycle is not None and not cycle.response_complete
        is_idle = self.timeout_keep_alive_task is not None
        if cycle is cycle_before and not is_answering and not is_idle:
            self.transport.close()
            return
        self._look_in(self.head_seconds)
