"""Listening of a server of ours: the socket, what is said of it, and how signals end it."""

import logging
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EADDRINUSE
from types import FrameType

import uvicorn

_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - a value to compare with
_BACKLOG = 2048  # connections that the system keeps until they are accepted


class ListenError(Exception):
    """Why an address cannot be had, in one line with the cure."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 is any free one. `setting`: what the two settings' names begin with.

    Their names end in `_HOST` and `_PORT`.
    """

    host: str
    port: int
    setting: str


def listen(address: Address) -> socket.socket:
    """Listen on the address.

    Raises:
        ListenError: it cannot be had.
    """
    host, port, setting = address.host, address.port, address.setting
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == EADDRINUSE:
            message = f"port {port} on {host} is taken: stop what uses it, or set {setting}_PORT"
        else:
            reason = (error.strerror or str(error)).partition(" (while")[0]
            message = (
                f"cannot listen on {host} port {port}: {reason}; set {setting}_HOST to an address"
                f" of this machine (0.0.0.0: all of them), and {setting}_PORT to a port above 1023"
            )
        raise ListenError(message) from error
    # Connections inherit it. Without it an answer's body waits up to 40 ms for the other side's
    # system to acknowledge its head (asyncio sets it on sockets that are named as TCP, which these
    # are not).
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def announce(listener: socket.socket, log: logging.Logger, *, what: str, setting: str) -> None:
    """Say where `what` listens, and what that takes where it is every address of the machine."""
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    log.info("%s on http://%s:%d", what, shown, port)
    if host in _EVERYWHERE:
        log.warning(
            "that is every address of this machine, without TLS: let only a proxy that does TLS"
            " reach port %d, or set %s_HOST",
            port,
            setting,
        )


@contextmanager
def stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Stop the server by SIGINT or SIGTERM at any time, and live to tell.

    Uvicorn handles signals while it serves, and at its end raises them again for the handlers that
    were there before: the default ones would end the process before its exit code is known.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
