"""Settings and store, as every command opens them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from cli.guard import say_lines
from settings import Settings, install_masking, load_settings
from storage import Store, open_store


def read_settings(*, use_demo: bool = True) -> Settings:
    """Load the settings and say their warnings on stderr.

    `use_demo`: a running demo's PIM stands in where none is configured.

    Raises:
        SettingsError: see `settings.load_settings`.
    """
    settings = load_settings(use_demo=use_demo)
    install_masking(settings)
    say_lines(list(settings.warnings))
    return settings


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
