"""One line for the person at the terminal."""

import sys


def say(line: str) -> None:
    """Write `line` to stderr at once: stdout is for results, and may be a pipe."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
