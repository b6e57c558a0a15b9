"""What runs and probes find out about the source, told to the breaker."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from flows.threads import in_thread
from pim.breaker import SourceFailure
from pim.errors import SourceError
from storage.breaker import reset_breaker, trip_breaker
from storage.engine import Store
from storage.errors import StoreError

log = logging.getLogger(__name__)


@asynccontextmanager
async def noting_source(store: Store) -> AsyncIterator[None]:
    """Tell the breaker how the body fared with the source; what concerns one thing is no news."""
    try:
        yield
    except SourceError as error:
        if error.source_wide:
            await note_failure(store, error)
        raise
    await note_success(store)


async def note_failure(store: Store, error: SourceError) -> None:
    """Record that a run failed because of the source: it is left alone for a while.

    A store that is away as well cannot be told; the caller's own error is the one to show.
    """
    failure = failure_of(error)
    try:
        view = await in_thread(store.run, lambda tx: trip_breaker(tx, failure))
    except StoreError as store_error:
        log.warning("the source fails (%s), and the store cannot note it: %s", error, store_error)
        return
    fields = {
        "source": error.path or None,
        "status": error.status,
        "failures": view.failures,
        "next_try_at": view.next_try_at,
    }
    log.warning("the source fails, next try at %s: %s", view.next_try_at, error, extra=fields)


async def note_success(store: Store) -> None:
    """Record that the source did what a run asked of it."""
    was = await in_thread(store.run, reset_breaker)
    if was is not None:
        fields = {"failing_since": was.failing_since, "failures": was.failures}
        log.warning(
            "the source answers again; it had failed since %s", was.failing_since, extra=fields
        )


def failure_of(error: SourceError) -> SourceFailure:
    """Translate an error of the client into the breaker's terms."""
    retry_after = timedelta(seconds=error.retry_after) if error.retry_after else None
    return SourceFailure(str(error), retryable=error.retryable, retry_after=retry_after)
