"""What `up` shows: its own lines, and the children's, each with its name, without the noise."""

import sys
from collections import deque
from datetime import datetime
from typing import TextIO

from deployments.log_lines import is_header, is_noise, is_traceback, shorten
from settings import mask

_WIDTH = 9  # the longest of the names, "simulator"
_COLOURS = {"up": "1", "prefect": "34", "receiver": "32", "worker": "35", "simulator": "36"}


class Output:
    """The terminal, shared by `up` and its children: whole lines only, each with its source."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty()

    def say(self, line: str) -> None:
        """Write a line of `up`'s own."""
        self.show("up", line)

    def tell(self, line: str) -> None:
        """Write a line of `up`'s own, with the time."""
        self.show("up", f"{datetime.now().astimezone():%H:%M:%S} {line}")

    def show(self, source: str, line: str) -> None:
        """Write a line, whatever it says. A reader that has gone away is no reason to stop."""
        label = f"{source:<{_WIDTH}} |"
        if self._coloured:
            label = f"\x1b[{_COLOURS.get(source, '0')}m{label}\x1b[0m"
        try:
            self._stream.write(f"{label} {mask(line)}\n")
            self._stream.flush()
        except BrokenPipeError:
            return


class ChildLines:
    """A child's lines on their way to the terminal, put together to records.

    A record is a line, or a line with the traceback under it. Of a traceback the last line is
    shown: it says what happened; Prefect's UI has the whole. Noise is dropped.
    """

    def __init__(self, name: str, output: Output, *, awaited: str | None = None) -> None:
        self.has_come = False  # a line that holds `awaited`
        self._awaited = awaited
        self._name = name
        self._output = output
        self._record: list[str] = []
        self._last: deque[str] = deque(maxlen=5)

    def take(self, raw: bytes) -> None:
        """Take one line as it came; it is shown when the next record begins, or by `flush`."""
        line = raw.decode("utf-8", errors="replace").rstrip()
        if not line:
            return
        in_traceback = any(is_traceback(each) for each in self._record)
        if not is_traceback(line) and (not in_traceback or is_header(line)):
            self.flush()
        self._record.append(line)

    def flush(self) -> None:
        """Show what is held back: to be called when nothing has come for a moment."""
        record, self._record = self._record, []
        if not record or is_noise(record):
            return
        lines = [record[0]] if not is_traceback(record[0]) else []
        if len(record) > 1:
            lines.append(record[-1].strip())
        for line in map(shorten, lines):
            self._last.append(line)
            self.has_come = self.has_come or (self._awaited is not None and self._awaited in line)
            self._output.show(self._name, line)

    def last_words(self) -> str:
        """Return the last line shown: often why the child ended."""
        self.flush()
        return self._last[-1] if self._last else ""
