"""What `up` shows: its own lines, and the children's, each with its name, without the noise."""

import re
import sys
from collections import deque
from typing import TextIO

_WIDTH = 9  # the longest of the names, "simulator"
_COLOURS = {"up": "1", "prefect": "34", "receiver": "32", "worker": "35", "simulator": "36"}

# Lines that say nothing to an operator. Prefect keeps all of a run's lines, in its UI.
_NOISE = tuple(
    re.compile(pattern)
    for pattern in (
        r"prefect\.flow_runs\.worker - ",
        r" - View at http",
        r" - Beginning flow run ",
        r" - Finished in state Completed",
        r"\| Task run ",
        r"^[ _|\\/()]*$",  # the banner of Prefect's server
        r"^Configure Prefect to communicate with the server",
        r"^\s*prefect config set PREFECT_API_URL",
        r"^View the API reference documentation",
        r"^Check out the dashboard at",
        r"^Server stopped!",
        # Two writes of an SQLite server met: it has answered 503, and is asked again.
        r"sqlite3\.OperationalError.*database is locked",
    )
)


class Output:
    """The terminal, shared by `up` and its children: whole lines only, each with its source."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty()

    def say(self, line: str) -> None:
        """Write a line of `up`'s own."""
        self.show("up", line)

    def show(self, source: str, line: str) -> None:
        """Write a line, whatever it says."""
        label = f"{source:<{_WIDTH}} |"
        if self._coloured:
            label = f"\x1b[{_COLOURS.get(source, '0')}m{label}\x1b[0m"
        self._stream.write(f"{label} {line}\n")
        self._stream.flush()


class ChildLines:
    """A child's lines on their way to the terminal: noise is dropped, the last few are kept.

    A traceback is kept whole for `last_words`, and shown as its last line only.
    """

    def __init__(self, name: str, output: Output) -> None:
        self._name = name
        self._output = output
        self._last: deque[str] = deque(maxlen=20)
        self._in_traceback = False

    def take(self, raw: bytes) -> None:
        """Take one line as it came."""
        line = raw.decode("utf-8", errors="replace").rstrip()
        if not line:
            return
        self._last.append(line)
        if not self._is_noise(line):
            self._output.show(self._name, line)

    def last_words(self) -> str:
        """Return the last line that says something: often why the child ended."""
        for line in reversed(self._last):
            if not any(pattern.search(line) for pattern in _NOISE):
                return line.strip()
        return ""

    def _is_noise(self, line: str) -> bool:
        if line.startswith("Traceback (most recent call last)"):
            self._in_traceback = True
            return True
        if self._in_traceback and line.startswith((" ", "\t", "During handling", "The above")):
            return True
        self._in_traceback = False
        return any(pattern.search(line) for pattern in _NOISE)
