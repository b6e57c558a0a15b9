"""The operator's command `akeneo-sync`."""

import os
import sys
from typing import Annotated

import typer

from cli.guard import end_with, say_lines
from cli.lazy import LazyGroup
from cli.streams import as_typed, prepare_streams, speak_utf8
from settings import settle_proxies

_ONLY_US = 0o077
"""What we make holds products, deliveries and logs: for this user's eyes, and our children's."""

app = typer.Typer(
    name="akeneo-sync",
    cls=LazyGroup,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they show local variables: secrets may be among them
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
    say_lines(settle_proxies(os.environ))  # noqa: TID251 -- the process's own, for every HTTP client
    arguments = [as_typed(argument) for argument in sys.argv[1:]]
    try:
        app(arguments, prog_name="akeneo-sync")
    except Exception as error:  # noqa: BLE001 -- help and usage have no command's guard
        sys.exit(end_with(error))


if __name__ == "__main__":
    main()
