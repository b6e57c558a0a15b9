"""The store, as commands open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from settings import Settings
from storage import Store, open_store


@contextmanager
def opened_store(settings: Settings, *, patience: timedelta | None = None) -> Iterator[Store]:
    """Open the configured store, never creating one, and close it at the end.

    `patience`: how long a write waits for its turn, if not as long as the settings say.

    Raises:
        StoreError: it is missing, of another version, or does not answer.
    """
    configured = timedelta(seconds=settings.busy_timeout_seconds)
    store = open_store(settings.database_url, busy_timeout=min(configured, patience or configured))
    try:
        yield store
    finally:
        store.close()
