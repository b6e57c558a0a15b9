"""The receiver as one FastAPI application."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from errno import EMFILE, ENFILE
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from receiver.answers import (
    DELIVERY_REQUEST,
    DELIVERY_RESPONSES,
    NOTICE_REQUEST,
    NOTICE_RESPONSES,
    PLATFORM_REQUEST,
    PLATFORM_RESPONSES,
    Health,
    Noted,
    Problem,
    Receipt,
)
from receiver.backlog import BACKLOG, Backlog
from receiver.config import ReceiverConfig
from receiver.connections import CONNECTIONS, Connections
from receiver.dialects import Dialect, event_platform, events_api
from receiver.intake import Intake
from receiver.metrics import OwnFigures, Scrape
from receiver.notices import NoticeDesk
from receiver.refusals import RefusalCounter, Seldom, SlowAnswers, tell_refusals, write_tallies
from receiver.store_worker import StoreWorker
from receiver.trigger import Waker
from storage import Store, StoreError

EVENTS_API_PATH = "/webhooks/events-api"
EVENT_PLATFORM_PATH = "/webhooks/event-platform"
NOTICES_PATH = f"{EVENT_PLATFORM_PATH}/notifications"
_FLUSH_SECONDS = 1.0

_log = logging.getLogger(__name__)


def build_app(config: ReceiverConfig, store: Store, trigger: Waker) -> FastAPI:
    """Build the receiver: both dialects' webhooks, notices, `/livez`, `/readyz` and `/metrics`.

    The application owns neither store nor trigger; its lifespan runs `trigger.run()`, and at its
    end finishes the commits under way and writes the refusals still counted in memory.
    """
    worker = StoreWorker(store)
    refusals = RefusalCounter()
    backlog = Backlog(config.most_due)
    intake = Intake(config, worker=worker, refusals=refusals, trigger=trigger, backlog=backlog)
    seldom = Seldom()
    connections = Connections(config, refusals)
    own = OwnFigures(SlowAnswers(seldom), connections)
    database = "sqlite" if store.is_sqlite else "postgresql"
    scrape = Scrape(config, reader=worker, own=own, database=database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        ending = asyncio.Event()
        _watch_for_want_of_files(connections)
        beside = [
            asyncio.create_task(trigger.run(), name="trigger"),
            asyncio.create_task(_watch_backlog(config, backlog, worker), name="backlog"),
        ]
        flushing = asyncio.create_task(
            _flush_now_and_then(ending, worker, refusals, seldom), name="refusals"
        )
        # For the server and the protocol that serve this application.
        yield {CONNECTIONS: connections, BACKLOG: backlog}
        for task in beside:
            task.cancel()
        await worker.finish()  # what is not stored now never is: that counts, too
        ending.set()  # and not cancelled: what it has taken from the counter would be lost
        for outcome in await asyncio.gather(*beside, flushing, return_exceptions=True):
            if isinstance(outcome, Exception):
                _log.error("a task beside the request path had failed", exc_info=outcome)
        await worker.close()

    app = FastAPI(
        title="akeneo-sync receiver",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        # The PIM follows no redirect: a wrong path must say so.
        redirect_slashes=False,
    )
    _add_events_api(app, events_api(config), intake, own)
    _add_event_platform(app, event_platform(config), intake, own)
    _add_notices(app, NoticeDesk(config, worker=worker, refusals=refusals))
    _add_health(app, worker)
    _add_metrics(app, scrape)
    return app


def _add_events_api(app: FastAPI, dialect: Dialect, intake: Intake, own: OwnFigures) -> None:
    @app.post(
        EVENTS_API_PATH,
        response_model=Receipt,
        responses=DELIVERY_RESPONSES,
        openapi_extra=DELIVERY_REQUEST,
        summary="Take a delivery of the Events API",
    )
    async def take_delivery(request: Request) -> JSONResponse:
        return await own.timed(dialect.channel, intake.answer(request, dialect))


def _add_event_platform(app: FastAPI, dialect: Dialect, intake: Intake, own: OwnFigures) -> None:
    """Take its deliveries, with and without a slash at the end.

    A redirect or a 404 would suspend a subscription at once, and what comes meanwhile is lost.
    """

    @app.post(
        EVENT_PLATFORM_PATH,
        response_model=Receipt,
        responses=PLATFORM_RESPONSES,
        openapi_extra=PLATFORM_REQUEST,
        summary="Take a delivery of the Event Platform",
    )
    @app.post(f"{EVENT_PLATFORM_PATH}/", include_in_schema=False)
    async def take_event(request: Request) -> JSONResponse:
        return await own.timed(dialect.channel, intake.answer(request, dialect))

    @app.head(EVENT_PLATFORM_PATH, include_in_schema=False)
    @app.head(f"{EVENT_PLATFORM_PATH}/", include_in_schema=False)
    async def be_there() -> Response:
        return Response()


def _add_notices(app: FastAPI, desk: NoticeDesk) -> None:
    @app.post(
        NOTICES_PATH,
        response_model=Noted,
        responses=NOTICE_RESPONSES,
        openapi_extra=NOTICE_REQUEST,
        summary="Take a notice of the Event Platform on a subscription",
    )
    @app.post(f"{NOTICES_PATH}/", include_in_schema=False)
    async def take_notice(request: Request) -> JSONResponse:
        return await desk.answer(request)


def _add_health(app: FastAPI, worker: StoreWorker) -> None:
    @app.get("/livez", summary="The process is alive")
    async def livez() -> Health:
        return Health(status="alive")

    @app.get(
        "/readyz",
        response_model=Health,
        responses={503: {"model": Problem, "description": "Not ready, with the reason"}},
        summary="The store is reachable, migrated and writable",
    )
    async def readyz() -> JSONResponse:
        try:
            await worker.check()
        except StoreError as error:
            return JSONResponse(Problem(detail=str(error)).model_dump(), status_code=503)
        return JSONResponse(Health(status="ready").model_dump())


def _add_metrics(app: FastAPI, scrape: Scrape) -> None:
    @app.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
        summary="Figures in Prometheus' text format",
    )
    async def metrics() -> Response:
        return Response(await scrape.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _watch_for_want_of_files(connections: Connections) -> None:
    """Close a connection for each that could not be accepted for want of a file.

    Asyncio would try again in a second, and every second, with a traceback for each.
    """
    loop = asyncio.get_running_loop()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in {EMFILE, ENFILE}:
            connections.lack_file(error.strerror or str(error), now=loop.time())
        else:
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)


async def _watch_backlog(config: ReceiverConfig, backlog: Backlog, worker: StoreWorker) -> None:
    """Look after the backlog where anything is done for it."""
    if config.platform_secrets:
        await backlog.watch(worker)


async def _flush_now_and_then(
    ending: asyncio.Event, worker: StoreWorker, refusals: RefusalCounter, seldom: Seldom
) -> None:
    """Flush every second, and once more at the end."""
    is_last = False
    while not is_last:
        with suppress(TimeoutError):
            async with asyncio.timeout(_FLUSH_SECONDS):
                await ending.wait()
        is_last = ending.is_set()
        await _flush(worker, refusals, seldom)


async def _flush(worker: StoreWorker, refusals: RefusalCounter, seldom: Seldom) -> None:
    """Write and tell the refusals counted so far; what cannot be written is counted on."""
    tallies = refusals.take()
    if not tallies:
        return
    try:
        await worker.write(partial(write_tallies, tallies=tallies))
    except StoreError:
        refusals.put_back(tallies)
    else:
        tell_refusals(seldom, tallies)
