"""Text of reports in markdown: foreign text escaped, spans and sizes as people say them."""

import re
from datetime import timedelta

from pim.texts import storable
from settings import STEERING

_STEERING = re.compile(f"{STEERING.pattern}+")
_MARKUP = re.compile(r"([\\`*_\[\]|~])")
_WORD_UNDERSCORE = re.compile(r"(?<=\w)\\_(?=\w)")  # inside a word it marks nothing up
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def table_cell(text: str) -> str:
    """Text as one line that shows just itself, in a table's cell or anywhere else."""
    line = _STEERING.sub(" ", storable(text)).strip()
    line = "".join(_ENTITIES.get(sign, sign) for sign in line)
    escaped = _WORD_UNDERSCORE.sub("_", _MARKUP.sub(r"\\\1", line))
    return escaped.replace("://", ":&#47;&#47;")  # an address is shown, not made a link


def as_code(text: str | None) -> str:
    """A key or an id, in the type of code; nothing for none."""
    plain = _STEERING.sub(" ", storable(text or "")).replace("`", "'").replace("|", "¦").strip()
    return f"`{plain}`" if plain else ""


def format_span(span: timedelta) -> str:
    """A duration as a person says it: `0.8 s`, `3 min 20 s`, `2 h 5 min`."""
    seconds = max(0.0, span.total_seconds())
    minutes, hours = int(seconds // 60), int(seconds // 3600)
    if hours:
        return f"{hours} h {minutes % 60} min"
    if minutes:
        return f"{minutes} min {int(seconds % 60)} s"
    return f"{seconds:.1f} s"


def format_bytes(count: int) -> str:
    """A size as a person says it: `312 bytes`, `4.1 MB`, `2.0 GB`."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
