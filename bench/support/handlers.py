"""The two handlers that answers are measured of, each in a process: the receiver, and a bare one.

The bare handler reads, verifies and parses on the same server, and stores nothing: what it takes is
the price of HTTP and Python.
"""

import asyncio
import multiprocessing
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from bench.support.deliveries import SECRET
from pim.events import Batch
from receiver.answers import Receipt
from receiver.app import EVENT_PLATFORM_PATH, EVENTS_API_PATH, build_app
from receiver.body import BodyProblem, ReservedBytes, read_body
from receiver.config import ReceiverConfig
from receiver.connections import CONNECTIONS, Connections
from receiver.delivery import Delivery
from receiver.dialects import Dialect, event_platform, events_api
from receiver.refusals import RefusalCounter
from receiver.serve import listen, serve_app
from storage import open_store

_KNOWN = (SecretStr(SECRET),)
CONFIG = ReceiverConfig(secrets=_KNOWN, platform_secrets=_KNOWN)


class NoTrigger:
    """There is no Prefect here; the trigger works beside the request path anyway."""

    def wake(self) -> None:
        """Do nothing."""

    async def run(self) -> None:
        """Wait to be cancelled."""
        await asyncio.Event().wait()


def bare_app() -> FastAPI:
    """Read, verify, parse, answer, in either dialect."""
    app = FastAPI(lifespan=_holding_connections)
    memory = ReservedBytes(CONFIG.max_reserved_bytes)
    _answer_barely(app, EVENTS_API_PATH, events_api(CONFIG), memory)
    _answer_barely(app, EVENT_PLATFORM_PATH, event_platform(CONFIG), memory)
    return app


def _answer_barely(app: FastAPI, path: str, dialect: Dialect, memory: ReservedBytes) -> None:
    @app.post(path)
    async def take(request: Request) -> JSONResponse:
        with memory.reserve() as reservation:
            body = await read_body(
                request.stream(),
                limit=CONFIG.max_body_bytes,
                reservation=reservation,
                within_seconds=10,
            )
        if isinstance(body, BodyProblem):
            return JSONResponse({"detail": body}, status_code=413)
        sent = {name: request.headers[name] for name in dialect.headers if name in request.headers}
        verdict = dialect.judge(Delivery(sent, body, CONFIG.clock()))
        taken = len(verdict.events) if isinstance(verdict, Batch) else 0
        return JSONResponse(Receipt(accepted=taken, duplicates=0, invalid=0).model_dump())


@asynccontextmanager
async def _holding_connections(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """The receiver's server looks there for the connections of what it serves."""
    yield {CONNECTIONS: Connections(CONFIG, RefusalCounter())}


def serve_handler(handler: str, database: str, listener: socket.socket) -> None:
    """Serve one of the two handlers in this process, until SIGTERM."""
    if handler == "bare":
        serve_app(bare_app(), listener)
        return
    with closing(open_store(database)) as store:
        serve_app(build_app(CONFIG, store, NoTrigger()), listener)


@contextmanager
def server(handler: str, database: str) -> Iterator[int]:
    """A server process; gives its port."""
    context = multiprocessing.get_context("spawn")
    with listen("127.0.0.1", 0) as listener:
        process = context.Process(target=serve_handler, args=(handler, database, listener))
        process.start()
        port = listener.getsockname()[1]
    try:
        yield port
    finally:
        process.terminate()
        process.join(10)
