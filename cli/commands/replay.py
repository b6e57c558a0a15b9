"""`akeneo-sync replay`."""

from typing import Annotated

import typer

from cli.opening import opened_store, read_settings
from cli.views import check_count, choose_dead_letters
from storage.inbox import replay_events


def run(
    event_ids: Annotated[
        list[str] | None, typer.Argument(metavar="EVENT_ID...", help="Which dead letters.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
) -> None:
    """Put dead letters back as due; the receiver notices them by itself within 15 s."""
    chosen = choose_dead_letters(event_ids, every=every)
    with opened_store(read_settings()) as store:
        done = store.run(lambda tx: replay_events(tx, event_ids=chosen))
    typer.echo(check_count(done, chosen, what="due again"))
