"""Doing something again and again beside a Prefect server that may be away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import anyio
import httpx
from prefect.exceptions import ObjectNotFound

log = logging.getLogger(__name__)

# Prefect's client would wait up to a minute for a server that is gone.
CALL_SECONDS = 15.0
API_ERRORS = (httpx.HTTPError, TimeoutError, OSError)


async def repeat(
    seconds: float, work: Callable[[], Awaitable[object]], stop: asyncio.Event
) -> None:
    """Do `work` until `stop`; the server's absence ends a try, and never the loop.

    Nor does a pool or a run that somebody has deleted meanwhile.
    """
    while not stop.is_set():
        try:
            with anyio.fail_after(CALL_SECONDS):
                await work()
        except (*API_ERRORS, ObjectNotFound) as error:
            log.debug("%s: %r", work, error)
        with anyio.move_on_after(seconds):
            await stop.wait()
