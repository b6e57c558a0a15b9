"""Guard over each command: its exit code, and one line for what could not be done."""

import functools
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec

import typer

from cli.cures import find_cure
from cli.streams import is_unwritten_output, silence_stdout
from pim.errors import SyncError
from pim.texts import is_storable
from settings import SettingsError, mask, project_root, visible, visible_lines

DONE = 0
NOT_DONE = 1
DRIFT_FOUND = 3
FEED_LOST = 3

_LONGEST_LINE = 300

P = ParamSpec("P")


class CommandError(Exception):
    """The command could not be done; the message is one line: what, and the cure."""


def guarded(run: Callable[P, int | None]) -> Callable[P, None]:
    """Return `run` so that it ends the process the way all commands end.

    An exit code other than 0 that `run` returns becomes the process's. An expected error is one
    line on stderr. Any other is one line too, and its traceback goes to a file. A reader of our
    output that has had enough (`| head`) ends the command quietly.
    """

    @functools.wraps(run)
    def command(*args: P.args, **kwargs: P.kwargs) -> None:
        _refuse_unreadable([*args, *kwargs.values()])
        try:
            code = run(*args, **kwargs) or DONE
            sys.stdout.flush()
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except Exception as error:  # noqa: BLE001 -- the last handler: nobody is above it
            code = end_with(error)
        raise typer.Exit(code)

    return command


def end_with(error: Exception) -> int:
    """Say on stderr what could not be done, and return the process's exit code."""
    if isinstance(error, BrokenPipeError):
        silence_stdout()
        return DONE
    say_lines(_explain(error))
    if is_unwritten_output(error):
        silence_stdout()
    return NOT_DONE


def _refuse_unreadable(values: Iterable[object]) -> None:
    """What is no text cannot be looked up: a file name in another encoding, say.

    Raises:
        typer.BadParameter: some value is none.
    """
    for value in values:
        texts = value if isinstance(value, list) else [value]
        if not all(is_storable(text) for text in texts if isinstance(text, str)):
            raise typer.BadParameter("an argument is not UTF-8 text; write it anew")


def say_lines(lines: list[str]) -> None:
    """Write each line to stderr under the program's name."""
    for line in lines:
        typer.echo(f"akeneo-sync: {visible(mask(line))}", err=True)


def _explain(error: Exception) -> list[str]:
    if isinstance(error, SettingsError):
        return list(error.problems)
    if is_unwritten_output(error):
        reason = error.strerror if isinstance(error, OSError) else error
        return [f"the output cannot be written: {reason}; make room, or write it elsewhere"]
    if isinstance(error, CommandError | SyncError):  # its text is meant for the operator
        cure = find_cure(error)
        told = _one_line(str(error)) or type(error).__name__
        return [f"{told}; {cure}" if cure else told]
    told = _one_line(str(error))
    what = f"unexpected {type(error).__name__}{': ' if told else ''}{told}"
    return [f"{what} (traceback: {_write_traceback(error)})"]


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…"


def _write_traceback(error: Exception) -> str:
    text = visible_lines(mask("".join(traceback.format_exception(error))))
    name = f"command-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    for folder in (project_root() / "var" / "log", Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        except OSError:
            continue
        return str(folder / name)
    return "could not be written anywhere"
