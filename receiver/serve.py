"""Composition root of `akeneo-sync receiver`: the listening socket, the store, the server."""

import asyncio
import gc
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import uvicorn
from fastapi import FastAPI

import serving
from receiver.app import EVENT_PLATFORM_PATH, EVENTS_API_PATH, build_app
from receiver.backlog import BACKLOG
from receiver.config import ReceiverConfig
from receiver.connections import ACCEPTED_AT_ONCE, PatientProtocol, claim_connections
from receiver.trigger import StoreDoor, Trigger
from serving import Address
from settings import Settings, mask, visible
from settings.log_lines import log_to_stderr
from storage import Store, StoreError, open_store

_SHUTDOWN_SECONDS = 5  # commits under way end within the answer's deadline: this is the backstop
_FAREWELL_SECONDS = 0.3  # in which the Event Platform hears 429 before nobody answers
_BACKLOG = 2048  # connections that the system keeps until they are accepted
_COLLECT_AFTER = 20_000  # new objects; Python's 700 are reached several times in one delivery
_BUSY_SHARE = 0.75

_SETTING = "SYNC"  # what the names of the address' two settings begin with

_log = logging.getLogger(__name__)


class ReceiverError(Exception):
    """Why the receiver cannot start, in one line with the cure."""


def run_receiver(settings: Settings) -> int:
    """Serve deliveries in the foreground until SIGINT or SIGTERM; 0 after a clean stop.

    Problems (no webhook secret, no store, port taken) are one line on stderr and 1. Imports
    prefect: `deployments.prefect_env.apply_prefect_environment` must have been called before.
    """
    _set_up_logging(settings)
    try:
        _require_secret(settings)
        with listen(settings.host, settings.port) as listener, _store(settings) as store:
            app = build_app(_config(settings), store, _trigger(store))
            _announce(listener)
            serve_app(app, listener)
    except (ReceiverError, serving.ListenError, StoreError) as error:
        told = error.advice if isinstance(error, StoreError) else str(error)
        sys.stderr.write(f"akeneo-sync: {visible(mask(told))}\n")
        return 1
    return 0


def listen(host: str, port: int) -> socket.socket:
    """Listen on the address; port 0 is any free one.

    Raises:
        ListenError: the address cannot be had.
    """
    return serving.listen(Address(host, port, _SETTING))


class _Server(uvicorn.Server):
    """Uvicorn's, that accepts a few connections a turn, of many that may wait to be accepted."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Slow the Event Platform down first, while the listener is still there.

        What waits to be accepted, or comes just now, is answered 429: a connection that is reset
        would count against its subscription.
        """
        backlog = self.lifespan.state.get(BACKLOG)
        if backlog is not None:
            backlog.stop()
            await asyncio.sleep(_FAREWELL_SECONDS)
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve: asyncio has made of the one number both."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(_BACKLOG)


def serve_app(app: FastAPI, listener: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; deliveries under way are answered first."""
    server = _Server(server_config(app))
    _spare_the_collector()
    with serving.stopped_by_signals(server):
        server.run(sockets=[listener])


def server_config(app: FastAPI) -> uvicorn.Config:
    """How the receiver is served: HTTP/1.1 and nothing else, bounded in everything."""
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        access_log=False,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        server_header=False,
        backlog=ACCEPTED_AT_ONCE,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )


def _spare_the_collector() -> None:
    """Keep Python's garbage collector from looking at what was imported, again and again.

    Prefect alone is hundreds of thousands of objects: a full collection of them holds up every
    delivery. And a parsed delivery is some thousand objects without a cycle among them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


def _require_secret(settings: Settings) -> None:
    known = settings.webhook_secrets or settings.event_platform.secrets
    if settings.source is not None and not known:
        raise ReceiverError(
            "AKENEO_WEBHOOK_SECRETS is not set: copy the secret from the PIM's event subscription,"
            " so that deliveries can be told from forgeries; on the Event Platform, set"
            " AKENEO_EVENT_PLATFORM_SECRETS"
        )


def _config(settings: Settings) -> ReceiverConfig:
    most = ReceiverConfig(secrets=()).max_connections
    connections = claim_connections(most)
    if connections < most:
        _log.warning(
            "at most %d connections at once, since so few files may be open: raise the limit"
            " (`ulimit -n`, LimitNOFILE in systemd, ulimits in compose) to 2048",
            connections,
        )
    return ReceiverConfig(
        secrets=settings.webhook_secrets,
        platform_secrets=settings.event_platform.secrets,
        notice_secret=settings.event_platform.notification_secret,
        replay_window=settings.event_platform.replay_window,
        most_due=settings.event_platform.most_due,
        max_body_bytes=settings.max_body_bytes,
        max_connections=connections,
    )


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    # Less than a delivery is waited for: so that the answer comes with its reason, and the next in
    # turn does not find the place taken.
    most = ReceiverConfig(secrets=()).answer_seconds * _BUSY_SHARE
    wait = min(settings.busy_timeout_seconds, most)
    with closing(open_store(settings.database_url, busy_timeout=timedelta(seconds=wait))) as store:
        yield store


def _trigger(store: Store) -> Trigger:
    # Here, and not above: importing Prefect takes a second, and freezes its settings.
    from receiver.trigger.prefect_runs import PrefectRuns  # noqa: PLC0415 - see above

    return Trigger(PrefectRuns(), StoreDoor(store))


def _announce(listener: socket.socket) -> None:
    serving.announce(listener, _log, what="listening", setting=_SETTING)
    _log.info(
        "URL for the PIM's event subscription: the address under which the PIM reaches this"
        " receiver, then %s; for a subscription of the Event Platform, then %s",
        EVENTS_API_PATH,
        EVENT_PLATFORM_PATH,
    )


def _set_up_logging(settings: Settings) -> None:
    # Before Prefect is imported: it leaves the handlers of the root alone if they have a form.
    log_to_stderr(settings)
    for name in ("httpx", "httpcore"):  # their lines come with every call to Prefect
        logging.getLogger(name).setLevel(logging.WARNING)
