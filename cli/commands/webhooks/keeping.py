"""`akeneo-sync webhooks add`, `remove` and `rotate-secret`."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import typer

from cli.asking import Yes, confirm_plan
from cli.commands.webhooks.naming import LAST_POSITION, Name, no_webhook, require_webhook
from cli.guard import CommandError
from cli.opening import opened_store, read_settings
from flows.notifying import MOST_CHANGES
from settings import parse_webhook_url
from storage import Store, Transaction
from storage.products import read_bounds
from storage.webhooks import add_webhook, remove_webhook, rotate_secret


def parse_url(text: str) -> str:
    """Return the address that is given.

    Raises:
        typer.BadParameter: nothing can be sent to it.
    """
    try:
        return parse_webhook_url(text.strip())
    except ValueError as error:
        raise typer.BadParameter(f"the URL {error}") from error


def run_add(
    name: Name,
    url: Annotated[str, typer.Argument(help="Where to: http or https.", callback=parse_url)],
    *,
    position: Annotated[
        int | None,
        typer.Option(
            "--from",
            metavar="POSITION",
            min=0,
            max=LAST_POSITION,
            help="Send what follows this position: that of the shop's export.",
        ),
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Send all changes that are still kept.")
    ] = False,
    documents: Annotated[
        bool,
        typer.Option("--documents", help="With each, the product's document as it is then."),
    ] = False,
    most: Annotated[
        int, typer.Option(min=1, max=MOST_CHANGES, help="So many changes a request at most.")
    ] = 100,
) -> None:
    """Add a webhook, and show its secret this once."""
    if from_start and position is not None:
        raise typer.BadParameter("say --from POSITION or --from-start, not both")
    with opened_store(read_settings()) as store:

        def add(tx: Transaction) -> tuple[str | None, int]:
            start = _start_of(tx, position, from_start=from_start)
            secret = add_webhook(
                tx,
                name=name,
                url=url,
                position=start,
                documents=documents,
                most=most,
                now=datetime.now(UTC),
            )
            return secret, start

        secret, start = store.run(add)
    if secret is None:
        raise CommandError(
            f"there is a webhook {name} already; remove it first, or add one of another name"
        )
    typer.echo(f"{name} is sent what follows position {start}", err=True)
    _show_secret(secret)


def run_remove(name: Name, *, yes: Yes = False) -> None:
    """Remove a webhook for good, with its secret and its position."""
    with opened_store(read_settings()) as store:
        found = require_webhook(store, name)
        plan = f"remove the webhook {name} (at position {found.position}) and its secret"
        confirm_plan([plan], yes=yes)
        if not store.run(partial(remove_webhook, name=name, now=datetime.now(UTC))):
            raise no_webhook(name)
    typer.echo(f"removed: nothing is sent to {name} any more")


def run_rotate(
    name: Name,
    *,
    hours: Annotated[
        float,
        typer.Option("--keep-hours", min=0.0, max=8760.0, help="So long the old one signs, too."),
    ] = 24.0,
) -> None:
    """Give a webhook a new secret, and show it this once."""
    with opened_store(read_settings()) as store:
        secret = _rotate(store, name, timedelta(hours=hours))
    typer.echo(f"requests to {name} are signed with the old one, too, for {hours:g} h", err=True)
    _show_secret(secret)


def _rotate(store: Store, name: str, overlap: timedelta) -> str:
    secret = store.run(partial(rotate_secret, name=name, now=datetime.now(UTC), overlap=overlap))
    if secret is None:
        raise no_webhook(name)
    return secret


def _start_of(tx: Transaction, position: int | None, *, from_start: bool) -> int:
    kept_from, end = read_bounds(tx)
    if position is not None:
        return position
    return kept_from if from_start else end


def _show_secret(secret: str) -> None:
    typer.echo("keep it now, it is not shown again:", err=True)
    typer.echo(secret)
