"""Composition root of `akeneo-sync api`: the listening socket, the store, the server."""

import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from errno import EADDRINUSE
from types import FrameType

import uvicorn
from fastapi import FastAPI

from api.app import build_app
from api.config import ApiConfig
from settings import Settings, mask, visible
from settings.log_lines import JsonLines
from storage import StoreError, open_store

_SHUTDOWN_SECONDS = 5
_MOST_CALLS = 1000  # at once; most of them wait for a change
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - a value to compare with

_log = logging.getLogger(__name__)


class ApiError(Exception):
    """Why the API cannot start, in one line with the cure."""


def run_api(settings: Settings) -> int:
    """Serve reads in the foreground until SIGINT or SIGTERM; 0 after a clean stop.

    Problems (no store, port taken) are one line on stderr and 1.
    """
    _set_up_logging(settings)
    patience = timedelta(seconds=settings.busy_timeout_seconds)
    try:
        with (
            listen(settings.api.host, settings.api.port) as listener,
            closing(open_store(settings.database_url, busy_timeout=patience)) as store,
        ):
            config = ApiConfig(calls_per_second=settings.api.calls_per_second)
            # Made before its server, which stops whoever waits for a change.
            app = build_app(config, store, is_ending=lambda: server.should_exit)
            server = _make_server(app)
            _announce(listener)
            with _stopped_by_signals(server):
                server.run(sockets=[listener])
    except (ApiError, StoreError) as error:
        told = error.advice if isinstance(error, StoreError) else str(error)
        sys.stderr.write(f"akeneo-sync: {visible(mask(told))}\n")
        return 1
    return 0


def listen(host: str, port: int) -> socket.socket:
    """Listen on the address; port 0 is any free one.

    Raises:
        ApiError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == EADDRINUSE:
            message = f"port {port} on {host} is taken: stop what uses it, or set SYNC_API_PORT"
        else:
            reason = (error.strerror or str(error)).partition(" (while")[0]
            message = (
                f"cannot listen on {host} port {port}: {reason}; set SYNC_API_HOST to an address "
                "of this machine (0.0.0.0: all of them), and SYNC_API_PORT to a port above 1023"
            )
        raise ApiError(message) from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _make_server(app: FastAPI) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="warning",
            server_header=False,
            limit_concurrency=_MOST_CALLS,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
    )


@contextmanager
def _stopped_by_signals(server: uvicorn.Server) -> Iterator[None]:
    """Stop the server by a signal at any time, and live to tell.

    Uvicorn handles signals while it serves, and at its end raises them again for the handlers that
    were there before.
    """

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _announce(listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    _log.info("the read API listens on http://%s:%d", shown, port)
    if host in _EVERYWHERE:
        _log.warning(
            "that is every address of this machine, without TLS: let only a proxy that does TLS"
            " reach port %d, or set SYNC_API_HOST",
            port,
        )


def _set_up_logging(settings: Settings) -> None:
    handler = logging.StreamHandler()
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if settings.log_as_json else text)
    logging.basicConfig(level=settings.log_level, handlers=[handler])
