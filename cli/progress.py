"""Progress of what takes long, on stderr and only to a person."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cli.output import open_console, printable

T = TypeVar("T")

Report = Callable[[int, int | None, str], None]

_PATIENCE_SECONDS = 1.5  # what is over sooner needs no bar


@contextmanager
def progress_bar() -> Iterator[Report]:
    """Show a bar while the body runs; call what is given with `(done, total or None, what)`.

    Nothing is shown where stderr is no terminal.
    """
    if not sys.stderr.isatty():
        yield _say_nothing
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeElapsedColumn(), console=open_console(stderr=True), transient=True
    ) as progress:
        task = progress.add_task("", total=None)

        def report(done: int, total: int | None, what: str) -> None:
            progress.update(task, completed=done, total=total, description=printable(what))

        yield report


def counted(items: Iterator[T], what: str) -> Iterator[T]:
    """Pass the items on, and show their count once it takes longer than a moment."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from items  # no person watches, or the items themselves are on the screen
        return
    began = time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - began > _PATIENCE_SECONDS:
            with progress_bar() as report:
                for position, later in enumerate(items, start=done + 1):
                    yield later
                    report(position, None, what)


def _say_nothing(done: int, total: int | None, what: str) -> None:
    del done, total, what
