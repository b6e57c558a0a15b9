"""`akeneo-sync webhooks pause`, `resume` and `replay`."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from cli.commands.webhooks.naming import LAST_POSITION, Name, no_webhook
from cli.opening import opened_store, read_settings
from storage import Transaction
from storage.webhooks import find_webhook, pause_webhook, replay_webhook, resume_webhook


def run_pause(name: Name) -> None:
    """Send nothing until it is resumed."""
    with opened_store(read_settings()) as store:
        if not store.run(partial(pause_webhook, name=name, now=datetime.now(UTC))):
            raise no_webhook(name)
    typer.echo(f"paused: {name} keeps its position; `akeneo-sync webhooks resume {name}` goes on")


def run_resume(name: Name) -> None:
    """Go on at its position, at once."""
    with opened_store(read_settings()) as store:
        if not store.run(partial(resume_webhook, name=name, now=datetime.now(UTC))):
            raise no_webhook(name)
    typer.echo(f"resumed: {name} is sent what follows its position within a minute")


def run_replay(
    name: Name,
    *,
    position: Annotated[
        int,
        typer.Option(
            "--from",
            metavar="POSITION",
            min=0,
            max=LAST_POSITION,
            help="Send what follows this position.",
        ),
    ],
) -> None:
    """Set the position, back or forth, and go on from there."""

    def replay(tx: Transaction) -> int | None:
        found = find_webhook(tx, name)
        now = datetime.now(UTC)
        is_done = found is not None and replay_webhook(tx, name, position=position, now=now)
        return found.position if found is not None and is_done else None

    with opened_store(read_settings()) as store:
        before = store.run(replay)
    if before is None:
        raise no_webhook(name)
    typer.echo(f"{name} is sent what follows position {position} within a minute; it was {before}")
