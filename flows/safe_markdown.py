"""Foreign text in markdown: a product's name is read by people, and obeyed by no browser."""

import re

from pim.texts import storable
from settings.visible import STEERING

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


def code(text: str | None) -> str:
    """A key or an id, in the type of code; nothing for none."""
    plain = _STEERING.sub(" ", storable(text or "")).replace("`", "'").replace("|", "¦").strip()
    return f"`{plain}`" if plain else ""
