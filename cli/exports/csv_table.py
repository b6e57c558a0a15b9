r"""CSV of products: a header, a row each, UTF-8, lines ended by `\n`, texts with all their letters.

A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, whoever wrote it
into the PIM. So such a text gets an apostrophe before it; a number is none, and is left alone.
"""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

from cli.exports.cells import Row
from settings import visible_lines

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Utf8:
    """A file of texts over one of bytes."""

    def __init__(self, sink: BinaryIO, shown: Callable[[str], str]) -> None:
        self._sink = sink
        self._shown = shown

    def write(self, text: str) -> None:
        self._sink.write(self._shown(text).encode())


def write_csv(
    rows: Iterable[Row], columns: Sequence[str], sink: BinaryIO, *, verbatim: bool
) -> None:
    """Write the rows' cells of these columns, in this order.

    `verbatim`: texts that a spreadsheet takes for formulas stand as they are. On a terminal, what
    would steer it is shown as its escape.
    """
    keep: Callable[[str], str] = str if verbatim else _guard
    # What a table holds is taken up by a program: only a screen is guarded from hidden letters.
    text_file = _Utf8(sink, visible_lines if sink.isatty() else str)
    writer = csv.writer(text_file, lineterminator="\n")
    writer.writerow(map(keep, columns))
    for row in rows:
        writer.writerow([_cell(row.get(name), keep) for name in columns])


def _cell(cell: str | bool | None, keep: Callable[[str], str]) -> str:  # noqa: FBT001 -- data
    match cell:
        case None:
            return ""
        case bool():
            return "1" if cell else "0"
        case str():
            return keep(cell)


def _guard(text: str) -> str:
    is_formula = text.startswith(_FORMULA) and _NUMBER.fullmatch(text) is None
    return f"'{text}" if is_formula else text
