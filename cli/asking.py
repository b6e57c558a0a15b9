"""Questions to a person before something is changed."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias

import typer

from cli.guard import CommandError
from cli.output import can_ask, printable

Yes: TypeAlias = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


def confirm_plan(lines: Sequence[str], *, yes: bool) -> None:
    """Show what is to be done; return if it may be.

    Raises:
        typer.Abort: the person says no.
        CommandError: nobody is there to be asked.
    """
    for line in lines:
        typer.echo(printable(line))
    if yes:
        return
    if not can_ask():
        raise CommandError("nothing was changed, nobody is there to be asked; say --yes")
    typer.confirm("Do it?", abort=True)
