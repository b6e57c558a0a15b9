"""`akeneo-sync discard`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.opening import opened_store, read_settings
from cli.views import check_count, choose_dead_letters
from storage.inbox import discard_events


def _check_note(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("say why, for whoever asks later")
    return text.strip()


def run(
    event_ids: Annotated[
        list[str] | None, typer.Argument(metavar="EVENT_ID...", help="Which dead letters.")
    ] = None,
    *,
    note: Annotated[
        str, typer.Option(callback=_check_note, help="Why; it is kept with the event.")
    ],
    every: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
) -> None:
    """Settle dead letters for good."""
    chosen = choose_dead_letters(event_ids, every=every)
    now = datetime.now(UTC)
    with opened_store(read_settings()) as store:
        done = store.run(lambda tx: discard_events(tx, note=note, now=now, event_ids=chosen))
    typer.echo(check_count(done, chosen, what="discarded"))
