"""Remarks on a configuration that can be used as it is, but is surely not meant so.

They are said, and nothing is refused for them: names that only look like a setting, quotes, spans
that do not go together.
"""

import difflib
from collections.abc import Container, Iterable, Iterator, Mapping

from settings.values import Values, is_quoted

KNOWN_NAMES = frozenset(name.upper() for name in Values.model_fields)


# Prefect and other tools read many names of their own; only these two prefixes are ours alone.
_OWN_PREFIXES = ("AKENEO_", "SYNC_")
# High enough that DATABASE_URL is left alone, low enough for two swapped or one missing letter.
_SIMILARITY = 0.88

_LONG_DELIVERY = 1024 * 1024
"""Ten products with all their values may be this long."""


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


def list_remarks(values: Values, given: Mapping[str, str]) -> list[str]:
    """Return a line for each; `given` are the settings that were set, as they were written."""
    return [*_list_quoted(given), *_list_source_remarks(given), *_list_odd_spans(values)]


def _list_quoted(given: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(given):
        if is_quoted(given[name]):
            yield f"{name} begins and ends with a quote; if that is no part of it, leave it out"


def _list_source_remarks(given: Mapping[str, str]) -> Iterator[str]:
    """Secrets or a time zone without a PIM.

    That is no error: a receiver on a machine of its own needs the secrets and no credentials.
    """
    lonely = [name for name in ("AKENEO_WEBHOOK_SECRETS", "AKENEO_TIMEZONE") if name in given]
    if lonely and "AKENEO_BASE_URL" not in given:
        verb = "is" if len(lonely) == 1 else "are"
        yield (
            f"{' and '.join(lonely)} {verb} set, but AKENEO_BASE_URL is not: no PIM is configured; "
            "set it, with the connection's credentials, to mirror a PIM"
        )


def _list_odd_spans(values: Values) -> Iterator[str]:
    session = values.sync_max_session_seconds
    for name, seconds in (
        ("SYNC_LINGER_SECONDS", values.sync_linger_seconds),
        ("SYNC_PACE_SECONDS", values.sync_pace_seconds),
    ):
        if seconds > session:
            yield (
                f"{name} ({seconds:g}) is longer than SYNC_MAX_SESSION_SECONDS ({session:g}), "
                "which ends each drain before; raise the second, or lower the first"
            )
    lease, busy = values.sync_lease_seconds, values.sync_busy_timeout_seconds
    if lease <= busy:
        yield (
            f"SYNC_LEASE_SECONDS ({lease:g}) is not longer than SYNC_BUSY_TIMEOUT_SECONDS "
            f"({busy:g}): a drain that waits for the database is taken for dead; raise the first"
        )
    if values.sync_max_body_bytes < _LONG_DELIVERY:
        yield (
            f"SYNC_MAX_BODY_BYTES ({values.sync_max_body_bytes}) is less than ten large products "
            "take: their deliveries are refused; set it to 1048576 or more"
        )
