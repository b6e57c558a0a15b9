"""Composition root of `akeneo-sync api`: the listening socket, the store, the server."""

import logging
import sys
from contextlib import closing
from datetime import timedelta

import uvicorn
from fastapi import FastAPI

import serving
from api.app import build_app
from api.config import ApiConfig
from serving import Address
from settings import Settings, mask, visible
from settings.log_lines import log_to_stderr
from storage import StoreError, open_store

_SHUTDOWN_SECONDS = 5
_MOST_CALLS = 1000  # at once; most of them wait for a change
_SETTING = "SYNC_API"  # what the names of the address' two settings begin with

_log = logging.getLogger(__name__)


def run_api(settings: Settings) -> int:
    """Serve reads in the foreground until SIGINT or SIGTERM; 0 after a clean stop.

    Problems (no store, port taken) are one line on stderr and 1.
    """
    log_to_stderr(settings)
    patience = timedelta(seconds=settings.busy_timeout_seconds)
    try:
        with (
            serving.listen(Address(settings.api.host, settings.api.port, _SETTING)) as listener,
            closing(open_store(settings.database_url, busy_timeout=patience)) as store,
        ):
            config = ApiConfig(calls_per_second=settings.api.calls_per_second)
            # Made before its server, which stops whoever waits for a change.
            app = build_app(config, store, is_ending=lambda: server.should_exit)
            server = _make_server(app)
            serving.announce(listener, _log, what="the read API listens", setting=_SETTING)
            with serving.stopped_by_signals(server):
                server.run(sockets=[listener])
    except (serving.ListenError, StoreError) as error:
        told = error.advice if isinstance(error, StoreError) else str(error)
        sys.stderr.write(f"akeneo-sync: {visible(mask(told))}\n")
        return 1
    return 0


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
