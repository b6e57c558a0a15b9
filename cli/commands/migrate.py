"""`akeneo-sync migrate`."""

import typer

from cli.opening import read_settings
from cli.output import printable
from storage import StoreBehind, StoreMissing, migrate, open_store


def run() -> None:
    """Create the store or bring it up to date, and say which."""
    settings = read_settings()
    done = _describe_need(settings.database_url)
    revision = migrate(settings.database_url)
    typer.echo(printable(f"{settings.database_label}: {done} (revision {revision})"))


def _describe_need(url: str) -> str:
    """Say what `migrate` is about to do, judged by what opening the store says."""
    try:
        open_store(url).close()
    except StoreMissing:
        return "created"
    except StoreBehind:
        return "brought up to date"
    return "was up to date already"
