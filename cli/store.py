"""The store, as commands open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from settings import Settings
from storage import Store, open_store


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """Open the configured store, never creating one, and close it at the end.

    Raises:
        StoreError: it is missing, of another version, or does not answer.
    """
    store = open_store(
        settings.database_url, busy_timeout=timedelta(seconds=settings.busy_timeout_seconds)
    )
    try:
        yield store
    finally:
        store.close()
