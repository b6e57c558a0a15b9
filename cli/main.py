"""The operator's command `akeneo-sync`: a group whose commands are imported when called."""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cli.command_help import COMMANDS, CommandEntry
from cli.guard import end_with, guarded, say_lines
from cli.streams import as_typed, prepare_streams, speak_utf8
from settings import mend_proxies

_ONLY_US = 0o077
"""What we make holds products, deliveries and logs: for this user's eyes, and our children's."""


# Typer carries a Click of its own under a private name: its contexts and commands are Any here.


class LazyGroup(TyperGroup):
    """Lists the commands by their help, and loads a command's module when it is resolved."""

    def __init__(self, **attrs: Any) -> None:
        listed = {
            entry.name: TyperCommand(
                entry.name, help=entry.help, short_help=entry.summary, rich_markup_mode=None
            )
            for entry in COMMANDS.values()
        }
        super().__init__(**{**attrs, "commands": listed})

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the help's order."""
        del ctx
        return list(COMMANDS)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command as any group does, then put the loaded one in its place."""
        name, command, rest = super().resolve_command(ctx, args)
        entry = COMMANDS.get(name or "")
        return name, load_command(entry) if entry else command, rest


app = typer.Typer(
    name="akeneo-sync",
    cls=LazyGroup,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show local variables: secrets may be among them
    context_settings={"help_option_names": ["-h", "--help"]},
)


def load_command(entry: CommandEntry) -> Any:
    """Import the command's module and build its parser, with its sub-commands if it has any."""
    module = import_module(entry.module)
    if not entry.parts:
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        _add(single, entry, module.run)
        return typer.main.get_command(single)
    group = typer.Typer(
        name=entry.name,
        help=entry.help,
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=True,
    )
    for part in entry.parts:
        _add(group, part, module.PARTS[part.name])
    return typer.main.get_command(group)


def _add(parser: typer.Typer, entry: CommandEntry, run: Callable[..., int | None]) -> None:
    parser.command(name=entry.name, help=entry.help, short_help=entry.summary)(guarded(run))


def _show_version(asked: bool) -> None:  # noqa: FBT001 -- the form of an option's callback
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 -- only --version needs it

        typer.echo(version("akeneo-sync"))
        raise typer.Exit


@app.callback()
def _describe(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Keep a product store in step with an Akeneo PIM.

    Settings come from the environment and from .env in the project's folder.
    """
    del version


def main() -> None:
    """Run the command line of this process and exit."""
    speak_utf8()
    os.umask(_ONLY_US)
    prepare_streams()
    say_lines(mend_proxies(os.environ))  # noqa: TID251 -- the process's own, for every HTTP client
    arguments = [as_typed(argument) for argument in sys.argv[1:]]
    try:
        app(arguments, prog_name="akeneo-sync")
    except Exception as error:  # noqa: BLE001 -- help and usage have no command's guard
        sys.exit(end_with(error))


if __name__ == "__main__":
    main()
