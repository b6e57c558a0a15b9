"""Which names are settings, and which only look like one."""

import difflib
from collections.abc import Container, Iterable

from settings.values import Values

KNOWN_NAMES = frozenset(name.upper() for name in Values.model_fields)

# Prefect and other tools read many names of their own; only these two prefixes are ours alone.
_OWN_PREFIXES = ("AKENEO_", "SYNC_")
# High enough that DATABASE_URL is left alone, low enough for two swapped or one missing letter.
_SIMILARITY = 0.88


def suggest_names(names: Iterable[str], *, ours: Container[str] = ()) -> list[str]:
    """Return a line for each name that is no setting but close to one, in the names' order.

    `ours` are names that stand in our own `.env`: there, one that only begins as ours do is told.
    """
    lines = []
    for name in sorted(set(names) - KNOWN_NAMES):
        near = _nearest(name)
        if near is not None:
            lines.append(f"{name} is not a setting and is ignored; did you mean {near}?")
        elif name in ours and name.upper().startswith(_OWN_PREFIXES):
            lines.append(f"{name} is not a setting and is ignored; the README lists them all")
    return lines


def _nearest(name: str) -> str | None:
    own = [known for known in KNOWN_NAMES if known.startswith(_OWN_PREFIXES)]
    if name.upper() in own:
        return name.upper()
    cutoff = 0.75 if name.upper().startswith(_OWN_PREFIXES) else _SIMILARITY
    near = difflib.get_close_matches(name.upper(), sorted(own), n=1, cutoff=cutoff)
    return near[0] if near else None
