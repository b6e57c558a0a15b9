"""Output of `up`: its own lines and the children's, each with its name, without the noise."""

import json
import re
import sys
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TextIO

from settings import mask, visible_lines
from settings.log_lines import mask_values

# Prefect keeps all lines of a run, in its UI; what drains do is told by `up` itself.
_NOISE = tuple(
    re.compile(pattern)
    for pattern in (
        r"prefect\.flow_runs\.worker - ",
        r" - View at http",
        r" - Downloading flow code from storage at ",  # a `process` pool's: nothing is downloaded
        r" - Beginning flow run ",
        r" - Finished in state Completed",
        r" - Finished in state .*worker was stopped",
        r" - \d+ products? \(\d+ events\): ",
        r"\| Task run ",
        r"^[ _|\\/()]*$",  # the banner of Prefect's server
        r"^Configure Prefect to communicate with the server",
        r"^\s*prefect config set PREFECT_API_URL",
        r"^View the API reference documentation",
        r"^Check out the dashboard at",
        r"^Server stopped!",
        # A heartbeat that a stop of the server kept waiting: the run has ended meanwhile.
        r"Action failed: 'Failed to set state: Run is already in terminal state",
    )
)
# Two writes of an SQLite server met. It has answered 503, and is asked again within a moment.
_COLLISION = re.compile(r"database is locked|Worker channel heartbeat persistence failed")

_PREFECT = re.compile(r"^(?P<time>\d\d:\d\d:\d\d)\.\d+ \| (?P<level>\w+) *\| (?P<text>.*)$")
_LOGGING = re.compile(
    r"^\d{4}-\d\d-\d\d (?P<time>\d\d:\d\d:\d\d),\d+ (?P<level>\w+) [\w.]+: (?P<text>.*)$"
)
_TRACEBACK = re.compile(r"^[ +|]*(Exception Group )?Traceback \(most recent call last\)")

_WIDTH = 9  # the longest of the names, "simulator"
_COLOURS = {"up": "1", "prefect": "34", "receiver": "32", "worker": "35", "simulator": "36"}


def is_header(line: str) -> bool:
    """Say whether a log record begins here."""
    return bool(_PREFECT.match(line) or _LOGGING.match(line))


def is_traceback(line: str) -> bool:
    """Say whether a traceback begins here."""
    return bool(_TRACEBACK.match(line))


def is_noise(record: Sequence[str]) -> bool:
    """Say whether a record (its line, and the traceback under it) is better not shown."""
    if any(pattern.search(record[0]) for pattern in _NOISE):
        return True
    return any(_COLLISION.search(line) for line in record)


def shorten(line: str) -> str:
    """Return a log line as time and text, with its level where that is worth a look."""
    found = _PREFECT.match(line) or _LOGGING.match(line)
    if not found:
        return line
    level = "" if found["level"] == "INFO" else f"{found['level']} "
    return f"{found['time']} {level}{found['text']}"


def json_message(line: str) -> str | None:
    """Return what a line of JSON says, or None if the line is no log record in JSON."""
    if not line.startswith("{"):
        return None
    try:
        message = json.loads(line)["message"]
    except (ValueError, KeyError, TypeError):
        return None
    return str(message)


def json_line(logger: str, message: str, *, now: datetime) -> str:
    """Return a log record in JSON, as our loggers write them, for a line that is none."""
    time = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": time, "level": "INFO", "logger": logger, "message": message})


class Output:
    """The terminal, shared by `up` and its children: whole lines only, each with its source.

    `as_json`: each line is a JSON object; those of the children come through as they are.
    """

    def __init__(self, stream: TextIO | None = None, *, as_json: bool = False) -> None:
        self.as_json = as_json
        self._stream = stream or sys.stdout
        self._coloured = self._stream.isatty()

    def say(self, line: str) -> None:
        """Write a line of `up`'s own."""
        self.show("up", line)

    def tell(self, line: str) -> None:
        """Write a line of `up`'s own, with the time."""
        time = "" if self.as_json else f"{datetime.now().astimezone():%H:%M:%S} "
        self.show("up", f"{time}{line}")

    def show(self, source: str, line: str) -> None:
        """Write a line, whatever it says."""
        line = visible_lines(mask(line))
        if self.as_json:
            self._write(json_line(source, line, now=datetime.now(UTC)))
            return
        label = f"{source:<{_WIDTH}} |"
        if self._coloured:
            label = f"\x1b[{_COLOURS.get(source, '0')}m{label}\x1b[0m"
        self._write(f"{label} {line}")

    def pass_on(self, line: str) -> None:
        """Write a line of JSON as it is; anew, where a secret must be taken out of it."""
        # In its values, not in its text: a mask knows nothing of JSON's quotes.
        self._write(line if mask(line) == line else json.dumps(mask_values(json.loads(line))))

    def _write(self, line: str) -> None:
        """A reader that has gone away is no reason to stop."""
        try:
            self._stream.write(f"{line}\n")
            self._stream.flush()
        except BrokenPipeError:
            return


class ChildLines:
    """A child's lines on their way to the terminal, put together to records.

    A record is a line, or a line with the traceback under it. Of a traceback the last line is
    shown: it says what happened; Prefect's UI has the whole. Noise is dropped. Lines of JSON are
    records already, and shown whole.
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
        message = json_message(line) if self._output.as_json else None
        if message is not None:
            self.flush()
            self._note(message)
            self._output.pass_on(line)
            return
        in_traceback = any(is_traceback(each) for each in self._record)
        if not is_traceback(line) and (not in_traceback or is_header(line)):
            self.flush()
        self._record.append(line)

    def flush(self) -> None:
        """Show the record that waits: to be called when nothing has come for a moment."""
        record, self._record = self._record, []
        if not record or is_noise(record):
            return
        for line in ["\n".join(record)] if self._output.as_json else _abridge(record):
            self._note(line)
            self._output.show(self._name, line)

    def _note(self, line: str) -> None:
        self._last.append(line.splitlines()[-1].strip())
        self.has_come = self.has_come or (self._awaited is not None and self._awaited in line)

    def last_words(self) -> str:
        """Return the last line shown: often why the child ended."""
        self.flush()
        return self._last[-1] if self._last else ""


def _abridge(record: list[str]) -> list[str]:
    lines = [record[0]] if not is_traceback(record[0]) else []
    if len(record) > 1:
        lines.append(record[-1].strip())
    return [shorten(line) for line in lines]
