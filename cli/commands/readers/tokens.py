"""`akeneo-sync tokens`."""

from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from cli.guard import CommandError
from cli.opening import opened_store, read_settings
from cli.output import add_row, iso, open_console, open_table, parse_name, print_json
from storage import Store
from storage.state import list_tokens, make_token, revoke_token


class Action(StrEnum):
    """What is done with tokens."""

    CREATE = "create"
    LIST = "list"
    REVOKE = "revoke"


def run(
    action: Annotated[Action, typer.Argument(help="What to do.")],
    name: Annotated[
        str | None, typer.Argument(help="Whose token: letters, digits, '.', '_' and '-'.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The list as one JSON array.")] = False,
) -> None:
    """Make, list or revoke tokens of the read API."""
    if action is Action.LIST:
        if name is not None:
            raise typer.BadParameter("the list is of all: give no NAME")
        with opened_store(read_settings()) as store:
            _show(store, as_json=as_json)
        return
    plain = parse_name(name)
    with opened_store(read_settings()) as store:
        (_create if action is Action.CREATE else _revoke)(store, plain)


def _create(store: Store, name: str) -> None:
    token = store.run(partial(make_token, name=name, now=datetime.now(UTC)))
    if token is None:
        raise CommandError(
            f"{name} has a token already, which cannot be shown again; revoke it first, "
            "or make one of another name"
        )
    typer.echo("keep it now, it is not shown again:", err=True)
    typer.echo(token)


def _revoke(store: Store, name: str) -> None:
    if not store.run(partial(revoke_token, name=name, now=datetime.now(UTC))):
        raise CommandError(f"{name} has no token that is good; `akeneo-sync tokens list` shows all")
    typer.echo(f"revoked: the token of {name} is refused within seconds")


def _show(store: Store, *, as_json: bool) -> None:
    with store.read() as tx:
        tokens = list_tokens(tx)
    if as_json:
        print_json(
            [
                {
                    "name": each.name,
                    "made_at": iso(each.made_at),
                    "revoked_at": iso(each.revoked_at),
                }
                for each in tokens
            ]
        )
        return
    table = open_table("name", "made", "revoked")
    for each in tokens:
        add_row(table, each.name, _instant(each.made_at), _instant(each.revoked_at))
    open_console().print(table if tokens else "no tokens; `akeneo-sync tokens create NAME`")


def _instant(instant: datetime | None) -> str:
    return "" if instant is None else instant.astimezone().isoformat(sep=" ", timespec="seconds")
