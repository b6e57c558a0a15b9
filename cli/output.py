"""Output for people and programs: tables, instants and spans in words; and JSON."""

import json
import re
import shutil
import sys
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from pim.json_types import JsonValue
from settings import visible, visible_json

# A pipe has no width; eighty columns would cut event ids and reasons that someone greps for.
_WIDTH_OF_A_PIPE = 200
_LEAST_WIDTH = 40  # a table in fewer columns is one letter wide
_LONGEST_QUOTE = 60
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
MOST_ROWS = 1_000_000
"""The most rows that a list shows: a million lines is no view, and what counts rows has limits."""

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


class _OperatorConsole(Console):
    """A console that leaves a closed pipe to the command's guard instead of exiting by itself."""

    def on_broken_pipe(self) -> None:
        """Let the guard decide how the command ends."""
        raise BrokenPipeError


def open_console(*, stderr: bool = False) -> Console:
    """Return a console on stdout, or on stderr, as wide as the terminal or as a wide pipe."""
    width = shutil.get_terminal_size(fallback=(_WIDTH_OF_A_PIPE, 50)).columns
    return _OperatorConsole(
        stderr=stderr, width=max(width, _LEAST_WIDTH), highlight=False, markup=False, emoji=False
    )


def open_table(*headings: str, title: str | None = None) -> Table:
    """Return an empty table in the one style of this command."""
    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def print_json(value: JsonValue) -> None:
    """Write one JSON document to stdout, indented, as UTF-8 escapes where stdout may lack it."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=True, allow_nan=False))


def print_line(text: str) -> None:
    """Write one line of NDJSON to stdout, as UTF-8."""
    # Bytes: the terminal's encoding must not decide what an export may hold. And one line for
    # every reader: some end lines at U+2028 or U+0085, too.
    sys.stdout.buffer.write(visible_json(text).encode() + b"\n")


def say_instant(instant: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Say when: `10:02` for today, `23 Nov 10:02` for this year; in `zone` (local time if None)."""
    local, today = instant.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%d %b %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d %H:%M}"


def say_span(span: timedelta) -> str:
    """Say how long, in at most two units: `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`."""
    seconds = max(0, round(span.total_seconds()))
    for (large, length), (small, small_length) in pairwise(_UNITS):
        if seconds >= length:
            rest = seconds % length // small_length
            return f"{seconds // length} {large}" + (f" {rest} {small}" if rest else "")
    return f"{seconds} s"


def say_ago(instant: datetime, *, now: datetime) -> str:
    """Say how long ago, or in how long."""
    if instant > now:
        return f"in {say_span(instant - now)}"
    return f"{say_span(now - instant)} ago"


def say_count(count: int, thing: str, things: str | None = None) -> str:
    """Say `1 product`, `2 products`, `12,345 products`."""
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"


def iso(instant: datetime | None) -> str | None:
    """Return the instant for JSON, ISO 8601 with its offset."""
    return None if instant is None else instant.isoformat()


def add_row(table: Table, *cells: str) -> None:
    """Add a row of data, each cell one line: control characters are shown, not obeyed."""
    table.add_row(*[printable(cell) for cell in cells])


def printable(text: str) -> str:
    """Return foreign text as one line that steers no terminal: see `settings.foreign_text`."""
    return visible(text)


def quoted(text: str) -> str:
    """Return what a person wrote in quotes, cut if it is very long, for a line about it."""
    shown = repr(text)
    return shown if len(shown) <= _LONGEST_QUOTE else f"{shown[:_LONGEST_QUOTE]}\u2026'"


def parse_key(text: str | None) -> str | None:
    """Return a product's key as typed, without blanks around it: the callback of an option.

    Raises:
        typer.BadParameter: nothing is left.
    """
    if text is None:
        return None
    if not text.strip():
        raise typer.BadParameter("a product's uuid or identifier is not blank")
    return text.strip()


def parse_name(text: str | None) -> str:
    """Return the name that a person gives to a token or a webhook.

    Raises:
        typer.BadParameter: it is none, or not a plain one.
    """
    if text is None or _NAME.fullmatch(text) is None:
        raise typer.BadParameter("give a NAME of letters, digits, '.', '_' and '-'")
    return text


def can_ask() -> bool:
    """Tell whether a person is there to answer a question."""
    return sys.stdin.isatty() and sys.stdout.isatty()
