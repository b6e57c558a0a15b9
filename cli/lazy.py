"""A command group whose commands are imported when they are called."""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from cli.catalogue import COMMANDS, CommandEntry
from cli.guard import guarded

# Typer carries a Click of its own under a private name: its contexts and commands are Any here.


class LazyGroup(TyperGroup):
    """Lists the catalogue's commands, and loads a command's module when it is resolved."""

    def __init__(self, **attrs: Any) -> None:
        listed = {
            entry.name: TyperCommand(
                entry.name, help=entry.help, short_help=entry.summary, rich_markup_mode=None
            )
            for entry in COMMANDS.values()
        }
        super().__init__(**{**attrs, "commands": listed})

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names in the catalogue's order."""
        del ctx
        return list(COMMANDS)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find the command as any group does, then put the loaded one in its place."""
        name, command, rest = super().resolve_command(ctx, args)
        entry = COMMANDS.get(name or "")
        return name, load_command(entry) if entry else command, rest


def load_command(entry: CommandEntry) -> Any:
    """Import the command's module and build its parser."""
    single = typer.Typer(add_completion=False, rich_markup_mode=None)
    run = guarded(import_module(entry.module).run)
    single.command(name=entry.name, help=entry.help, short_help=entry.summary)(run)
    return typer.main.get_command(single)
