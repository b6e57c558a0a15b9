"""`akeneo-sync replay`."""

from typing import Annotated

import typer

from cli.context import read_settings
from cli.letters import check_count, choose_letters
from cli.store import opened_store
from storage.letters import replay_events


def run(
    event_ids: Annotated[
        list[str] | None, typer.Argument(metavar="EVENT_ID...", help="Which dead letters.")
    ] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All dead letters.")] = False,
) -> None:
    """Put dead letters back as due; the receiver notices them by itself within 15 s."""
    chosen = choose_letters(event_ids, every=every)
    with opened_store(read_settings()) as store:
        done = store.run(lambda tx: replay_events(tx, event_ids=chosen))
    typer.echo(check_count(done, chosen, what="due again"))
