"""The server of the simulated PIM, in this process until it is told to stop."""

import gc
import socket
from collections.abc import Callable
from dataclasses import replace

import uvicorn
from fastapi import FastAPI

from simulator.app import build_simulator
from simulator.config import SimulatorConfig
from simulator.faults import WireProtocol

# Starlette waits for open streams: a truth export must not hold up the end of the demo.
_SHUTDOWN_SECONDS = 3


def run_simulator(
    config: SimulatorConfig, *, announce: Callable[[str], None] | None = None
) -> None:
    """Serve the simulated PIM until SIGINT or SIGTERM.

    `announce` is called with the PIM's address once its port is bound (so port 0 is of use).

    Raises:
        OSError: the address cannot be bound.
    """
    with bind_socket(config.host, config.port) as listener:
        bound = replace(config, port=listener.getsockname()[1])
        app = build_simulator(bound, encodes_ahead=True)
        # A shop of 100,000 products stays: the collector need not walk it again and again.
        gc.freeze()
        server = uvicorn.Server(server_config(app))
        if announce is not None:
            announce(bound.base_url)
        server.run(sockets=[listener])


def server_config(app: FastAPI) -> uvicorn.Config:
    """How the application is served: it cuts its connections, and says the Date, by itself."""
    return uvicorn.Config(
        app,
        http=WireProtocol,
        date_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )


def bind_socket(host: str, port: int) -> socket.socket:
    """Bind a listening TCP socket; the address may be reused at once after a restart.

    Raises:
        OSError: the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named as TCP, or asyncio does not turn off Nagle's algorithm: 40 ms for most answers.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    return listener
