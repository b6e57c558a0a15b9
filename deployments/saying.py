"""One line for the person at the terminal."""

import sys

from settings import mask, visible


def say(line: str) -> None:
    """Write `line` to stderr at once: stdout is for results, and may be a pipe."""
    sys.stderr.write(visible(mask(line)) + "\n")
    sys.stderr.flush()
