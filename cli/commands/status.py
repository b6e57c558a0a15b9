"""`akeneo-sync status`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from cli.opening import opened_store, read_settings
from cli.output import open_console, print_json
from cli.views import show_status, status_object
from storage import Store, StoreError
from storage.database import try_write
from storage.views import read_status

_PATIENCE = timedelta(seconds=2)  # a lock that lasts longer keeps deliveries waiting, too


def run(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, keys stable.")] = False,
) -> None:
    """Show the overview, read in one snapshot, and whether the store takes a write now."""
    settings = read_settings()
    now = datetime.now(UTC)
    with opened_store(settings, patience=_PATIENCE) as store:
        unwritable = _try_write(store)
        with store.read() as tx:
            status = read_status(tx, now=now, unwritable=unwritable)
    if as_json:
        print_json(status_object(status, now=now))
    else:
        show_status(open_console(), status, now=now, where=settings.database_label)


def _try_write(store: Store) -> str | None:
    """Try the store as `/readyz` does; say why it takes no write, or None."""
    try:
        try_write(store)
    except StoreError as error:
        return str(error)
    return None
