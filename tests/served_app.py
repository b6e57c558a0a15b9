"""Serves an ASGI application on a free port of the loopback, in a thread of this process."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from pim.http import trusted_certificates
from receiver.config import ReceiverConfig
from simulator.app import build_simulator
from simulator.config import SimulatorConfig
from simulator.serve import server_config
from simulator.simulation import Clock, wall_clock


@contextmanager
def served(
    app: FastAPI, listener: socket.socket | None = None, config: uvicorn.Config | None = None
) -> Iterator[str]:
    """The application's base URL, while it runs; its shutdown is awaited at the end.

    `config` where it must be served in a way of its own, as the simulator wants it.
    """
    listener = listener or bind_loopback()
    server = uvicorn.Server(
        config
        or uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=2)
    )
    ready = threading.Event()
    started = server.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await started(sockets)
        ready.set()

    server.startup = startup  # type: ignore[method-assign] # uvicorn has no event for "started"
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        if not ready.wait(120):
            raise RuntimeError("the application did not start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


def open_http(timeout: float, base_url: str = "") -> httpx.Client:
    """A client that reads no certificates for itself: a suite opens hundreds.

    It keeps an idle connection for less time than the servers do: one that ends just then would
    fail a test.
    """
    limits = httpx.Limits(keepalive_expiry=2.0)
    verify = trusted_certificates()
    return httpx.Client(base_url=base_url, timeout=timeout, limits=limits, verify=verify)


def patient(*secrets: str | SecretStr, **settings: object) -> ReceiverConfig:
    """A receiver's settings with which no delivery is refused because this machine is slow.

    Of itself a receiver answers 503 after 0.4 s without a commit, as the PIM hangs up then: a test
    whose deliveries are to be taken must not depend on that.
    """
    keys = tuple(each if isinstance(each, SecretStr) else SecretStr(each) for each in secrets)
    chosen: dict[str, object] = {"answer_seconds": 60.0, **settings}
    return ReceiverConfig(secrets=keys, **chosen)  # type: ignore[arg-type] # a test's choice


def served_simulator(
    config: SimulatorConfig,
    listener: socket.socket,
    clock: Clock = wall_clock,
    dress: Callable[[FastAPI], None] | None = None,
) -> AbstractContextManager[str]:
    """The simulated PIM's base URL, while it runs; served as `akeneo-sync simulator` serves it.

    `dress` may put something before it.
    """
    app = build_simulator(config, clock=clock)
    if dress is not None:
        dress(app)
    return served(app, listener, server_config(app))


def bind_loopback() -> socket.socket:
    """A listening socket on a free port."""
    # Named as TCP, or asyncio does not turn off Nagle's algorithm: 40 ms for most answers.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    return listener
