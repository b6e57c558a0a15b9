"""How our children's log lines look, and which of them say nothing to an operator."""

import json
import re
from collections.abc import Sequence
from datetime import datetime

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
